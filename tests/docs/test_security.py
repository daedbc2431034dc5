"""SECURITY.md keeps its word: pytest collects the tests that it names; the limits are kept."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from memoryos._cli.main import full_parser
from memoryos_server.commands.serve_options import ServeOptions
from memoryos_server.contract.strict_json import MAX_JSON_DEPTH
from memoryos_server.http import request_limits

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
HEADINGS = {"shown by", "---"}
TESTS = re.compile(r"`tests/[\w/]+\.py::test_\w+`(, `tests/[\w/]+\.py::test_\w+`)*")
SCHEMAS = json.loads(
    files("memoryos_server.contract").joinpath("contract.json").read_text(encoding="utf-8")
)["components"]["schemas"]
NAME = SCHEMAS["EntityCreate"]["properties"]["name"]
ALIASES = SCHEMAS["EntityCreate"]["properties"]["aliases"]
LIMITS = {
    "body of a request": (request_limits.MAX_BODY_BYTES, "bytes"),
    "time for a body to arrive": (int(request_limits.BODY_TIMEOUT_SECONDS), "seconds"),
    "time for the headers to arrive, on a new connection too": (
        int(request_limits.HEAD_TIMEOUT_SECONDS),
        "seconds",
    ),
    "time on an idle connection after a response": (request_limits.KEEP_ALIVE_SECONDS, "seconds"),
    "connections; fewer if the limit on open files is lower": (request_limits.MAX_CONNECTIONS, ""),
    "request line and headers": (request_limits.MAX_HEAD_BYTES, "bytes"),
    "path": (request_limits.MAX_PATH_BYTES, "bytes"),
    "requests under way, and bodies that arrive for one owner": (
        request_limits.MAX_CONCURRENT_REQUESTS,
        "",
    ),
    "query string": (request_limits.MAX_QUERY_STRING_BYTES, "bytes"),
    "`query` of a search or a context": (
        SCHEMAS["SearchRequest"]["properties"]["query"]["maxLength"],
        "characters",
    ),
    "`metadata`, as compact JSON": (request_limits.MAX_METADATA_BYTES, "bytes"),
    "a name: of an entity, alias, tag, source, external reference": (
        NAME["maxLength"],
        "characters",
    ),
    "aliases of an entity; tags or entities of a memory or a search": (ALIASES["maxItems"], ""),
    "nesting of JSON": (MAX_JSON_DEPTH, "levels"),
}


def rows(heading):
    """The rows of the table under a heading."""
    section = TEXT.partition(f"### {heading}\n")[2].partition("\n#")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if "|" in line]
    return {line[0].strip(): line[1].strip() for line in lines[2:]}


def promises():
    """Each row of the tables of promises: what is promised, and what shows it."""
    tables = TEXT.partition("### Limits")[0].splitlines()
    rows = [line.strip("|").split(" | ") for line in tables if line.startswith("| ")]
    return [(row[0].strip(), row[-1].strip()) for row in rows if row[-1].strip() not in HEADINGS]


def test_every_promise_names_its_tests():
    """By their node ids: a file alone may lose the test that shows the promise."""
    unproven = [promise for promise, proof in promises() if not TESTS.fullmatch(proof)]
    assert unproven == []
    assert len(promises()) > 30


def test_the_tests_that_are_named_are_collected():
    """Pytest finds each of them, as a test that it would run."""
    named = sorted({test for _, proof in promises() for test in re.findall(r"`(.+?)`", proof)})
    command = ["-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *named]
    collected = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert collected.returncode == 0, collected.stdout + collected.stderr
    found = {line.partition("[")[0] for line in collected.stdout.splitlines() if "::" in line}
    assert found == set(named)


def test_the_limits_are_those_that_the_server_keeps():
    """Number by number; what has no limit says so."""
    told = rows("Limits")
    assert told.pop("requests of one key") == "no limit"
    assert ServeOptions().rate_limit is None
    assert told == {what: f"{n:,} {unit}".strip() for what, (n, unit) in LIMITS.items()}
    # Three limits are the contract's, and the depth of JSON is the parser's.
    assert len(LIMITS) == len(request_limits.__all__) + 4


@pytest.mark.parametrize("option", sorted(set(re.findall(r"`(--[a-z-]+)", TEXT))))
def test_every_option_that_is_named_exists(option):
    """In `serve` or in `backup`, as their parsers know them."""
    commands = next(
        action.choices
        for action in full_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    known = {
        name for command in ("serve", "backup") for name in commands[command]._option_string_actions
    }
    assert option in known
