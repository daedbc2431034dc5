"""The limit of requests with invalid keys: by address, before the store, not for keys in use."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_server.http import failed_authentications
from memoryos_server.http.app import create_app
from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.http.failed_authentications import FailedAuthentications
from memoryos_server.http.rate_limit import Rate
from memoryos_server.http.recent_keys import KeyHolder, RecentKeys
from memoryos_server.model.records import KeyRecord
from memoryos_server.model.timestamps import utc_now

anyio = pytest.mark.anyio
VALID = {"Authorization": "Bearer mos_test_reader"}
OTHER_VALID = {"Authorization": "Bearer mos_test_default"}
THREE_A_MINUTE = Rate(3, 60)


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def now():
    return Clock()


@pytest.fixture
def failed(now):
    return FailedAuthentications(THREE_A_MINUTE, now)


def wrong(number=0):
    return {"Authorization": f"Bearer mos_test_wrong{number}"}


def exhaust(failed, address):
    for _ in range(3):
        assert failed.wait_seconds(address) == 0
        failed.count(address)


def test_after_the_burst_one_comes_back_at_a_time(failed, now):
    exhaust(failed, "192.0.2.1")
    assert failed.wait_seconds("192.0.2.1") == 20
    now.now += 19
    assert failed.wait_seconds("192.0.2.1") == pytest.approx(1)
    now.now += 1
    assert failed.wait_seconds("192.0.2.1") == 0
    failed.count("192.0.2.1")
    assert failed.wait_seconds("192.0.2.1") == 20


def test_asking_counts_nothing(failed):
    assert [failed.wait_seconds("192.0.2.1") for _ in range(10)] == [0] * 10


@pytest.mark.parametrize(
    ("address", "same", "other"),
    [
        ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ("192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.2"),
        ("2001:db8:1:2::1", "2001:DB8:1:2:ffff:eeee:dddd:cccc", "2001:db8:1:3::1"),
        ("fe80::1%eth0", "fe80::2", "fe80:0:0:1::1"),
        ("", "unix", "127.0.0.1"),
        ("0.0.0.5", "0.0.0.5", "::5"),
    ],
)
def test_a_client_is_an_address_or_a_network_of_ipv6(failed, address, same, other):
    exhaust(failed, address)
    assert failed.wait_seconds(same) > 0
    assert failed.wait_seconds(other) == 0


def test_the_number_of_addresses_that_are_remembered_is_bounded(failed, monkeypatch):
    """The one that failed last longest ago is forgotten."""
    monkeypatch.setattr(failed_authentications, "MAX_NETWORKS", 10)
    exhaust(failed, "192.0.2.0")
    for number in range(1, 10):
        failed.count(f"192.0.2.{number}")
    failed.count("192.0.2.5")  # known, so that none has to go
    assert failed.wait_seconds("192.0.2.0") > 0
    failed.count("192.0.2.0")
    for number in range(10, 19):
        failed.count(f"192.0.2.{number}")
    assert len(failed._buckets) == 10
    assert failed.wait_seconds("192.0.2.0") > 0
    failed.count("192.0.2.19")
    assert len(failed._buckets) == 10
    assert failed.wait_seconds("192.0.2.0") == 0


@given(st.lists(st.tuples(st.floats(0, 30), st.sampled_from("abc")), max_size=60))
def test_no_client_gets_more_than_the_rate(events):
    """Whatever the others do, in no minute are more than two bursts of its keys checked."""
    now = Clock()
    failed = FailedAuthentications(THREE_A_MINUTE, now)
    addresses = {"a": "192.0.2.1", "b": "192.0.2.2", "c": "2001:db8::1"}
    checked = {name: [] for name in addresses}
    for pause, name in events:
        now.now += pause
        if failed.wait_seconds(addresses[name]) == 0:
            failed.count(addresses[name])
            checked[name].append(now.now)
    for times in checked.values():
        for start in times:
            assert sum(start <= time < start + 60 for time in times) <= 6


class Looking:
    """A service that counts how often each key is looked up."""

    def __init__(self, service):
        self._service = service
        self.lookups = Counter()
        self.revoked = set()

    def __getattr__(self, name):
        return getattr(self._service, name)

    def authenticate(self, key):
        self.lookups[key] += 1
        return None if key in self.revoked else self._service.authenticate(key)


class Endpoint:
    path, methods, needs_key = "/with-key", ("GET",), True

    async def respond(self, request, caller, request_id):
        from memoryos_server.http.responses import json_response

        return json_response(200, {}, request_id)


@pytest.fixture
def looking(service):
    return Looking(service)


@pytest.fixture
def client(looking, failed):
    return clients(looking, failed)


def clients(service, failed, **arguments):
    """Return a function that returns a client with an address."""
    dispatcher = Dispatcher(service, max_body_bytes=1000, failed_authentications=failed)
    app = create_app(dispatcher, endpoints=[Endpoint()], **arguments)

    def from_address(address):
        transport = httpx.ASGITransport(app, client=(address, 4711))
        return httpx.AsyncClient(transport=transport, base_url="http://test")

    return from_address


@anyio
@pytest.mark.parametrize("path", ["/v1/tags", "/admin/keys", "/with-key"])
async def test_past_the_limit_no_unknown_key_is_looked_up(client, looking, failed, now, path):
    """429 with `Retry-After`, also for a key that would be valid; another address goes on."""
    async with client("192.0.2.1") as http:
        for number in range(3):
            assert (await http.get(path, headers=wrong(number))).status_code == 401
        before = sum(looking.lookups.values())
        for headers in (wrong(4), {"Authorization": "Bearer mos_test_everything"}):
            refused = await http.get(path, headers=headers)
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "20")
            error = refused.json()["error"]
            assert error["code"] == "RATE_LIMIT_EXCEEDED"
            message = "Too many requests with invalid API keys from this address"
            assert error["message"] == message
        assert sum(looking.lookups.values()) == before
    everything = {"Authorization": "Bearer mos_test_everything"}
    async with client("192.0.2.2") as http:
        assert (await http.get("/v1/tags", headers=everything)).status_code == 200
    now.now += 20
    async with client("192.0.2.1") as http:
        assert (await http.get(path, headers=wrong())).status_code == 401


@anyio
@pytest.mark.parametrize("path", ["/v1/tags", "/with-key"])
async def test_a_key_in_use_goes_on(client, path):
    """From the same address, however the header is written; one that comes new does not."""
    async with client("192.0.2.1") as http:
        assert (await http.get(path, headers=VALID)).status_code == 200
        for number in range(3):
            await http.get(path, headers=wrong(number))
        assert (await http.get(path, headers=wrong())).status_code == 429
        for value in ("Bearer mos_test_reader", "bearer   mos_test_reader"):
            response = await http.get(path, headers={"Authorization": value})
            assert response.status_code == 200
        assert (await http.get(path, headers=OTHER_VALID)).status_code == 429


@anyio
@pytest.mark.parametrize("path", ["/v1/tags", "/with-key"])
async def test_a_key_that_was_valid_at_the_start_goes_on(looking, failed, path):
    """Or a program with a revoked key would lock out all others of its address at a restart."""
    digest = hashlib.sha256(b"mos_test_reader").hexdigest()
    record = KeyRecord(digest, "somebody", ("memories:read",), None, utc_now(), None, None)
    exhaust(failed, "192.0.2.1")
    async with clients(looking, failed, valid_keys=[record])("192.0.2.1") as http:
        assert (await http.get(path, headers=OTHER_VALID)).status_code == 429
        assert (await http.get(path, headers=VALID)).status_code == 200


@anyio
async def test_a_key_in_use_goes_on_after_the_store_was_away(client, looking, monkeypatch):
    from memoryos_server.model.errors import unavailable

    def away(_key):
        raise unavailable("The database can't be reached")

    async with client("192.0.2.1") as http:
        assert (await http.get("/with-key", headers=VALID)).status_code == 200
        with monkeypatch.context() as patch:
            patch.setattr(looking, "authenticate", away)
            assert (await http.get("/with-key", headers=VALID)).status_code == 503
        for number in range(3):
            assert (await http.get("/with-key", headers=wrong(number))).status_code == 401
        assert (await http.get("/with-key", headers=VALID)).status_code == 200


@anyio
async def test_a_key_in_use_that_is_revoked_is_in_use_no_longer(client, looking):
    async with client("192.0.2.1") as http:
        for headers in (VALID, wrong(0), wrong(1), wrong(2)):
            await http.get("/v1/tags", headers=headers)
        looking.revoked.add("mos_test_reader")
        statuses = [(await http.get("/v1/tags", headers=VALID)).status_code for _ in range(3)]
    assert statuses == [401, 429, 429]
    assert looking.lookups["mos_test_reader"] == 2


@anyio
async def test_only_a_well_formed_key_that_is_not_valid_counts(client, failed):
    """A missing or malformed one costs no look-up, and a missing permission or path no key."""
    malformed = ["", "Bearer", "Bearer x", "Basic bW9zOng=", "Bearer mos_\u00e4", "Bearer mos_ x"]
    async with client("192.0.2.1") as http:
        for value in malformed:
            headers = {"Authorization": value.encode("latin-1")}
            assert (await http.get("/v1/tags", headers=headers)).status_code == 401
        assert (await http.get("/v1/tags")).status_code == 401
        assert (await http.get("/nowhere", headers=wrong())).status_code == 404
        assert (await http.get("/admin/keys", headers=VALID)).status_code == 403
        assert (await http.post("/v1/search", headers=VALID, content=b"{")).status_code == 403
    assert failed._buckets == {}


@anyio
async def test_a_store_that_is_away_counts_for_nobody(client, looking, failed, monkeypatch):
    """It says nothing about the key."""
    from memoryos_server.model.errors import unavailable

    def away(_key):
        raise unavailable("The database can't be reached")

    monkeypatch.setattr(looking, "authenticate", away)
    async with client("192.0.2.1") as http:
        for _ in range(5):
            assert (await http.get("/v1/tags", headers=VALID)).status_code == 503
    assert failed._buckets == {}


@anyio
async def test_many_at_once_are_not_looked_up_much_beyond_the_limit(client, looking):
    """By no more than look up keys at the same time."""
    async with client("192.0.2.1") as http:
        requests = (http.get("/v1/tags", headers=wrong(number)) for number in range(40))
        statuses = Counter(response.status_code for response in await asyncio.gather(*requests))
    assert set(statuses) == {401, 429}
    assert statuses[401] == sum(looking.lookups.values())
    assert 3 <= statuses[401] <= 4


@anyio
async def test_without_a_limit_each_key_is_looked_up(looking):
    app = create_app(Dispatcher(looking))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        for _ in range(10):
            assert (await http.get("/v1/tags", headers=wrong())).status_code == 401


def header(key, scheme=b"Bearer "):
    return [(b"Authorization", scheme + key)]


def test_the_key_that_was_used_longest_ago_is_forgotten_first(monkeypatch):
    """And one key takes one place, however its header is written."""
    monkeypatch.setattr("memoryos_server.http.recent_keys.MAX_RECENT_KEYS", 2)
    keys = RecentKeys()
    keys.add(header(b"mos_a"), KeyHolder("a", "1"))
    keys.add(header(b"mos_b"), KeyHolder("b", "1"))
    assert keys.find(header(b"mos_a", b"BEARER   ")) == KeyHolder("a", "1")
    keys.add(header(b"mos_a", b"bEARER  "), KeyHolder("a", "1"))
    keys.add(header(b"mos_c"), KeyHolder("c", "1"))
    found = [keys.find(header(key)) for key in (b"mos_a", b"mos_b", b"mos_c")]
    assert found == [KeyHolder("a", "1"), None, KeyHolder("c", "1")]
    keys.discard(header(b"mos_c", b"bearer "))
    assert keys.find(header(b"mos_c")) is None
    assert keys.find([]) is None
