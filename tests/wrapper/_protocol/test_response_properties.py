"""Whatever a service answers: what the documentation promises, or a MemoryOSError; nothing else."""

from __future__ import annotations

import json
import math
import pickle
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memoryos._protocol.calls import Call
from memoryos._protocol.responses import HTTPResponse, ResponseKind, read
from memoryos._protocol.retries import Clock, Failure, Policy, retry_steps, run
from memoryos._protocol.retry_after import retry_after
from memoryos._transport.response_body import BodyReader
from memoryos.exceptions import MemoryOSError

from ..contract_answers import failure, memory, page, success
from ..strategies import ID, LONG, UNHURRIED, any_text, json_values

pytestmark = pytest.mark.long

ORIGIN = "http://memory.test/v1"

VALID = [
    json.dumps(body).encode()
    for body in (success(memory()), page([memory()]), failure("NOT_FOUND", "no"), {"data": []})
]
header_names = st.sampled_from(
    ["retry-after", "retry-after-ms", "date", "x-request-id", "content-type", "content-length"]
)
times = st.sampled_from(
    [
        "1",
        "0",
        "-1",
        "1e400",
        "nan",
        "٣",
        " 5 ",
        "1_000",
        "9" * 400,
        "Sat, 12 Nov 1994 12:00:00 GMT",
        "Sat, 99 Nov 9999999 99:99:99 GMT",
        "Fri, 31 Dec 9999 23:59:59 -9999",
        "0x10",
        "inf",
    ]
)
headers = st.dictionaries(header_names, times | any_text, max_size=6)
statuses = st.sampled_from([200, 201, 204, 299, 301, 400, 401, 404, 409, 422, 429, 500, 503, 599])
statuses |= st.integers(100, 999)


@st.composite
def broken(draw):
    """An answer of the contract with some bytes cut off, put in or changed."""
    content = bytearray(draw(st.sampled_from(VALID)))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 4)))
        content[start:end] = draw(st.binary(max_size=4))
    return bytes(content[: draw(st.integers(0, len(content)))] if draw(st.booleans()) else content)


envelopes = st.fixed_dictionaries(
    {}, optional={"data": json_values, "meta": json_values, "error": json_values}
)
errors = st.fixed_dictionaries(
    {
        "error": st.fixed_dictionaries(
            {}, optional=dict.fromkeys(["code", "message", "details"], json_values)
        )
    }
)
written = (envelopes | errors | json_values).map(lambda value: json.dumps(value).encode())
contents = (
    st.binary(max_size=64) | written | broken() | st.sampled_from([b"[" * 10_000, b"1" * 5000])
)
answers = st.builds(
    HTTPResponse, statuses, headers, contents, st.none() | st.just("its body is cut off") | any_text
)


def check_error(error):
    """Hold an error against what every caller may rely on."""
    assert isinstance(error.code, str)
    assert error.code
    assert isinstance(error.message, str)
    assert isinstance(error.status, int)
    assert error.request_id is None or isinstance(error.request_id, str)
    assert isinstance(error.details, dict)
    assert error.retry_after is None or 0 <= error.retry_after < math.inf
    assert str(error)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.code, again.status) == (type(error), error.code, error.status)


def check_course(error, call, attempts):
    """Hold an error against the call that it came of."""
    assert error.attempts == attempts
    assert (error.method, error.path) == (call.method, call.path)


@given(answer=answers, kind=st.sampled_from(ResponseKind), now=st.floats(0, 1e11))
@example(
    answer=HTTPResponse(200, {}, b'{"data": {}, "meta": {"a": ' + b"9" * 5000 + b"}}"),
    kind=ResponseKind.ITEM,
    now=0.0,
)
@example(answer=HTTPResponse(200, {}, b"\xff\xfe{\x00}\x00"), kind=ResponseKind.PAGE, now=0.0)
@example(
    answer=HTTPResponse(500, {}, b'{"error": {"code": "\\ud800", "message": []}}'),
    kind=ResponseKind.ITEM,
    now=0.0,
)
@UNHURRIED
def test_any_answer_is_read_or_is_an_error(answer, kind, now):
    """What is handed out has the documented form; what is raised has the documented attributes."""
    try:
        handed_out = read(answer, kind=kind, now=now)
    except MemoryOSError as error:
        check_error(error)
        return
    assert 200 <= answer.status < 300
    assert isinstance(handed_out, dict) or kind in (ResponseKind.OTHER, ResponseKind.RAW)
    if kind is ResponseKind.PAGE:
        assert isinstance(handed_out["data"], list)
        assert isinstance(handed_out["meta"], dict)


outcomes = answers | st.builds(
    Failure,
    st.sampled_from([OSError("refused"), TimeoutError(), ValueError("x")]),
    timed_out=st.booleans(),
    sent=st.booleans(),
    permanent=st.booleans(),
)
calls = st.builds(
    Call,
    name=st.just("name"),
    method=st.sampled_from(["GET", "POST", "PATCH", "DELETE"]),
    path=st.just(f"/memories/{ID}"),
    query=st.just({}),
    headers=st.just({}),
    content=st.none(),
    response_kind=st.sampled_from(ResponseKind),
    result=st.just(""),
)
policies = st.builds(
    Policy,
    timeout=st.floats(0.1, 100),
    max_retries=st.integers(0, 5),
    deadline=st.none() | st.floats(0.1, 1000),
)


@given(
    call=calls,
    policy=policies,
    came=st.lists(outcomes, min_size=6, max_size=6),
    chance=st.floats(0, 1),
)
@UNHURRIED
def test_any_course_of_a_call_ends_within_its_limits(call, policy, came, chance):
    """In an answer or a MemoryOSError, after no more attempts and no longer waits than allowed."""
    left, waits, now = iter(came), [], [0.0]
    sent = []

    def send(timeout):
        assert 0 <= timeout <= policy.timeout
        sent.append(timeout)
        now[0] += timeout / 2
        return next(left)

    def sleep(seconds):
        assert 0 <= seconds <= max(policy.longest_delay, policy.longest_retry_after)
        waits.append(seconds)
        now[0] += seconds

    clock = Clock(lambda: now[0], lambda: 1e9, lambda: chance)
    try:
        result = run(retry_steps(call, ORIGIN, policy, clock), send, sleep)
        assert result.attempts == len(sent)
    except MemoryOSError as error:
        check_error(error)
        check_course(error, call, len(sent))
    assert len(sent) == len(waits) + 1 <= policy.max_retries + 1
    assert policy.deadline is None or now[0] <= policy.deadline + 1e-6


@given(headers=headers, now=st.floats(0, 1e11))
@UNHURRIED
def test_any_headers_say_when_to_come_back_or_nothing(headers, now):
    seconds = retry_after(headers, now)
    assert seconds is None or 0 <= seconds < math.inf


encodings = st.sampled_from(["gzip", "x-gzip", "deflate", "identity", "br", "GZIP", " gzip ", ""])
packed = st.binary(max_size=200).map(zlib.compress) | st.just(zlib.compress(bytes(100_000)))


@given(
    encoding=encodings | any_text,
    length=st.none() | times,
    parts=st.lists(st.binary(max_size=50) | packed, max_size=4),
)
@UNHURRIED
def test_any_body_is_read_within_its_bound(encoding, length, parts):
    """Whatever its encoding and its length are said to be: bytes up to the limit, or a defect."""
    headers = {
        "content-encoding": encoding,
        **({} if length is None else {"content-length": length}),
    }
    reader = BodyReader(headers, limit=1000)
    for part in parts:
        if not reader.feed(part):
            break
    content = reader.content()
    assert len(content) <= 1000
    if reader.defect is not None:
        assert content == b""


def test_the_long_run_is_long():
    """`make test-long` draws thousands of examples for each of these properties."""
    assert UNHURRIED.max_examples == (3000 if LONG else 100)
