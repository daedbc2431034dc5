"""Tests on every Python, each in an environment of its own under .nox/ (`make test-all`).

A session is named after its Python: `3.8` has the newest dependencies that pyproject.toml allows,
`3.8-lowest` the oldest. `oldest` and `newest` run the session of the oldest and of the newest
Python on this machine. Words after `--` are passed to pytest.

Below 3.10, tests/conftest.py leaves out what needs the local Memory OS; pytest's header lists it.
What hardly depends on the Python is left to `make test`: ONCE lists it.

`mcp` runs the tests of the MCP server on the other supported generations of the official SDK.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent
sys.path.append(str(ROOT / "tools"))

from find_pythons import find_pythons  # noqa: E402

FOUND = find_pythons()
SUPPORTED = nox.project.python_versions(nox.project.load_toml(ROOT / "pyproject.toml"))
# The base package on its oldest Python, the server on its own.
LOWEST = ("3.8", "3.10")
# The documentation, the examples, the measurements, the project's own tools, type checks, the
# programs that check a server against the contract, comparisons of stores, and long tests of
# databases and of load.
ONCE = (
    "tests/docs",
    "tests/examples",
    "tests/benchmarks",
    "tests/parity",
    "tests/retrieval",
    "tests/tools",
    "tests/typing",
    "tests/wrapper/contract_testing",
    "tests/faults/test_exactly_once.py",
    "tests/faults/test_exactly_once_on_postgres.py",
    "tests/faults/test_storms.py",
    "tests/server/processes",
    "tests/server/stores/postgres",
    "tests/server/stores/test_differential.py",
)

# The oldest and the newest 1.x and the oldest 2.x; `make test` has the newest 2.x. Of the
# dependencies of 1.19, a newer pydantic lacks a private name that it imports.
MCP_VERSIONS = {"1.19.0": ["pydantic<2.14"], "1.30.0": [], "2.0.0": []}
MCP_TEST_TOOLS = ("pytest", "pytest-xdist", "respx", "openapi-core", "trustme", "sybil")

nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"
nox.options.reuse_venv = "yes"


def tests(session: nox.Session) -> None:
    """Install the project with the test tools, and run the tests."""
    # Only the direct dependencies are the lowest; their own are the newest.
    resolution = "lowest-direct" if session.name.endswith("-lowest") else "highest"
    what = ("--editable", ".[local]", "--requirement", "requirements/test.txt")
    session.install("--upgrade", "--resolution", resolution, *what)
    left_out = [f"--ignore={path}" for path in ONCE]
    options = ("-p", "no:cacheprovider", "--numprocesses=auto")
    session.run("pytest", *options, *left_out, *session.posargs)


for version in [*SUPPORTED, *(version for version in FOUND if version not in SUPPORTED)]:
    nox.session(python=FOUND.get(version, version), name=version)(tests)
for version in LOWEST:
    nox.session(python=FOUND.get(version, version), name=f"{version}-lowest")(tests)


@nox.session(default=False)
@nox.parametrize("version", list(MCP_VERSIONS), ids=list(MCP_VERSIONS))
def mcp(session: nox.Session, version: str) -> None:
    """Run the tests of the MCP server on a version of the official SDK of MCP."""
    session.install("--editable", ".[local]", f"mcp=={version}", *MCP_VERSIONS[version], *pins())
    options = ("-p", "no:cacheprovider", "--numprocesses=auto")
    # What it counts doesn't depend on the SDK.
    left_out = "--ignore=tests/wrapper/mcp/test_context_budget.py"
    session.run("pytest", *options, left_out, "tests/wrapper/mcp", *session.posargs)


def pins() -> list[str]:
    """Return the pinned versions of MCP_TEST_TOOLS."""
    folder = ROOT / "requirements"
    lines = [
        line
        for name in ("test.txt", "docs.txt")
        for line in (folder / name).read_text().splitlines()
    ]
    return [line for line in lines if line.partition("==")[0] in MCP_TEST_TOOLS]


@nox.session(venv_backend="none", default=False)
def oldest(session: nox.Session) -> None:
    """Run the tests on the oldest Python found."""
    session.notify(next(iter(FOUND)))


@nox.session(venv_backend="none", default=False)
def newest(session: nox.Session) -> None:
    """Run the tests on the newest Python found."""
    session.notify(list(FOUND)[-1])
