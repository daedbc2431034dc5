"""Tests each integration with the newest and the oldest release of its framework.

usage: python tools/test_integrations.py [NAME …] [--write]     (no name: all integrations)

Each gets an environment of its own in .venv/integrations, made by uv, and made anew when a release
that it resolves to has changed. --write puts the versions into docs/integrations/index.md.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import integration_versions as versions
from find_pythons import find_pythons

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = Path(sys.prefix) / "integrations"
PAGE = ROOT / "docs" / "integrations" / "index.md"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
UV = (str(Path(sys.executable).with_name("uv")), "--quiet")
TEST_TOOLS = ("hypothesis", "pytest")
AT_ONCE = 2

# What a test must not find: it would lead Python out of the environment, or a framework to a real
# service, of models or of traces.
LEFT_OUT = re.compile(
    "PYTHONPATH|PYTHONHOME|VIRTUAL_ENV|MEMORY_OS_API_KEY|MEMORY_OS_BASE_URL"
    "|(ANTHROPIC|AWS|GEMINI|GOOGLE|LANGCHAIN|LANGSMITH|LOGFIRE|OPENAI|OTEL)_.*"
)


class Outcome(NamedTuple):
    """What became of one integration with one release."""

    name: str
    which: str
    version: str
    python: str
    summary: str
    output: str
    """Everything that was printed, if it failed."""


class StepError(Exception):
    """A program failed; the message is what it printed."""


def main(arguments: Sequence[str]) -> int:
    """Test the named integrations, or all of them."""
    try:
        integrations = versions.chosen([name for name in arguments if name != "--write"])
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if "--write" in arguments and len(integrations) < len(versions.INTEGRATIONS):
        print("--write writes the versions of all integrations: name none", file=sys.stderr)
        return 2
    jobs = [(each, which) for each in integrations for which in (versions.NEWEST, versions.OLDEST)]
    outcomes: list[Outcome] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for outcome in pool.map(lambda job: tested(*job), jobs):
            outcomes.append(outcome)
            release = f"{outcome.name} {outcome.version} ({outcome.which}, Python {outcome.python})"
            print(f"{release}: {outcome.summary}", flush=True)
    failed = [outcome for outcome in outcomes if outcome.output]
    for outcome in failed:
        print(f"\n== {outcome.name} {outcome.version} ({outcome.which})\n{outcome.output}")
    if "--write" in arguments and not failed:
        write_page(outcomes)
    print(f"{len(outcomes) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


def tested(integration: versions.Integration, which: str) -> Outcome:
    """Test an integration with the newest or the oldest release of its framework."""
    started = time.monotonic()
    python, path = interpreter(which)
    version, output, summary = "?", "", "FAILED"
    try:
        resolved = resolve(integration, which, python)
        version = versions.version_of(integration.package, resolved)
        program = made(f"{integration.name}-{which}", resolved, path)
        printed = run(program, "-m", "pytest", *PYTEST, *tests_of(integration))
        summary = re.sub(r" in [\d.]+s.*", "", printed.strip().rsplit("\n", 1)[-1])
        if which == versions.NEWEST:
            run(sys.executable, *mypy(integration, program))
    except (StepError, ValueError) as error:
        output, summary = str(error), "FAILED"
    summary = f"{summary} ({time.monotonic() - started:.0f} s)"
    return Outcome(integration.name, which, version, python, summary, output)


# Frameworks warn about Pythons and packages that are newer than they are.
PYTEST = ("-q", "-p", "no:cacheprovider", "-W", "default", "--tb=short")


def tests_of(integration: versions.Integration) -> tuple[str, ...]:
    """Return the arguments that choose the tests of an integration, its page and its example."""
    name = integration.name
    return f"tests/integrations/{name}", "tests/integrations/test_pages.py", "-k", name


def mypy(integration: versions.Integration, program: str) -> list[str]:
    """Return the arguments that check the types of an integration, with its framework's own."""
    folder = Path(program).parent.parent
    options = ("--strict", f"--python-executable={program}", f"--cache-dir={folder / 'mypy'}")
    modules = (f"wrapper/memoryos/integrations/{module}.py" for module in integration.modules)
    return ["-m", "mypy", *options, *modules]


def interpreter(which: str) -> tuple[str, str]:
    """Return the version and the path of the Python to test with.

    The newest releases run on the newest Python that the project supports and this machine has, the
    oldest ones on that of .venv.
    """
    own = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if which == versions.OLDEST:
        return own, sys.executable
    supported = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    found = {version: path for version, path in find_pythons().items() if version in supported}
    return list(found.items())[-1] if found else (own, sys.executable)


def resolve(integration: versions.Integration, which: str, python: str) -> str:
    """Return the requirements of an environment, all pinned, one a line."""
    extras = ",".join(("local", *integration.extras))
    wanted = [f"-e {ROOT}[{extras}]", *pins(), *integration.tools]
    if which == versions.OLDEST:
        extras_of_project = PROJECT["optional-dependencies"]
        wanted += versions.oldest_releases(integration.extras, extras_of_project)
    options = ("--no-header", "--no-annotate", "--python-version", python)
    return run(*UV, "pip", "compile", "-", *options, given="\n".join(wanted))


def pins() -> list[str]:
    """Return the pinned test tools."""
    lines = (ROOT / "requirements" / "test.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.partition("==")[0] in TEST_TOOLS]


def made(name: str, resolved: str, python: str) -> str:
    """Return the Python of an environment with these requirements; make it if it isn't there."""
    folder = ENVIRONMENTS / name
    stamp, program = folder / ".made", folder / "bin" / "python"
    inputs = f"{resolved}\n{python}\n{ROOT / 'pyproject.toml'}\n{PROJECT}"
    key = hashlib.sha256(inputs.encode()).hexdigest()
    if not (stamp.is_file() and stamp.read_text() == key):
        shutil.rmtree(folder, ignore_errors=True)
        run(*UV, "venv", "--python", python, str(folder))
        run(*UV, "pip", "install", "--python", str(program), "-r", "-", given=resolved)
        stamp.write_text(key)
    return str(program)


def run(*command: str, given: str = "") -> str:
    """Run a program in the project's folder, and return what it printed.

    Raises:
        StepError: It failed.
    """
    environment = {
        name: value for name, value in os.environ.items() if not LEFT_OUT.fullmatch(name)
    }
    done = subprocess.run(
        command,
        input=given,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StepError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def write_page(outcomes: Sequence[Outcome]) -> None:
    """Put the versions into the documentation."""
    table = versions.matrix({(each.name, each.which): each[2:4] for each in outcomes})
    page = versions.with_matrix(PAGE.read_text(encoding="utf-8"), table)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
