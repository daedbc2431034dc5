"""Holds every exchange of the SDK, in every test, to the contract.

Each request that a client of ours sends, and each answer that it gets, goes through openapi-core:
over respx, in-process and over HTTP alike, at the one place where all of them pass. A test that
exchanges something else on purpose says so: `@pytest.mark.off_contract(reason="…")`.
"""

from __future__ import annotations

import importlib.util
import json
import pkgutil
import sys
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from memoryos._async.transport import AsyncTransport
from memoryos._protocol.retries import Failure
from memoryos._sync.transport import Transport

ORIGIN = "http://contract.invalid"
TESTS = Path(__file__).resolve().parent
OFF_CONTRACT_FOLDERS = {"faults": "the network breaks requests and answers on purpose"}
PROBLEMS = pytest.StashKey()
COUNT = pytest.StashKey()


def why_not():
    """Say why nothing can be validated here; an empty text where it can."""
    if sys.version_info < (3, 10):
        return "openapi-core needs Python 3.10"
    if importlib.util.find_spec("openapi_core") is None:
        return "openapi-core is not installed"
    return ""


def pytest_report_header():
    """Say once where exchanges are not validated, and why."""
    return [f"exchanges are not validated against the contract: {why_not()}"] if why_not() else []


def pytest_configure(config):
    """Begin to count."""
    config.stash[COUNT] = {"validated": 0, "off contract": 0}


def pytest_collection_modifyitems(items):
    """Let whole folders opt out, and refuse a test that opts out without a reason."""
    for item in items:
        for folder, reason in OFF_CONTRACT_FOLDERS.items():
            if TESTS / folder in item.path.parents:
                item.add_marker(pytest.mark.off_contract(reason=reason))
        for marker in item.iter_markers("off_contract"):
            if marker.args or set(marker.kwargs) != {"reason"} or not marker.kwargs["reason"]:
                raise pytest.UsageError(f"{item.nodeid}: off_contract needs a reason=…")


def pytest_sessionfinish(session):
    """Tell the counts to the process that started this one, where tests run in several."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["exchanges"] = session.config.stash[COUNT]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """Add up what one of several processes has counted."""
    for name, count in getattr(node, "workeroutput", {}).get("exchanges", {}).items():
        node.config.stash[COUNT][name] += count


def pytest_terminal_summary(terminalreporter, config):
    """Say how many exchanges were validated."""
    if not why_not():
        counts = ", ".join(f"{count} {name}" for name, count in config.stash[COUNT].items())
        terminalreporter.write_line(f"exchanges with a Memory OS: {counts}")


@pytest.fixture(autouse=True)
def exchanges_keep_to_the_contract(request, monkeypatch):
    """Validate what the clients of this test exchange, unless the test opts out."""
    off_contract = request.node.get_closest_marker("off_contract") is not None
    if why_not():
        return
    watch = Watch(request.node.stash, request.config.stash[COUNT], judge=not off_contract)
    monkeypatch.setattr(Transport, "send", watch.around(Transport.send))
    monkeypatch.setattr(AsyncTransport, "send", watch.around_async(AsyncTransport.send))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    """Fail a test whose clients exchanged what the contract does not allow."""
    item.stash[PROBLEMS] = []
    outcome = yield
    problems = item.stash[PROBLEMS]
    if problems and outcome.excinfo is None:
        listed = "\n".join(dict.fromkeys(problems))
        outcome.force_exception(AssertionError(f"exchanged against the contract:\n{listed}"))


class Watch:
    """Looks at what goes through a transport."""

    def __init__(self, stash, counts, *, judge):
        self._stash = stash
        self._counts = counts
        self._judge = judge

    def around(self, send):
        """Return a `send` that is watched."""

        def watched(transport, request, timeout):
            outcome = send(transport, request, timeout)
            self._see(request, outcome)
            return outcome

        return watched

    def around_async(self, send):
        """Return an asynchronous `send` that is watched."""

        async def watched(transport, request, timeout):
            outcome = await send(transport, request, timeout)
            self._see(request, outcome)
            return outcome

        return watched

    def _see(self, request, outcome):
        self._counts["validated" if self._judge else "off contract"] += 1
        if self._judge:
            found = problems_of(request, None if isinstance(outcome, Failure) else outcome)
            self._stash.setdefault(PROBLEMS, []).extend(found)


def problems_of(request, answer):
    """Return what is wrong with a request and its answer, None where there was none."""
    wire_request = WireRequest(request)
    line = f"{request.method} {request.target[:120]}"
    found = [f"{line}: {problem}" for problem in _undeclared(wire_request)]
    found += _errors(line, lambda: _openapi().validate_request(wire_request))
    if answer is not None:
        line += f" -> {answer.status}"
        wire_answer = WireAnswer(answer)
        found += _errors(line, lambda: _openapi().validate_response(wire_request, wire_answer))
    return found


class WireRequest:
    """A request as openapi-core reads it; the address is the contract's, not the test's."""

    def __init__(self, request):
        from openapi_core.datatypes import RequestParameters
        from werkzeug.datastructures import Headers, ImmutableMultiDict

        self.host_url = ORIGIN
        self.path, _, query = request.target.partition("?")
        self.method = request.method.lower()
        self.body = request.content or b""
        headers = {name.lower(): value for name, value in request.headers}
        self.content_type = headers.get("content-type", "")
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(parse_qsl(query, keep_blank_values=True)),
            header=Headers(request.headers),
        )


class WireAnswer:
    """An answer as openapi-core reads it."""

    def __init__(self, answer):
        from werkzeug.datastructures import Headers

        # The contract has clients treat 422 as 400, and documents it nowhere else.
        self.status_code = 400 if answer.status == 422 else answer.status
        self.headers = Headers(dict(answer.headers))
        self.content_type = answer.headers.get("content-type", "")
        self.data = answer.content


@lru_cache(maxsize=1)
def _openapi():
    from openapi_core import OpenAPI

    return OpenAPI.from_dict({**_document(), "servers": [{"url": ORIGIN}]})


@lru_cache(maxsize=1)
def _document():
    return json.loads(pkgutil.get_data("memoryos_api", "contract.json"))


def _undeclared(request):
    """Return what is wrong with the names in a query: openapi-core ignores unknown ones."""
    declared = _declared_names(request.method, "/memories/{}" if _has_id(request) else request.path)
    return [f"no parameter {name}" for name in request.parameters.query if name not in declared]


def _has_id(request):
    return request.path.startswith("/memories/")


@lru_cache(maxsize=None)
def _declared_names(method, path):
    for template, item in _document()["paths"].items():
        if template.replace("{memory_id}", "{}") == path:
            return {_resolved(each)["name"] for each in item.get(method, {}).get("parameters", ())}
    return set()


def _resolved(node):
    name = node.get("$ref", "").rpartition("/")[2]
    return _document()["components"]["parameters"][name] if name else node


def _errors(line, validate):
    from openapi_core.exceptions import OpenAPIError

    try:
        validate()
    except OpenAPIError as error:
        causes = getattr(error.__cause__, "schema_errors", None) or [error.__cause__ or error]
        return [f"{line}: {str(cause).splitlines()[0]}" for cause in causes]
    return []
