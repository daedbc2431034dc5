"""Options for some calls, answers with everything around them, and lines in the log."""

from __future__ import annotations

import inspect
import logging

import httpx
import pytest

from memoryos import APIConnectionError, MemoryOSError, ValidationError
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
        assert len(logger.handlers) == len(before[1]) + 1
        with pytest.raises(ValidationError, match="MEMORY_OS_LOG"):
            configure({"MEMORY_OS_LOG": "loud"})
    finally:
        logger.setLevel(before[0])
        logger.handlers[:] = before[1]
