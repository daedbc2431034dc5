"""The tests of each framework's integration run where that framework is installed.

`make test-integrations` makes those environments, and fails where a framework is missing there.
"""

from __future__ import annotations

from importlib.util import find_spec

PACKAGES = {
    "claude": "anthropic",
    "google_adk": "google.adk",
    "langgraph": "langgraph",
    "openai_agents": "agents",
    "pydantic_ai": "pydantic_ai",
    "strands": "strands",
}


def _is_installed(package):
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False


collect_ignore = [folder for folder, package in PACKAGES.items() if not _is_installed(package)]
