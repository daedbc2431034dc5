"""The protocol of one call, on a fake clock: how often, how long, and when to give up."""

from __future__ import annotations

import json
from typing import Any, List, NamedTuple, Optional

import pytest

from memoryos._protocol.calls import Call
from memoryos._protocol.responses import HTTPResponse, ResponseKind
from memoryos._protocol.retries import (
    Clock,
    Failure,
    Policy,
    Send,
    Wait,
    retry_steps,
    run,
    run_async,
)
from memoryos.exceptions import (
    APIConnectionError,
    APITimeoutError,
    InvalidResponseError,
    MemoryOSError,
    NotFoundError,
    RateLimitError,
)

ORIGIN = "https://memory.test/v1"


def call_of(method, path):
    """Make a call of which only the method and the path matter."""
    return Call("name", method, path, {}, {}, None, ResponseKind.ITEM, "")


CREATE = call_of("POST", "/memories")
DELETE = call_of("DELETE", "/memories/x")
GET = call_of("GET", "/memories/x")

SUCCESS = HTTPResponse(200, {}, b'{"data": {"id": "x"}}')
HALF = HTTPResponse(200, {}, b'{"data": {"id"')
HTML = HTTPResponse(200, {"content-type": "text/html"}, b"<html></html>")
TIMED_OUT = Failure(TimeoutError("slow"), timed_out=True)
BROKEN = Failure(ConnectionResetError("broken"))
REFUSED = Failure(ConnectionRefusedError("refused"), sent=False)


def failed(status, **headers):
    """Make the answer of a service that refuses or fails."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"error": {"code": "X", "message": "y"}}
    return HTTPResponse(status, named, json.dumps(body).encode())


class Course(NamedTuple):
    """What became of a call, and how it went there."""

    result: Any
    error: Optional[MemoryOSError]
    timeouts: List[float]
    waits: List[float]
    seconds: float


def take(outcomes, policy=None, call=CREATE, chance=1.0, seconds_each=0.0, started=0.0):
    """Take the steps of a call whose attempts come to these outcomes, the last again and again."""
    now = 0.0
    timeouts, waits = [], []
    clock = Clock(lambda: started + now, lambda: now, lambda: chance)
    steps = retry_steps(call, ORIGIN, policy or Policy(), clock)
    outcome = None
    try:
        while True:
            step = steps.send(outcome)
            if isinstance(step, Wait):
                waits.append(step.seconds)
                now, outcome = now + step.seconds, None
            else:
                outcome = outcomes[min(len(timeouts), len(outcomes) - 1)]
                timeouts.append(step.timeout)
                now += min(seconds_each, step.timeout)
    except StopIteration as done:
        return Course(done.value.data, None, timeouts, waits, now)
    except MemoryOSError as error:
        return Course(None, error, timeouts, waits, now)


def test_an_answer_ends_the_call():
    """A success is handed out after one attempt, within the timeout, without a wait."""
    assert take([SUCCESS], Policy(timeout=12)) == Course({"id": "x"}, None, [12], [], 0)


WORTH_ANOTHER_TRY = {
    "no connection": REFUSED,
    "a broken connection": BROKEN,
    "no answer in time": TIMED_OUT,
    "half an answer": HALF,
    **{str(status): failed(status) for status in (408, 425, 429, 500, 502, 503, 504, 520, 599)},
    "409 with Retry-After": failed(409, retry_after="1"),
}

FINAL = {
    **{str(status): failed(status) for status in (400, 401, 402, 403, 404, 409, 410, 413, 418)},
    "422": failed(422),
    "400 with Retry-After": failed(400, retry_after="1"),
    "a redirect": HTTPResponse(302, {"location": "https://elsewhere/"}, b""),
    "HTML with status 200": HTML,
    "an empty answer": HTTPResponse(200, {}, b""),
    "no data": HTTPResponse(200, {}, b"{}"),
}


@pytest.mark.parametrize("outcome", WORTH_ANOTHER_TRY.values(), ids=WORTH_ANOTHER_TRY.keys())
def test_what_may_pass_is_tried_again(outcome):
    """Connections, timeouts, half answers, 408, 425, 429, 5xx, and 409 that says when."""
    course = take([outcome, SUCCESS])
    assert course.result == {"id": "x"}
    assert (len(course.timeouts), len(course.waits)) == (2, 1)


@pytest.mark.parametrize("outcome", FINAL.values(), ids=FINAL.keys())
def test_what_will_not_pass_is_not_tried_again(outcome):
    """A refusal stays one, and a page of HTML does not become JSON."""
    course = take([outcome, SUCCESS])
    assert course.error.attempts == 1
    assert (len(course.timeouts), course.waits) == (1, [])


@pytest.mark.parametrize("outcome", WORTH_ANOTHER_TRY.values(), ids=WORTH_ANOTHER_TRY.keys())
@pytest.mark.parametrize("max_retries", [0, 1, 3])
def test_there_are_as_many_attempts_as_retries_and_one(outcome, max_retries):
    """The error that ends the call tells how often it was tried."""
    course = take([outcome], Policy(max_retries=max_retries))
    assert len(course.timeouts) == course.error.attempts == 1 + max_retries
    assert len(course.waits) == max_retries


def test_the_last_failure_is_the_one_that_is_raised():
    """What went wrong before it is over."""
    course = take([BROKEN, failed(503), failed(401)])
    assert (course.error.status, course.error.attempts) == (401, 3)


def test_an_error_tells_which_call_it_was():
    """Method and path stand in every error, so that a log line is enough."""
    error = take([failed(400)], call=GET).error
    assert (error.method, error.path) == ("GET", "/memories/x")


@pytest.mark.parametrize(
    ("outcome", "error_class", "code", "status", "words"),
    [
        (REFUSED, APIConnectionError, "CONNECTION_ERROR", 503, "refused"),
        (BROKEN, APIConnectionError, "CONNECTION_ERROR", 503, "broken"),
        (Failure(OSError()), APIConnectionError, "CONNECTION_ERROR", 503, "OSError"),
        (TIMED_OUT, APITimeoutError, "TIMEOUT", 504, "within 30 seconds"),
    ],
)
def test_no_answer_is_an_error_with_its_cause(outcome, error_class, code, status, words):
    """The documented handler for web frameworks can use its status; the cause is attached."""
    error = take([outcome]).error
    assert type(error) is error_class
    assert (error.code, error.status) == (code, status)
    assert error.__cause__ is outcome.cause
    assert "https://memory.test/v1" in error.message
    assert words in error.message


def test_an_answer_that_is_none_of_ours_is_an_invalid_response():
    """A sign-in page is no success."""
    assert type(take([HTML]).error) is InvalidResponseError


@pytest.mark.parametrize("status", [409, 429, 503])
@pytest.mark.parametrize(
    ("header", "wait"), [("0", 0), ("1", 1), ("2.5", 2.5), ("60", 60), ("60.0", 60)]
)
def test_retry_after_is_obeyed_to_the_second(status, header, wait):
    """No jitter, no backoff: the service knows."""
    course = take([failed(status, retry_after=header), SUCCESS], chance=0.5)
    assert course.waits == [wait]
    assert course.result == {"id": "x"}


@pytest.mark.parametrize("header", ["60.001", "61", "600", "2000000000"])
def test_a_retry_after_past_the_cap_is_raised_at_once(header):
    """Nobody sleeps for ten minutes inside a call; the error says how long it would have been."""
    course = take([failed(429, retry_after=header), SUCCESS])
    assert (course.error.attempts, course.waits) == (1, [])
    assert course.error.retry_after == float(header)


def test_a_retry_after_that_is_a_date_is_obeyed():
    """It is counted from the service's own date."""
    due, date = "Sat, 12 Nov 1994 12:00:05 GMT", "Sat, 12 Nov 1994 12:00:00 GMT"
    course = take([failed(503, retry_after=due, date=date), SUCCESS])
    assert course.waits == [5]


def test_the_longest_waits_double_up_to_a_limit():
    """With the worst of luck: 0.5 s, doubled each time, 8 s at most."""
    course = take([BROKEN], Policy(max_retries=7), chance=1.0)
    assert course.waits == [0.5, 1, 2, 4, 8, 8, 8]


def test_the_shortest_waits_are_none():
    """Full jitter: many clients that failed together come back apart."""
    assert take([BROKEN], Policy(max_retries=3), chance=0.0).waits == [0, 0, 0]


def test_a_wait_is_drawn_evenly_between():
    """The wait is the drawn part of the longest one."""
    assert take([BROKEN], Policy(max_retries=3), chance=0.25).waits == [0.125, 0.25, 0.5]


def test_thousands_of_retries_overflow_nothing():
    """The doubling ends before the float does."""
    assert take([BROKEN], Policy(max_retries=2000)).waits[-1] == 8


@pytest.mark.parametrize("outcome", [failed(429), failed(429, retry_after="soon")])
@pytest.mark.parametrize("max_retries", [0, 2])
def test_a_rate_limit_always_says_how_long_to_wait(outcome, max_retries):
    """The documented `time.sleep(e.retry_after)` works, and is never a busy loop."""
    error = take([outcome], Policy(max_retries=max_retries)).error
    assert type(error) is RateLimitError
    assert error.retry_after == 1


def test_a_rate_limit_keeps_the_wait_that_the_service_named():
    """What came is told as it came."""
    assert take([failed(429, retry_after="7")], Policy(max_retries=0)).error.retry_after == 7


def test_a_rate_limit_without_a_wait_is_backed_off_from():
    """The number for the caller is not taken for a wish of the service."""
    assert take([failed(429), SUCCESS], chance=1.0).waits == [0.5]


@pytest.mark.parametrize("retry_after", ["5", "5.1", "59"])
def test_a_wait_past_the_deadline_is_not_begun(retry_after):
    """Waiting would only make the same failure late."""
    course = take([failed(503, retry_after=retry_after)], Policy(deadline=5))
    assert (course.error.attempts, course.waits) == (1, [])


def test_a_wait_within_the_deadline_is_taken():
    """The deadline leaves time for another attempt."""
    course = take([failed(503, retry_after="4"), SUCCESS], Policy(deadline=5))
    assert (course.result, course.waits) == ({"id": "x"}, [4])


def test_a_deadline_counts_from_the_start_of_the_call():
    """Wherever the monotonic clock started."""
    course = take([failed(503, retry_after="4"), SUCCESS], Policy(deadline=5), started=1000)
    assert (course.result, course.timeouts, course.waits) == ({"id": "x"}, [5, 1], [4])


@pytest.mark.parametrize("status", [408, 500, 503])
def test_only_a_rate_limit_is_told_when_to_come_back_if_the_service_does_not_say(status):
    """Of another failure nobody knows: `retry_after` stays None."""
    assert take([failed(status)]).error.retry_after is None


def test_what_would_fail_every_time_is_tried_once():
    """A certificate that is refused, for example."""
    permanent = Failure(ConnectionError("refused"), permanent=True)
    course = take([permanent, SUCCESS])
    assert (type(course.error), course.error.attempts) == (APIConnectionError, 1)
    assert course.waits == []


def test_an_attempt_gets_no_more_time_than_the_deadline_leaves():
    """The timeout of each attempt is cut to what is left."""
    policy = Policy(timeout=4, deadline=10, max_retries=9)
    course = take([TIMED_OUT], policy, seconds_each=99)
    assert course.timeouts == [4, 4, 0.5]  # after waits of 0.5 and 1
    assert course.waits == [0.5, 1]


@pytest.mark.parametrize("deadline", [0.1, 1, 5, 29, 31, 100])
@pytest.mark.parametrize("outcome", [TIMED_OUT, failed(503), failed(503, retry_after="3")])
def test_a_call_never_outlives_its_deadline(outcome, deadline):
    """However slow every attempt is: attempts and waits together end in time."""
    course = take([outcome], Policy(deadline=deadline, max_retries=50), seconds_each=99)
    assert course.error is not None
    assert course.seconds <= deadline
    assert course.timeouts
    assert all(timeout > 0 for timeout in course.timeouts)


OUTCOME_UNKNOWN = {
    "no answer in time": TIMED_OUT,
    "a broken connection": BROKEN,
    "half an answer": HALF,
    **{str(status): failed(status) for status in (408, 500, 502, 503, 504)},
}

NOT_DONE = {
    "no connection": REFUSED,
    "too early": failed(425),
    "too many requests": failed(429),
}


@pytest.mark.parametrize("lost", OUTCOME_UNKNOWN.values(), ids=OUTCOME_UNKNOWN.keys())
def test_a_deletion_that_is_found_done_is_done(lost):
    """The first attempt deleted and its answer was lost; 404 then is the success."""
    assert take([lost, failed(404)], call=DELETE).result == {"deleted": True}
    assert take([lost, REFUSED, failed(404)], call=DELETE).result == {"deleted": True}


@pytest.mark.parametrize("lost", OUTCOME_UNKNOWN.values(), ids=OUTCOME_UNKNOWN.keys())
def test_nothing_but_a_404_shows_that_a_deletion_is_done(lost):
    """A lost answer, and then any other error: nobody knows whether it was deleted."""
    error = take([lost, failed(403)], call=DELETE).error
    assert (error.status, error.attempts) == (403, 2)
    assert take([lost], Policy(max_retries=1), call=DELETE).error.attempts == 2


@pytest.mark.parametrize("refused", NOT_DONE.values(), ids=NOT_DONE.keys())
def test_a_deletion_that_was_never_tried_is_not_found(refused):
    """Nothing was deleted before, so 404 means what it says."""
    error = take([refused, failed(404)], call=DELETE).error
    assert (type(error), error.attempts) == (NotFoundError, 2)


def test_a_plain_404_is_not_found():
    """Without a lost attempt there was no such memory."""
    assert type(take([failed(404)], call=DELETE).error) is NotFoundError


@pytest.mark.parametrize("call", [GET, call_of("PATCH", "/memories/x")])
def test_only_a_deletion_is_done_by_404(call):
    """Reading or changing what is gone is still an error."""
    assert type(take([TIMED_OUT, failed(404)], call=call).error) is NotFoundError


class FakeTransport:
    """Gives these outcomes in turn, and writes down what it is asked to do."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.steps = []

    def send(self, timeout):
        self.steps.append(Send(timeout))
        return self.outcomes.pop(0)

    def sleep(self, seconds):
        self.steps.append(Wait(seconds))

    async def send_async(self, timeout):
        return self.send(timeout)

    async def sleep_async(self, seconds):
        self.sleep(seconds)


async def drive_sync(steps, transport):
    return run(steps, transport.send, transport.sleep)


async def drive_async(steps, transport):
    return await run_async(steps, transport.send_async, transport.sleep_async)


@pytest.mark.anyio
@pytest.mark.parametrize("drive", [drive_sync, drive_async])
async def test_both_drivers_take_the_steps_in_order(drive):
    """They send and sleep as told, and hand out what the protocol returns."""
    transport = FakeTransport(BROKEN, failed(503, retry_after="2"), SUCCESS)
    clock = Clock(lambda: 0.0, lambda: 0.0, lambda: 1.0)
    result = await drive(retry_steps(CREATE, ORIGIN, Policy(), clock), transport)
    assert (result.data, result.response, result.attempts) == ({"id": "x"}, SUCCESS, 3)
    assert transport.steps == [Send(30), Wait(0.5), Send(30), Wait(2), Send(30)]


def test_the_result_of_a_deletion_that_is_found_done_is_of_its_last_attempt():
    """The 404, and how many requests were sent."""
    transport = FakeTransport(TIMED_OUT, failed(404))
    steps = retry_steps(DELETE, ORIGIN, Policy(), Clock(random=lambda: 0.0))
    result = run(steps, transport.send, transport.sleep)
    assert (result.data, result.attempts) == ({"deleted": True}, 2)
    assert result.response == failed(404)


@pytest.mark.anyio
@pytest.mark.parametrize("drive", [drive_sync, drive_async])
async def test_both_drivers_let_the_error_out(drive):
    """What the protocol raises is what the caller sees."""
    with pytest.raises(NotFoundError):
        await drive(retry_steps(GET, ORIGIN, Policy(), Clock()), FakeTransport(failed(404)))


def test_a_driver_that_sends_no_outcome_is_a_mistake_of_ours():
    """It would be taken for an answer otherwise."""
    steps = retry_steps(GET, ORIGIN, Policy(), Clock())
    assert steps.send(None) == Send(30)
    with pytest.raises(AssertionError, match="no outcome"):
        steps.send(None)


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (BROKEN, f"No answer from {ORIGIN}: broken"),
        (Failure(OSError(), advice=". Try again"), f"No answer from {ORIGIN}: OSError. Try again"),
        (TIMED_OUT, f"No answer from {ORIGIN} within 0.123 seconds"),
    ],
)
def test_the_message_says_where_why_and_what_to_do(failure, message):
    """The address, the reason or its class, and the advice; a timeout to the millisecond."""
    error = take([failure], Policy(timeout=0.1234, max_retries=0)).error
    assert error.message == message
    assert error.__cause__ is failure.cause
