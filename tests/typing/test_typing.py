"""What type checkers make of the SDK: right usage passes strictly, wrong usage is refused."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

USAGE = Path(__file__).parent / "usage.py"

# Each has one mistake, on its last line. What is refused by both is a call, and what is done with
# its answer; the asynchronous client's is awaited.
REFUSED_BY_BOTH = {
    "an_unknown_tier": 'memories.create("tea", tier="eternal")',
    "an_unknown_tier_in_a_filter": 'memories.list(tier="eternal")',
    "an_unknown_tier_in_an_update": 'memories.update("x", tier="LONG")',
    "a_tier_that_is_any_string": 'search("tea", tier=input())',
    "an_unknown_nature": 'memories.create("tea", memory_nature="wild")',
    "an_unknown_format": 'get_context("tea", format="xml")',
    "an_unknown_type_of_entity": 'entities.create("Ada", "machine")',
    "an_unknown_sort_of_tags": 'tags.list(sort="colour")',
    "missing_content": "memories.create()",
    "missing_query": "get_context()",
    "an_unknown_argument": 'memories.create("tea", colour="green")',
    "content_that_is_no_text": "memories.create(5)",
    "a_limit_that_is_no_number": 'memories.list(limit="5")',
    "a_misspelt_key_of_a_memory": 'memories.get("x") | ["contents"]',
    "a_key_of_the_envelope": 'memories.get("x") | ["data"]',
    "a_misspelt_key_of_a_page": 'memories.list() | ["memories"]',
    "a_misspelt_key_of_a_result": 'search("tea") | ["results"][0]["score"]',
    "a_memory_as_an_object": 'memories.get("x") | .content',
    "a_score_as_text": 'memories.get("x") | ["relevance_score"].upper()',
    "a_text_that_may_be_missing": 'memories.get("x") | ["expires_at"].upper()',
    "an_unknown_method": 'memories.remove("x")',
    "missing_content_of_a_raw_method": "with_raw_response.memories.create()",
    "an_unknown_tier_of_a_raw_method": 'with_raw_response.memories.create("tea", tier="eternal")',
    "an_unknown_argument_of_a_raw_method": 'with_raw_response.search("tea", colour="green")',
    "a_raw_response_as_a_dict": 'with_raw_response.memories.get("x") | ["content"]',
    "a_misspelt_field_of_a_model": 'with_raw_response.memories.get("x") | .parsed.contents',
    "an_idempotency_key_by_position": (
        'memories.create("a", "long", "fact", None, None, None, None, None, 0.5, "key")'
    ),
}
REFUSED_BY_ONE = {
    "the_key_as_a_number": "MemoryOS(5)",
    "the_key_as_a_number_async": "AsyncMemoryOS(5)",
    "a_deadline_by_position": 'MemoryOS("k", "https://host", 30, 3, None, 10)',
    "a_deadline_by_position_async": 'AsyncMemoryOS("k", "https://host", 30, 3, None, 10)',
    "an_async_http_client": 'MemoryOS("k", http_client=httpx.AsyncClient())',
    "a_sync_http_client_async": 'AsyncMemoryOS("k", http_client=httpx.Client())',
    "an_address_that_is_changed": 'client.base_url = "https://other"',
    "an_awaited_sync_call": 'async def call() -> None: await client.memories.get("x")',
    "an_async_call_without_await": 'other.memories.get("x")["content"]',
    "an_async_client_in_with": "with other: pass",
    "a_sync_client_in_async_with": "async def call() -> None:\n    async with client: pass",
    "a_name_that_is_not_exported": "memoryos.Client",
    "a_name_that_the_testing_kit_has_not": "from memoryos.testing import MemoryServr",
    "a_status_in_place_of_a_fault": "memoryos.testing.MemoryServer().fail_next(429)",
    "a_step_of_the_clock_by_position": "memoryos.testing.Clock().advance(5)",
}


def written_for_both():
    """Return the mistakes that both clients' types refuse as lines, by name."""
    lines = {}
    for name, line in REFUSED_BY_BOTH.items():
        call, _, use = line.partition(" | ")
        lines[name] = f"client.{call}{use}"
        lines[f"{name}_async"] = f"async def call() -> None:\n    (await other.{call}){use}"
    return lines


REFUSED = {**written_for_both(), **REFUSED_BY_ONE}

PREAMBLE = """\
import httpx
import memoryos
import memoryos.testing
from memoryos import AsyncMemoryOS, MemoryOS
client = MemoryOS("mos_test_x")
other = AsyncMemoryOS("mos_test_x")
"""


CHECKERS = ["mypy", "pyright"]


@pytest.fixture(scope="session")
def complaints(tmp_path_factory):
    """What each checker says of each file, as `{file: {line, …}}`; it runs once over all."""
    folder = tmp_path_factory.mktemp("typing")
    files = [folder / f"{name}.py" for name in REFUSED]
    for file, line in zip(files, REFUSED.values()):
        file.write_text(f"{PREAMBLE}{line}\n", encoding="utf-8")
    (folder / "usage.py").write_text(USAGE.read_text(encoding="utf-8"), encoding="utf-8")
    known = {}

    def of(checker):
        if importlib.util.find_spec(checker) is None:
            pytest.skip(f"{checker} is not installed")
        if checker not in known:
            known[checker] = {"mypy": mypy, "pyright": pyright}[checker](folder)
        return known[checker]

    return of


def mypy(folder):
    """Return the lines that mypy complains of, by file, with its messages."""
    command = ["mypy", "--strict", "--config-file=", "--no-error-summary", "--no-pretty"]
    command += ["--hide-error-context", "--cache-dir", str(folder / "cache"), str(folder)]
    lines = _output(command, folder, (0, 1)).splitlines()
    parsed = [re.match(r"(.+?):(\d+): error: (.*)", line) for line in lines]
    return _by_file((Path(m[1]).stem, int(m[2]), m[3]) for m in parsed if m)


def pyright(folder):
    """Return the lines that pyright complains of, by file, with its messages."""
    settings = {"typeCheckingMode": "strict", "reportUnusedExpression": False}
    settings["reportUnusedImport"] = False  # of the preamble, in files that need half of it
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = ["pyright", "--outputjson", "--pythonpath", sys.executable]
    report = json.loads(_output(command, folder, (0, 1)))
    assert report["summary"]["filesAnalyzed"] == len(REFUSED) + 1
    return _by_file(
        (Path(said["file"]).stem, said["range"]["start"]["line"] + 1, said["message"])
        for said in report["generalDiagnostics"]
        if said["severity"] == "error"
    )


def _output(command, folder, expected):
    """Run a checker as a program, in the folder; no settings of this project reach it."""
    outcome = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={
            **os.environ,
            "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1",
            "PYRIGHT_PYTHON_USE_BUNDLED_PYRIGHT": "1",
        },
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    assert outcome.returncode in expected, outcome.stdout + outcome.stderr
    return outcome.stdout


def _by_file(said):
    found = {}
    for file, line, message in said:
        found.setdefault(file, {}).setdefault(line, []).append(message)
    return found


@pytest.mark.parametrize("checker", CHECKERS)
def test_typed_usage_is_accepted_strictly(complaints, checker):
    """Both clients, the documented functions, the types of what goes in and comes out."""
    assert complaints(checker).get("usage", {}) == {}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("checker", CHECKERS)
def test_wrong_usage_is_refused(complaints, checker, name):
    """The mistake is found where it is, and nothing else is complained of."""
    found = complaints(checker).get(name, {})
    assert set(found) == {f"{PREAMBLE}{REFUSED[name]}".count("\n") + 1}, found
