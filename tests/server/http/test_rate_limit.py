"""Rate limits: the token bucket as a function of time, and the 429 that it leads to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_server.http import rate_limit
from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.http.rate_limit import Bucket, Rate, RateLimiter, parse_rate, take
from memoryos_server.model.caller import Caller

rates = st.builds(Rate, st.integers(1, 1000), st.sampled_from([1.0, 60.0, 3600.0]))
steps = st.lists(st.floats(0, 100), min_size=1, max_size=60)


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("50/s", Rate(50, 1)),
        ("600/min", Rate(600, 60)),
        ("10000/h", Rate(10_000, 3600)),
        ("1/h", Rate(1, 3600)),
    ],
)
def test_a_rate_is_written_as_people_say_it(text, rate):
    """Requests, a slash, a unit of time."""
    assert parse_rate(text) == rate


@pytest.mark.parametrize(
    "text",
    ["", "50", "0/s", "-1/s", "1.5/s", "50/d", "50 / s", "50/S", "\u0665/s", "1e3/s", "9" * 99],
)
def test_what_is_no_rate_is_refused(text):
    """With an example in the message."""
    with pytest.raises(ValueError, match="50/s"):
        parse_rate(text)


def test_a_full_bucket_allows_a_burst_and_then_one_at_a_time():
    """Two a second: two at once, then one each half second."""
    rate, bucket = Rate(2, 1), None
    waits = []
    for now in (0.0, 0.0, 0.0, 0.4, 0.5, 0.5, 1.0):
        bucket, wait = take(bucket, rate, now)
        waits.append(round(wait, 9))
    assert waits == [0, 0, 0.5, 0.1, 0, 0.5, 0]


def test_no_pause_saves_up_more_than_a_bucket():
    """After a day there is one burst, not a day's worth."""
    bucket, allowed = Bucket(0.0, 0.0), 0
    for _ in range(20):
        bucket, wait = take(bucket, Rate(3, 1), 86_400.0)
        allowed += wait == 0
    assert allowed == 3


@given(rates, steps)
def test_never_more_than_the_rate_in_any_stretch_of_time(rate, pauses):
    """At most one bucket, and what flowed in since; whatever the rhythm."""
    bucket, now, allowed = None, 0.0, 0
    for pause in pauses:
        now += pause
        for _ in range(rate.requests // 20 + 2):
            bucket, wait = take(bucket, rate, now)
            allowed += wait == 0
    elapsed = now - pauses[0]
    assert allowed <= rate.requests + elapsed * rate.requests / rate.seconds + 1e-3


@given(rates, steps)
def test_whoever_waits_as_long_as_told_is_let_in(rate, pauses):
    """Whatever floating point does to the times."""
    bucket, now = None, 1_000_000.0
    for pause in pauses:
        now += pause
        bucket, wait = take(bucket, rate, now)
        while wait == 0:
            bucket, wait = take(bucket, rate, now)
        now += wait
        bucket, wait = take(bucket, rate, now)
        assert wait == 0


def test_a_clock_that_steps_back_takes_nothing_away_and_gives_nothing():
    """The bucket stays as it is until the time has caught up."""
    emptied = Bucket(0.0, 10.0)
    assert take(emptied, Rate(2, 1), 5.0) == (emptied, 0.5)
    assert take(emptied, Rate(2, 1), 10.5) == (Bucket(0.0, 10.5), 0)


def test_each_key_has_a_bucket_of_its_own():
    """One that is used up costs the other nothing."""
    limiter = RateLimiter(Rate(1, 60), Clock())
    assert [limiter.acquire(key) for key in ("a", "a", "b", "b")] == [0, 60, 0, 60]


def test_full_buckets_are_forgotten(monkeypatch):
    """They say nothing, and a server runs for long; the others stay."""
    monkeypatch.setattr(rate_limit, "MAX_BUCKETS", 10)
    clock = Clock()
    limiter = RateLimiter(Rate(2, 1), clock)
    for number in range(10):
        limiter.acquire(f"early {number}")
    clock.now += 5
    for _ in range(2):
        limiter.acquire("late")
    assert set(limiter._buckets) == {"late"}
    assert limiter.acquire("late") == 0.5


def test_threads_get_no_more_than_the_rate():
    """Eight threads ask two hundred times, the clock stands."""
    limiter = RateLimiter(Rate(50, 1), Clock())
    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(lambda _: limiter.acquire("key"), range(200)))
    assert sum(wait == 0 for wait in waits) == 50


class KeyedService:
    """Knows two keys of one owner."""

    def __init__(self, service):
        self._service = service

    def __getattr__(self, name):
        return getattr(self._service, name)

    def authenticate(self, key):
        return Caller("me", frozenset({"*"}), key_id=key)


def test_a_request_too_many_is_a_429_that_says_when_to_come_back(service, is_documented):
    """In the envelope, before the service has seen it; another key goes on."""
    clock = Clock()
    dispatcher = Dispatcher(KeyedService(service), rate_limiter=RateLimiter(Rate(4, 10), clock))

    def get(key):
        headers = [(b"Authorization", b"Bearer " + key)]
        answer = dispatcher.handle("GET", "/v1/tags", b"", headers, b"")
        response = httpx.Response(answer.status, headers=answer.headers, content=answer.body)
        is_documented("list_tags", response)
        return response

    assert [get(b"mos_a").status_code for _ in range(4)] == [200] * 4
    refused = get(b"mos_a")
    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert refused.headers["retry-after"] == "3"  # 2.5 seconds, rounded up
    assert len(service.calls) == 4
    assert get(b"mos_b").status_code == 200
    clock.now += 2.5
    assert get(b"mos_a").status_code == 200


def test_a_wrong_key_uses_up_nobodys_rate(send, service):
    """What is refused with 401 is not counted."""
    limiter = RateLimiter(Rate(1, 60), Clock())
    dispatcher = Dispatcher(service, rate_limiter=limiter)
    for _ in range(3):
        headers = [(b"Authorization", b"Bearer mos_unknown")]
        assert dispatcher.handle("GET", "/v1/tags", b"", headers, b"").status == 401
    assert limiter._buckets == {}
