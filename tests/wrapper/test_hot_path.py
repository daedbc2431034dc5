"""What a call must not do, since it costs: counted, not timed."""

from __future__ import annotations

import array
import json
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

import memoryos
import memoryos_api
from memoryos._protocol import json_codec
from memoryos._transport import pool

from .answering import MEMORY, SEARCH, Line, calls_counted, instructions_counted, page, reply

EMBEDDING = [0.5, -0.25] * 768
CREATE = {"content": "tea", "tier": "long", "metadata": {"tags": ["drinks"]}, "importance_score": 1}

# Python functions of our own that one create calls, measured on Python 3.11.
OWN_CALLS = {"sync": 94, "async": 105}
TOLERANCE = 1.1

OWN = tuple(str(Path(module.__file__).parent) for module in (memoryos, memoryos_api))
# What no call needs: the generated models, cookies, httpx, copies, another parser of headers.
NEEDLESS = (
    "memoryos_api/models",
    "memoryos_api/client",
    "cookie",
    "/httpx/",
    "/copy.py",
    "/email/",
)


@pytest.fixture(params=["h11", "httptools"])
def line_engine(request):
    """The module of each engine in turn, where its library is installed."""
    if request.param == "httptools":
        pytest.importorskip("httptools", reason="httptools comes with the extra [speed], on 3.9+")
    return import_module(f"memoryos._transport.http1.{request.param}_engine")


@pytest.fixture(params=["sync", "async"])
def line(request, monkeypatch, line_engine):
    """Each of the two clients in turn, on sockets that answer by themselves."""
    return Line(request.param, monkeypatch, line_engine)


@pytest.fixture(params=["json", "orjson"])
def _json_library(request, monkeypatch):
    """Each JSON library in turn, where it is installed."""
    if request.param == "json":
        monkeypatch.setattr(json_codec, "orjson", None)
    elif json_codec.orjson is None:
        pytest.skip("orjson is not installed (requirements/test.txt)")


def create(client):
    """Make the call that most tests watch."""
    return client.memories.create(**CREATE)


def searching(embedding):
    """Return a call that searches by an embedding."""
    return lambda client: client.search(embedding=embedding)


def test_a_create_calls_few_functions(line):
    """A layer that is added between a method and the transport shows here."""
    calls = line.run(create, warm=5, times=10, watched=calls_counted)
    own = sum(count for file, count in calls.items() if file.startswith(OWN)) / 10
    assert 0 < own <= OWN_CALLS["async" if line.is_async else "sync"] * TOLERANCE


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (create, MEMORY),
        (lambda client: client.memories.list(limit=100), page(100)),
        (lambda client: client.search("tea"), SEARCH),
    ],
    ids=["create", "list", "search"],
)
def test_a_call_goes_through_nothing_that_it_does_not_need(line, call, body):
    """No model is built, no cookie looked at, nothing copied, and httpx has no part in it."""
    line.replies = [reply(body)]
    calls = line.run(call, warm=2, watched=calls_counted)
    assert [file for file in calls if any(needless in file for needless in NEEDLESS)] == []
    assert any("/http1/" in file for file in calls), "the watch does not watch"


def test_a_body_is_written_once(line, monkeypatch):
    """Also where it is sent more than once; each time it is the same bytes."""
    line.replies = [reply({}, 503), reply({}, 503), reply(MEMORY)]
    written = []
    encode = json_codec.encode_alike
    monkeypatch.setattr(
        json_codec, "encode_alike", lambda value: written.append(1) or encode(value)
    )
    line.run(create)
    assert len(written) == 1
    assert len(line.sent) == 3
    assert len(set(line.sent)) == 1


def test_head_and_body_leave_in_one_piece(line):
    """Two packets would cost twice, and may wait for one another."""
    line.run(create, times=3)
    assert [sent.endswith(b"}") and sent.startswith(b"POST ") for sent in line.sent] == [True] * 3


@pytest.mark.usefixtures("_json_library")
def test_an_answer_is_read_once_from_its_bytes(line, monkeypatch):
    """Not decoded before, nor looked at again."""
    read = []
    decode = json_codec.decode
    monkeypatch.setattr(
        json_codec, "decode", lambda content: read.append(content) or decode(content)
    )
    line.replies = [reply(page(100))]
    line.run(lambda client: client.memories.list(limit=100))
    assert [type(content) for content in read] == [bytes]


def test_a_page_of_100_memories_comes_in_one_read(line):
    """Each read more costs as much as the rest of the call."""
    line.replies = [reply(page(100))]
    line.run(lambda client: client.memories.list(limit=100), times=4)
    assert len(line.replies[0]) > 50_000
    assert line.reads == 4


@pytest.mark.usefixtures("_json_library")
def test_a_long_list_takes_no_more_instructions_than_a_short_one(line):
    """Nothing in Python goes through the memories of a page."""

    def instructions(length):
        line.replies = [reply(page(length))]
        call = lambda client: client.memories.list(limit=100)  # noqa: E731
        # The least of some: a garbage collection calls functions in Python, too.
        return min(line.run(call, warm=2, watched=instructions_counted)[0] for _ in range(5))

    assert abs(instructions(100) - instructions(3)) < 50


@pytest.mark.usefixtures("_json_library")
@pytest.mark.parametrize("kind", ["list", "tuple", "array", "numpy"])
def test_no_instruction_runs_for_each_number_of_an_embedding(line, kind):
    """Whatever holds them: the loops over 1536 numbers are all in C."""
    line.replies = [reply(SEARCH)]
    by_text = line.run(lambda client: client.search("tea"), warm=2, watched=instructions_counted)[0]
    by_embedding = line.run(searching(_held_by(kind)), warm=2, watched=instructions_counted)[0]
    assert by_embedding - by_text < len(EMBEDDING) / 2
    assert json.loads(line.sent[-1].partition(b"\r\n\r\n")[2])["embedding"] == EMBEDDING


def test_a_call_takes_one_connection_and_gives_it_back(line, monkeypatch):
    """Twenty calls use one connection, and touch the pool twice each."""
    touched = Counter()
    for name in ("take", "give_back"):
        _count(monkeypatch, touched, name)
    line.run(create, times=20)
    assert touched == {"take": 20, "give_back": 20}
    assert len(line.sockets) == 1


def _count(monkeypatch, touched, name):
    method = getattr(pool.Pool, name)

    def counting(*arguments):
        touched[name] += 1
        return method(*arguments)

    monkeypatch.setattr(pool.Pool, name, counting)


def _held_by(kind):
    if kind == "numpy":
        numpy = pytest.importorskip("numpy", reason="numpy comes with the extra [local]")
        return numpy.array(EMBEDDING, numpy.float32)
    return {"list": list, "tuple": tuple, "array": lambda n: array.array("d", n)}[kind](EMBEDDING)
