"""Which releases of each framework the integrations are tested with, and where that is told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NEWEST, OLDEST = "newest", "oldest"
_MATRIX = re.compile(r"(?<=<!-- versions -->\n).*?(?=<!-- /versions -->)", re.DOTALL)
_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(?:\[[^]]*\])?>=(?P<bound>[\w.]+)")


class Integration(NamedTuple):
    """An integration: its tests are in tests/integrations/NAME."""

    name: str
    title: str
    package: str
    """The distribution whose version is told."""
    modules: tuple[str, ...]
    """The modules of `memoryos.integrations`, whose types are checked."""
    extras: tuple[str, ...]
    tools: tuple[str, ...] = ()
    """Test tools of the framework."""


INTEGRATIONS = (
    Integration("claude", "Claude's memory tool", "anthropic", ("claude",), ("anthropic",)),
    Integration("google_adk", "Google ADK", "google-adk", ("google_adk",), ("google-adk",)),
    Integration(
        "langgraph",
        "LangGraph and LangChain",
        "langgraph",
        ("langchain", "langgraph"),
        ("langchain", "langgraph"),
        ("langchain-tests",),
    ),
    Integration(
        "openai_agents", "OpenAI Agents", "openai-agents", ("openai_agents",), ("openai-agents",)
    ),
    Integration(
        "pydantic_ai", "Pydantic AI", "pydantic-ai-slim", ("pydantic_ai",), ("pydantic-ai",)
    ),
    Integration("strands", "Strands", "strands-agents", ("strands",), ("strands",)),
)


def chosen(names: Sequence[str]) -> list[Integration]:
    """Return the named integrations, or all of them.

    Raises:
        ValueError: There is no such integration.
    """
    wanted = {name.replace("-", "_") for name in names}
    unknown = wanted - {integration.name for integration in INTEGRATIONS}
    if unknown:
        known = ", ".join(integration.name for integration in INTEGRATIONS)
        raise ValueError(f"no such integration: {', '.join(sorted(unknown))} (there are {known})")
    return [each for each in INTEGRATIONS if not wanted or each.name in wanted]


def oldest_releases(extras: Sequence[str], of_project: Mapping[str, list[str]]) -> list[str]:
    """Return requirements that pin what the extras need to the oldest release that they allow.

    Args:
        extras: Names of extras.
        of_project: The extras of pyproject.toml, with their requirements.

    Raises:
        ValueError: There is no such extra, or a requirement has no lower bound.
    """
    unknown = set(extras) - of_project.keys()
    if unknown:
        raise ValueError(f"pyproject.toml has no extra {', '.join(sorted(unknown))}")
    pins = []
    for requirement in (each for extra in extras for each in of_project[extra]):
        match = _REQUIREMENT.match(requirement)
        if match is None:
            raise ValueError(f"{requirement!r} must begin with a name and >=, the oldest release")
        pins.append(f"{match['name']}=={match['bound']}")
    return pins


def version_of(package: str, resolved: str) -> str:
    """Return the version of a package among pinned requirements, one a line."""
    match = re.search(rf"^{re.escape(package)}(?:\[[^]]*\])?==(\S+)", resolved, re.MULTILINE)
    return match[1] if match else "missing"


def matrix(tested: Mapping[tuple[str, str], tuple[str, str]]) -> str:
    """Return the table of versions for the documentation.

    Args:
        tested: The version and the Python, by the name of the integration and OLDEST or NEWEST.
    """
    lines = ["| framework | oldest release | newest release |", "| --- | --- | --- |"]
    for each in INTEGRATIONS:
        cells = ["{} (Python {})".format(*tested[each.name, which]) for which in (OLDEST, NEWEST)]
        lines.append(f"| {each.title} (`{each.package}`) | {' | '.join(cells)} |")
    return "".join(f"{line}\n" for line in lines)


def with_matrix(page: str, table: str) -> str:
    """Return a page whose table of versions is this one.

    Raises:
        ValueError: The page has no place for it.
    """
    page, places = _MATRIX.subn(lambda _: f"\n{table}\n", page)
    if places != 1:
        raise ValueError("the page needs one line <!-- versions --> and one <!-- /versions -->")
    return page
