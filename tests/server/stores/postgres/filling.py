"""Fills a database through the service: the same calls, ids and times in every version.

`old_databases` runs this file with the program of an old version. So it imports nothing else of the
tests, and calls only what every version has.

    python filling.py URL SCHEMA_VERSION
"""

from __future__ import annotations

import itertools
import sys
from contextlib import closing, suppress
from datetime import datetime, timedelta, timezone
from unittest.mock import patch
from uuid import UUID

from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.model.caller import Caller
from memoryos_server.service.operations import open_service
from memoryos_server.service.reembedding import Reembedding
from memoryos_server.stores.factory import open_store
from memoryos_server.stores.postgres.reembedding import PostgresReembeddingStore

OWNERS = ("ada", "bo")
START = datetime(2026, 11, 20, 9, 0, tzinfo=timezone.utc)
EXPIRY = START + timedelta(hours=2)
"""When memories and keys expire; the filling ends before."""

EMBEDDER, NEW_EMBEDDER = HashingEmbedder(16), HashingEmbedder(24)
"""Whose vectors are stored, and to which a change has begun."""

FILTERED_SINCE = 3
"""The schema version that has more filters, upserts, expiry, imports and scopes of keys."""

TEXTS = (
    "Die Straße nach Straßburg, said O\u2019Brien",
    "東京都に住んでいる",
    "Ada likes green tea \0 and \1\2 coffee",
    "Grace\u00ad Hopper re\ufb01ned the naïve compiler \N{TEACUP WITHOUT HANDLE}",
)
METADATA = {
    "tags": ["Tea", "user:Alice", "Straße"],
    "n": 1,
    "real": 1.5,
    "yes": True,
    "none": None,
    "list": [1, {"x": 1}],
    "object": {"b": [2], "a": "\0"},
    "nul\0": "a\0",
    "timestamp": 1757894400,
}
OF_A_CONVERSATION = {"content_type": "conversation", "metadata": {"conversation_id": "c1"}}


class Filling:
    """One owner's calls, a second apart."""

    def __init__(self, service, owner, clock):
        self.service = service
        self.caller = Caller(owner, frozenset({"*"}))
        self.clock = clock

    def create(self, content, key=None, **body):
        self.clock.now += timedelta(seconds=1)
        parameters = {} if key is None else {"Idempotency-Key": key}
        body = {"tier": "long", "content_type": "text", "content": content, **body}
        return self.service.create_memory(self.caller, parameters, body).data["id"]

    def create_entity(self, name, key=None, **body):
        self.clock.now += timedelta(seconds=1)
        parameters = {} if key is None else {"Idempotency-Key": key}
        body = {"name": name, "type": "person", **body}
        return self.service.create_entity(self.caller, parameters, body).data["id"]

    def update(self, memory_id, **body):
        self.clock.now += timedelta(seconds=1)
        self.service.update_memory(self.caller, {"memory_id": memory_id}, body)

    def get(self, memory_id):
        self.service.get_memory(self.caller, {"memory_id": memory_id}, None)

    def delete(self, memory_id):
        self.service.delete_memory(self.caller, {"memory_id": memory_id}, None)


class Clock:
    """The time of the filling."""

    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now


class StoppedError(Exception):
    """The change of the embedder is to be left unfinished."""


def fill(url, version):
    """Fill an empty database with what the program of a schema version can store."""
    clock = Clock()
    numbers = itertools.count(1)
    options = {"clock": clock, "new_id": lambda: str(UUID(int=next(numbers), version=4))}
    with closing(open_service(url, embedder=EMBEDDER, **options)) as service:
        for owner in OWNERS:
            _fill(Filling(service, owner, clock), version)
        _create_keys(service, version)
    _begin_reembedding(url)
    for text, embedder in (("Not embedded anew", EMBEDDER), ("Not embedded at all", None)):
        with closing(open_service(url, embedder=embedder, **options)) as service:
            for owner in OWNERS:
                Filling(service, owner, clock).create(text)


def _fill(owner, version):
    grace = owner.create_entity(
        "Grace Hopper", key="e1", aliases=["Amazing Grace"], metadata={"n": 1}
    )
    owner.create_entity("Straße", type="place")
    first = owner.create(TEXTS[0], key="m1", metadata=METADATA, external_id="mail-1")
    child = owner.create(
        TEXTS[1],
        parent_memory_id=first,
        metadata={"entities": [grace, "unknown"], "n": 1.0},
        external_id="\0",
    )
    for text in TEXTS[2:]:
        owner.create(text, parent_memory_id=child, metadata={"tags": ["tea"]}, external_id="mail-1")
    owner.create("Ada: When is the train?", **OF_A_CONVERSATION)
    owner.create("Bo: At seven.", key="m2", **OF_A_CONVERSATION)
    changed = owner.create("Draft", tier="short", metadata={"n": 3})
    owner.update(changed, content="The garden has a pond", metadata={"tags": ["garden"], "n": 4})
    owner.delete(owner.create("Deleted", metadata={"tags": ["garden"]}))
    for memory in (first, first, child):
        owner.get(memory)
    if version >= FILTERED_SINCE:
        _fill_filtered(owner)


def _fill_filtered(owner):
    owner.create("Expires", tags=["soon"], expires_at=EXPIRY.isoformat())
    owner.create("Lasts", tags=["soon"], expires_at=(EXPIRY + timedelta(days=9)).isoformat())
    owner.create(
        "Imported",
        created_at="2020-01-01T00:00:00Z",
        last_accessed_at="2021-01-01T00:00:00Z",
        access_count=7,
        external_id="old",
    )
    for text in ("Before", "After"):
        owner.create(text, key=text, external_id="one", upsert=True, tags=["user:bo"])


def _create_keys(service, version):
    names = iter(["valid", "revoked", "expired", "scoped"])
    with patch("secrets.token_urlsafe", lambda _: next(names)):
        for owner, options in zip(OWNERS * 2, ({}, {}, {"expires_at": EXPIRY}), strict=False):
            service.create_key(owner=owner, **options)
        if version >= FILTERED_SINCE:
            service.create_key(owner="ada", scope={"user": "alice"}, name="scoped")
    service.revoke_key(service.list_keys()[1].id)


def _begin_reembedding(url):
    """Embed all memories anew, and stop before the vectors are replaced."""
    stopped = patch.object(PostgresReembeddingStore, "complete", side_effect=StoppedError)
    opened = closing(open_store(url, embedder=NEW_EMBEDDER.name))
    with opened as store, stopped, suppress(StoppedError):
        Reembedding(store, NEW_EMBEDDER).run(lambda _: None)


if __name__ == "__main__":
    fill(sys.argv[1], int(sys.argv[2]))
