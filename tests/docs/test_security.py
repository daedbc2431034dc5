"""SECURITY.md keeps its word: the tests that it names exist, and the limits are the server's."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from memoryos_server.commands.serve_options import ServeOptions
from memoryos_server.http import request_limits
from memoryos_server.http.strict_json import MAX_JSON_DEPTH

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
SCHEMAS = json.loads(
    files("memoryos_server.contract").joinpath("contract.json").read_text(encoding="utf-8")
)["components"]["schemas"]
NAME = SCHEMAS["EntityCreate"]["properties"]["name"]
ALIASES = SCHEMAS["EntityCreate"]["properties"]["aliases"]
LIMITS = {
    "body of a request": (request_limits.MAX_BODY_BYTES, "bytes"),
    "time for a body to arrive": (int(request_limits.BODY_TIMEOUT_SECONDS), "seconds"),
    "requests under way": (request_limits.MAX_CONCURRENT_REQUESTS, ""),
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
    """Each row of the tables of promises: what is promised, and the files that show it."""
    for line in TEXT.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 2 and "`tests/" in cells[1]:
            yield cells[0], re.findall(r"`(tests/[^`]+)`", cells[1])


@pytest.mark.parametrize(("promise", "files"), list(promises()))
def test_every_promise_is_shown_by_tests_that_exist(promise, files):
    """Each file is there and has tests in it."""
    for name in files:
        assert re.search(r"^(async )?def test_", (ROOT / name).read_text("utf-8"), re.MULTILINE)


def test_no_promise_is_without_a_test():
    """A table of promises has a file in each row."""
    tables = TEXT.partition("### Limits")[0]
    claims = [line for line in tables.splitlines() if line.startswith("| ") and "---" not in line]
    headings = [line for line in claims if line == "| promise | shown by |"]
    assert len(claims) - len(headings) == len(list(promises()))
    assert len(headings) > 3


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
    """In `serve` or in `backup`."""
    sources = (
        "server/memoryos_server/commands/serve_options.py",
        "server/memoryos_server/commands/backup.py",
    )
    assert any(f'"{option}"' in (ROOT / source).read_text("utf-8") for source in sources)
