"""`/readyz`: a word for each check, in time whatever the store does, and the reason in the log."""

from __future__ import annotations

import asyncio
import json
import logging
import threading

import pytest

from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.http.pages.readiness import Readiness
from memoryos_server.http.requests import Request
from memoryos_server.model.errors import ServiceError, unavailable
from memoryos_server.service.warm_up import WarmUp
from memoryos_server.stores.store_state import SchemaAge, StoreState

pytestmark = pytest.mark.anyio
FINE = StoreState(accepts_writes=True, schema=SchemaAge.CURRENT, has_other_embedder=False)
REQUEST = Request.build("GET", "/readyz", b"", [], b"")
ALL_OK = {"store": "ok", "schema": "ok", "embedder": "none"}


class Broken(HashingEmbedder):
    """An embedder that fails until it is repaired."""

    repaired = False

    def embed(self, texts):
        if not self.repaired:
            raise unavailable("The model's file is missing")
        return super().embed(texts)


class Remote(HashingEmbedder):
    sends_to = "https://embeddings.example"
    calls = 0

    def embed(self, texts):
        self.calls += 1
        return super().embed(texts)


def ready(look=lambda: FINE, warm_up=None, **options):
    return Readiness(look, warm_up or WarmUp(None), **{"valid_seconds": 0.0, **options})


async def ask(endpoint):
    """Return the status and the checks."""
    response = await endpoint.respond(REQUEST, None, "req_1")
    content = json.loads(response.body)
    assert content["status"] == ("ready" if response.status == 200 else "not ready")
    return response.status, content["checks"]


async def test_a_server_that_can_do_its_work_is_ready():
    assert await ask(ready()) == (200, ALL_OK)


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"accepts_writes": False}, 200, {"store": "read-only"}),
        ({"schema": SchemaAge.OLDER}, 503, {"schema": "older"}),
        ({"schema": SchemaAge.NEWER}, 503, {"schema": "newer"}),
        ({"has_other_embedder": True}, 503, {"embedder": "other"}),
    ],
)
async def test_each_state_of_the_store_has_a_word(change, status, words):
    """A store that only answers reads is of use: a standby, a file on a disk of others."""
    assert await ask(ready(lambda: FINE._replace(**change))) == (status, {**ALL_OK, **words})


@pytest.mark.parametrize(
    "error",
    [ServiceError(503, "UNAVAILABLE", "The database x can't be reached"), OSError("/a/path")],
)
async def test_why_the_store_fails_is_logged_once_and_not_told(error, caplog):
    """The answer is for anybody, and the error may name hosts and paths."""

    def fail():
        raise error

    caplog.set_level(logging.INFO, "memoryos_server")
    endpoint = ready(fail)
    for _ in range(3):
        failed = {**ALL_OK, "store": "failed", "schema": "unknown"}
        assert await ask(endpoint) == (503, failed)
    reason = "The database x can't be reached" if isinstance(error, ServiceError) else "OSError"
    words = "store: failed, schema: unknown, embedder: none"
    assert caplog.messages == [f"Readiness is now {words}. {reason}"]
    assert caplog.records[0].levelname == "WARNING"
    endpoint._look = lambda: FINE
    assert (await ask(endpoint))[0] == 200
    assert caplog.records[1].levelname == "INFO"


async def test_a_store_that_hangs_keeps_nobody_waiting_and_costs_one_thread():
    """When it answers at last, the server is ready again."""
    release, looks = threading.Event(), []

    def hang():
        looks.append(threading.current_thread().daemon)
        release.wait(30)
        return FINE

    endpoint = ready(hang, patience_seconds=0.05, valid_seconds=60)
    no_answer = {**ALL_OK, "store": "no answer", "schema": "unknown"}
    answers = await asyncio.gather(*(ask(endpoint) for _ in range(20)))
    assert answers == [(503, no_answer)] * 20
    assert await ask(endpoint) == (503, no_answer)
    assert looks == [True]
    release.set()
    await endpoint._found._pending
    assert await ask(endpoint) == (200, ALL_OK)


async def test_requests_that_come_at_once_share_a_look():
    """And those that come soon after it."""
    looks = []

    def look():
        looks.append(None)
        return FINE

    endpoint = ready(look, valid_seconds=60)
    for _ in range(2):
        answers = await asyncio.gather(*(ask(endpoint) for _ in range(20)))
        assert answers == [(200, ALL_OK)] * 20
    assert len(looks) == 1


async def test_a_server_is_not_ready_before_its_embedder_is_loaded():
    warm_up = WarmUp(HashingEmbedder())
    assert await ask(ready(warm_up=warm_up)) == (503, {**ALL_OK, "embedder": "loading"})
    warm_up.run()
    assert await ask(ready(warm_up=warm_up)) == (200, {**ALL_OK, "embedder": "ok"})


async def test_an_embedder_that_failed_is_tried_again_once_a_minute():
    """Somebody may have put the file of its model in place."""
    now = [0.0]
    embedder = Broken()
    warm_up = WarmUp(embedder, clock=lambda: now[0])
    with pytest.raises(ServiceError):
        warm_up.run()
    endpoint = ready(warm_up=warm_up)
    for now[0] in (59.0, 61.0):
        assert await ask(endpoint) == (503, {**ALL_OK, "embedder": "failed"})
    embedder.repaired = True
    now[0] = 120.0
    assert (await ask(endpoint))[0] == 503
    now[0] = 122.0
    assert await ask(endpoint) == (200, {**ALL_OK, "embedder": "ok"})


async def test_a_service_that_embeds_is_not_called():
    """It may be away for a while, and each call may cost money."""
    embedder = Remote()
    warm_up = WarmUp(embedder)
    assert await ask(ready(warm_up=warm_up)) == (200, {**ALL_OK, "embedder": "not checked"})
    assert embedder.calls == 0
    warm_up.run()
    assert await ask(ready(warm_up=warm_up)) == (200, {**ALL_OK, "embedder": "not checked"})


async def test_a_server_that_is_about_to_stop_is_not_ready():
    checks = {**ALL_OK, "server": "stopping"}
    assert await ask(ready(is_stopping=lambda: True)) == (503, checks)
