"""What holds every test's exchanges to the contract notices what is wrong with one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from memoryos._protocol.requests import Request
from memoryos._protocol.responses import HTTPResponse

from .wrapper import contract_answers as answers

pytest.importorskip("openapi_core", reason="openapi-core needs Python 3.10")

KEY = ("authorization", "Bearer mos_test_x")
JSON = ("content-type", "application/json")
VALIDATION = Path(__file__).resolve().parent / "exchange_validation.py"


@pytest.fixture
def problems_of(request):
    """The function under test, out of the plugin that is at work here."""
    plugins = request.config.pluginmanager.get_plugins()
    return next(plugin.problems_of for plugin in plugins if hasattr(plugin, "problems_of"))


def sent(method="GET", target="/memories", body=None, headers=(KEY, JSON)):
    """Make a request."""
    content = None if body is None else json.dumps(body).encode()
    return Request(method, "http://memory.test/v1", target, (), tuple(headers), content)


def answered(body, status=200, media_type="application/json"):
    """Make an answer."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HTTPResponse(status, {"content-type": media_type}, content)


MEMORY_ID = answers.memory()["id"]
PAGE = answered(answers.page([answers.memory()]))
MEMORY = answered(answers.example("Memory"))


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (sent(), PAGE),
        (sent(target="/memories?limit=100&tier=long&min_relevance=0.5"), PAGE),
        (sent("POST", body={"content": "a"}), MEMORY),
        (sent("POST", body={"content": "a"}), answered(answers.example("Memory"), 201)),
        (sent("DELETE", f"/memories/{MEMORY_ID}"), HTTPResponse(204, {}, b"")),
        (sent("GET", f"/memories/{MEMORY_ID}"), answered(answers.failure("NOT_FOUND"), 404)),
        (sent("POST", "/search", {"query": "a"}), answered(answers.example("SearchResponse"))),
        (sent("GET", "/memories"), None),
    ],
)
def test_what_the_contract_allows_passes(problems_of, request_, answer):
    """Requests and answers of every form."""
    assert problems_of(request_, answer) == []


@pytest.mark.parametrize(
    ("request_", "answer", "words"),
    [
        (sent(target="/memories?limit=101"), PAGE, "limit"),
        (sent(target="/memories?limit=ten"), PAGE, "limit"),
        (sent(target="/memories?tier=huge"), PAGE, "tier"),
        (sent(target="/memories?page=2"), PAGE, "no parameter page"),
        (sent(headers=()), PAGE, "Security"),
        (sent(target="/nowhere"), PAGE, "Path"),
        (sent("PUT", body={}), PAGE, "Operation"),
        (sent("POST", body={"content": ""}), MEMORY, "non-empty"),
        (sent("POST", body={"tier": "long"}), MEMORY, "'content' is a required property"),
        (sent("POST", body={"content": "a", "x": 1}), MEMORY, "'x' was unexpected"),
        (sent("POST", body={"content": "a"}, headers=(KEY,)), MEMORY, "mimetype"),
        (sent("POST", headers=(KEY, JSON, ("idempotency-key", "a b"))), MEMORY, "does not match"),
        (sent("GET", "/memories/none"), MEMORY, "uuid"),
        (sent(), answered({"data": []}), "'meta' is a required property"),
        (sent(), answered(answers.page([{"id": MEMORY_ID}])), "'tier' is a required property"),
        (sent(), answered(answers.page([answers.memory(tier="huge")])), "huge"),
        (sent(), answered({}, 418), "418"),
        (sent(), answered(b"<html>", media_type="text/html"), "mimetype"),
        (sent(), answered(b"{"), "deserialize"),
        (sent(), answered({"detail": "no"}, 401), "'error' is a required property"),
    ],
)
def test_what_it_does_not_allow_is_named(problems_of, request_, answer, words):
    """By the request, the status and what is wrong."""
    problems = problems_of(request_, answer)
    assert problems
    assert any(words in problem for problem in problems), problems
    assert all(problem.startswith(f"{request_.method} /") for problem in problems)


INNER_TESTS = """
import httpx, pytest
from memoryos import MemoryOS

def listing(body):
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=body))
    with MemoryOS("mos_test_x", http_client=httpx.Client(transport=transport)) as client:
        client.memories.list()

def test_wrong():
    listing({"data": [], "meta": {}})

@pytest.mark.off_contract(reason="on purpose")
def test_wrong_on_purpose():
    listing({"data": [], "meta": {}})
"""


def run_inner_tests(folder, tests):
    """Run pytest on tests of their own, with the same validation."""
    conftest = f"""
import importlib.util
spec = importlib.util.spec_from_file_location("exchange_validation", {str(VALIDATION)!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)

def pytest_configure(config):
    config.addinivalue_line("markers", "off_contract(reason): on purpose")
    config.pluginmanager.register(module)
"""
    (folder / "conftest.py").write_text(conftest)
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_inner.py").write_text(tests)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


def test_a_test_that_exchanges_nonsense_fails(tmp_path):
    """Although its own assertions hold; with the marker it passes, and both are counted."""
    outcome = run_inner_tests(tmp_path, INNER_TESTS)
    assert "exchanged against the contract" in outcome.stdout
    assert "'total' is a required property" in outcome.stdout
    assert "1 failed, 1 passed" in outcome.stdout
    assert "exchanges with a Memory OS: 1 validated, 1 off contract" in outcome.stdout


def test_opting_out_needs_a_reason(tmp_path):
    """A marker without one is an error."""
    outcome = run_inner_tests(tmp_path, INNER_TESTS.replace('(reason="on purpose")', ""))
    assert outcome.returncode != 0
    assert "off_contract needs a reason" in outcome.stdout + outcome.stderr
