"""Options for some calls, answers with everything around them, and lines in the log."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging

import httpx
import pytest

from memoryos import APIConnectionError, MemoryOSError, ValidationError
from memoryos._protocol import observers
from memoryos._protocol.logging_setup import configure

from ...operation_calls import assert_calls_every_operation
from .. import contract_answers as answers
from ..test_lifecycle import CALLS

pytestmark = pytest.mark.anyio
ID = "7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11"
MEMORY = answers.success(answers.memory(id=ID, content="secret words"))
PAGE = answers.page([MEMORY["data"]])
METHODS = {"create", "list", "get", "update", "delete", "search", "get_context"}
UNAVAILABLE = {"status_code": 503, "json": answers.failure("HTTP_503")}


async def test_a_raw_response_tells_everything_around_the_answer(api):
    """Status, headers, request id, attempts, time, the dict, and the generated model."""
    api.router.get(f"/memories/{ID}").mock(
        side_effect=[
            httpx.Response(**UNAVAILABLE),
            httpx.Response(200, json=MEMORY, headers={"x-a": "b"}),
        ]
    )
    client = api.client()
    raw = await api.done(client.with_raw_response.memories.get(ID))
    assert (raw.status, raw.headers["x-a"], raw.request_id, raw.attempts) == (200, "b", "req_1", 2)
    assert raw.data == MEMORY["data"]
    assert raw.elapsed >= 0
    assert (str(raw.parsed.id), raw.parsed.content) == (ID, "secret words")
    assert "secret words" not in repr(raw)


async def test_the_raw_response_of_a_list_has_the_page_as_a_model(api):
    """With its meta."""
    api.router.get("/memories").respond(json=PAGE)
    raw = await api.done(api.client().with_raw_response.memories.list())
    assert raw.parsed.meta.total == 1
    assert raw.parsed.data[0].content == "secret words"


async def test_every_method_has_a_raw_twin(api):
    """With the same arguments."""
    client = api.client()
    for owner, raw in (
        (client, client.with_raw_response),
        (client.memories, client.with_raw_response.memories),
        (client.tags, client.with_raw_response.tags),
        (client.entities, client.with_raw_response.entities),
    ):
        methods = METHODS & set(dir(owner))
        assert methods
        assert METHODS & set(dir(raw)) == methods
        for name in methods:
            parameters = inspect.signature(getattr(owner, name)).parameters
            assert list(inspect.signature(getattr(raw, name)).parameters) == list(parameters)


def test_every_operation_has_a_raw_response():
    """The raw method of each carries out the same operation."""
    calls = {
        name: lambda client, call=call: call(client.with_raw_response)
        for name, call in CALLS.items()
    }
    assert_calls_every_operation(calls)


async def test_options_hold_for_the_copy_alone(api):
    """The copy sends its headers and tries as often as it was told."""
    route = api.router.get(f"/memories/{ID}").respond(**UNAVAILABLE)
    client = api.client(headers={"X-App": "a", "X-Kept": "k"})
    copy = client.with_options(max_retries=0, headers={"x-app": "b"})
    with pytest.raises(MemoryOSError) as raised:
        await api.done(copy.memories.get(ID))
    assert raised.value.attempts == 1
    sent = route.calls[0].request.headers
    assert (sent["x-app"], sent["x-kept"]) == ("b", "k")
    with pytest.raises(MemoryOSError) as raised:
        await api.done(client.memories.get(ID))
    assert raised.value.attempts == 4
    assert route.calls[-1].request.headers["x-app"] == "a"


async def test_closing_a_copy_leaves_the_connections_open(api):
    """Closing the client that owns them closes them for both."""
    api.router.get(f"/memories/{ID}").respond(json=MEMORY)
    client = api.client()
    first, second = client.with_options(timeout=1), client.with_options(timeout=2)
    await api.done(first.close())
    with pytest.raises(APIConnectionError, match="closed"):
        await api.done(first.memories.get(ID))
    await api.done(second.memories.get(ID))
    await api.done(client.close())
    with pytest.raises(APIConnectionError, match="closed"):
        await api.done(second.memories.get(ID))


@pytest.mark.parametrize(
    "option", [{"timeout": 0}, {"max_retries": -1}, {"headers": {"Host": "x"}}, {"deadline": "1"}]
)
async def test_an_option_that_is_not_usable_is_refused(api, option):
    """As the constructor refuses it."""
    with pytest.raises(ValidationError, match=next(iter(option))):
        api.client().with_options(**option)


async def test_the_log_has_one_line_a_call_without_content(api, caplog):
    """Method, path, status, time, attempts, request id."""
    caplog.set_level(logging.INFO, "memoryos")
    api.router.post("/memories").respond(json=MEMORY)
    await api.done(api.client().memories.create("secret words", external_id="secret too"))
    (line,) = [record.getMessage() for record in caplog.records if record.name == "memoryos"]
    assert line.startswith("POST /memories 200 ")
    assert line.endswith("1 attempt, req_1")
    assert "secret" not in caplog.text
    assert "mos_" not in caplog.text


async def test_a_failure_is_a_line_as_well(api, caplog):
    """With its code; each attempt is one more at the level DEBUG."""
    caplog.set_level(logging.DEBUG, "memoryos")
    api.router.get("/memories").respond(**UNAVAILABLE)
    with pytest.raises(MemoryOSError):
        await api.done(api.client(max_retries=1).memories.list())
    lines = [record.getMessage() for record in caplog.records if record.name == "memoryos"]
    assert [line for line in lines if " attempt " in line and "waited" not in line] == [
        "GET /memories attempt 1: 503",
        "GET /memories attempt 2: 503",
    ]
    assert "HTTP_503" in lines[-1]


def test_the_environment_asks_for_the_log():
    """And a word that is no level is refused."""
    logger = logging.getLogger("memoryos")
    before = logger.level, list(logger.handlers)
    try:
        configure({"MEMORY_OS_LOG": "debug"})
        configure({"MEMORY_OS_LOG": "INFO"})
        assert logger.level == logging.INFO
        configure({"MEMORY_OS_LOG": "warning"})
        assert logger.level == logging.WARNING
        assert len(logger.handlers) == len(before[1]) + 1
        with pytest.raises(ValidationError, match="MEMORY_OS_LOG"):
            configure({"MEMORY_OS_LOG": "loud"})
    finally:
        logger.setLevel(before[0])
        logger.handlers[:] = before[1]


class Broken(observers.Observer):
    """Raises in some of its methods."""

    def __init__(self, error, events):
        self.error, self.events, self.seen = error, events, []

    def _event(self, name):
        self.seen.append(name)
        if name in self.events:
            raise self.error

    def headers(self):
        self._event("headers")
        return {"x-trace": "1"}

    def attempt(self, attempts, outcome):
        self._event("attempt")

    def wait(self, attempts, seconds):
        self._event("wait")

    def succeeded(self, result):
        self._event("succeeded")

    def failed(self, error):
        self._event("failed")

    def over(self):
        self._event("over")


EVENTS = ["headers", "attempt", "wait", "succeeded", "failed", "over"]
ERRORS = [
    RuntimeError("secret words"),
    StopIteration("secret words"),
    MemoryOSError("X", "secret words", 500),
    RecursionError(),
    UnicodeEncodeError("ascii", "é", 0, 1, "secret words"),
]


@pytest.fixture
def observed_by(monkeypatch):
    """Return a function that sets the only factory of observers."""
    monkeypatch.setattr(observers, "_reported", set())

    def observe(factory):
        monkeypatch.setattr(observers, "factories", [factory])

    return observe


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("events", [*[[event] for event in EVENTS], EVENTS], ids="-".join)
async def test_an_observer_that_raises_breaks_no_call(api, observed_by, caplog, events, error):
    """The call has its result; the log has a line for each kind of failure, without content."""
    broken = Broken(error, events)
    observed_by(lambda call, base_url: broken)
    api.router.get(f"/memories/{ID}").mock(
        side_effect=[httpx.Response(**UNAVAILABLE), httpx.Response(200, json=MEMORY)] * 2
    )
    api.router.get("/memories").respond(**{**UNAVAILABLE, "status_code": 401})
    client = api.client()
    for _ in range(2):
        assert (await api.done(client.memories.get(ID)))["id"] == ID
        with pytest.raises(MemoryOSError) as raised:
            await api.done(client.memories.list())
        assert raised.value.status == 401
    assert set(broken.seen) == set(EVENTS)
    lines = [record.getMessage() for record in caplog.records if record.name == "memoryos"]
    assert len(lines) == len(events)
    assert all(
        f"Broken failed ({event}): {type(error).__name__}" in caplog.text for event in events
    )
    assert "secret words" not in caplog.text


async def test_a_factory_that_raises_breaks_no_call(api, observed_by, caplog):
    """Other observers go on."""

    def factory(call, base_url):
        raise RuntimeError("secret words")

    observed_by(factory)
    working = Broken(None, [])
    observers.factories.append(lambda call, base_url: working)
    api.router.get(f"/memories/{ID}").respond(json=MEMORY)
    for _ in range(2):
        await api.done(api.client().memories.get(ID))
    assert working.seen == ["headers", "attempt", "succeeded", "over"] * 2
    lines = [record.getMessage() for record in caplog.records if record.name == "memoryos"]
    assert len(lines) == 1
    assert lines[0].endswith("factory failed (creation): RuntimeError")


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, asyncio.CancelledError, SystemExit])
@pytest.mark.parametrize("event", ["headers", "attempt", "succeeded", "over"])
async def test_an_interruption_is_not_swallowed(api, observed_by, interruption, event):
    """Ctrl-C may come while an observer runs."""
    observed_by(lambda call, base_url: Broken(interruption(), [event]))
    api.router.get(f"/memories/{ID}").respond(json=MEMORY)
    with pytest.raises(interruption):
        await api.done(api.client().memories.get(ID))


async def test_a_log_handler_that_raises_breaks_no_call(api, observed_by):
    """Nor does a filter."""

    def fail(record):
        raise RuntimeError

    observed_by(lambda call, base_url: Broken(ValueError(), EVENTS))
    api.router.get(f"/memories/{ID}").respond(json=MEMORY)
    logger = logging.getLogger("memoryos")
    logger.addFilter(fail)
    logger.setLevel(logging.DEBUG)
    try:
        assert (await api.done(api.client().memories.get(ID)))["id"] == ID
    finally:
        logger.setLevel(logging.NOTSET)
        logger.removeFilter(fail)


JSON = {"content-type": "application/json"}
FORGED = [
    "a\n2026-01-01 memoryos GET /memories 200",
    "a\rb",
    "a\r\nb",
    "a\x1b[2Jb",
    "a\x9b2Jb",
    "a\u2028b",
    "a\u2029b",
    "a\x85b",
    "a\x0bb",
    "a\x0cb",
    "a\x1cb",
    "a\0b",
    "a\u202eb",
    "a\ud800b",
]


@pytest.mark.off_contract(reason="codes and ids of a hostile service")
@pytest.mark.parametrize("text", FORGED, ids=repr)
async def test_a_line_of_the_log_can_not_be_forged(api, caplog, text):
    """Neither by the id of a request nor by a code; nor by the text of an error."""
    caplog.set_level(logging.DEBUG, "memoryos")
    body = answers.failure(text)
    body["error"]["message"] = text
    body["meta"]["request_id"] = text
    api.router.get("/memories").respond(401, content=json.dumps(body), headers=JSON)
    success = {**MEMORY, "meta": {**MEMORY["meta"], "request_id": text}}
    api.router.get(f"/memories/{ID}").respond(content=json.dumps(success), headers=JSON)
    await api.done(api.client().memories.get(ID))
    with pytest.raises(MemoryOSError) as raised:
        await api.done(api.client().memories.list())
    error = raised.value
    assert (error.code, error.message, error.request_id) == (text, text, text)
    lines = [record.getMessage() for record in caplog.records if record.name == "memoryos"]
    assert len(lines) == 4
    for line in [*lines, str(error)]:
        assert line.isprintable()
        assert line.splitlines() == [line]
    escaped = text.encode("unicode_escape").decode("ascii")
    assert escaped in lines[1]
    assert lines[3].count(escaped) == 2
    assert str(error).count(escaped) == 3


@pytest.mark.off_contract(reason="a code of a hostile service")
async def test_long_texts_of_the_service_are_truncated(api, caplog):
    """In the log and in the text of an error, not in its attributes."""
    caplog.set_level(logging.INFO, "memoryos")
    text = "a" * 100_000
    body = answers.failure(text)
    body["error"]["message"] = text
    body["meta"]["request_id"] = text
    api.router.get("/memories").respond(401, content=json.dumps(body), headers=JSON)
    with pytest.raises(MemoryOSError) as raised:
        await api.done(api.client().memories.list())
    assert raised.value.message == raised.value.code == raised.value.request_id == text
    assert len(str(raised.value)) < 3000
    assert len(caplog.text) < 500
