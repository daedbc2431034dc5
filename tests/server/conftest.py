"""A Memory OS without HTTP, a clock that tests move, an embedder that finds shared words."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from memoryos_server.caller import Caller
from memoryos_server.service import open_service

MEMORY_DEFAULTS = {"tier": "short", "content_type": "text"}
SEARCH_DEFAULTS = {"threshold": 0.7, "limit": 20}
CONTEXT_DEFAULTS = {"max_tokens": 4000, "format": "text"}
PAGE_DEFAULTS = {"limit": 50, "offset": 0}
TAG_DEFAULTS = {**PAGE_DEFAULTS, "sort": "name", "order": "asc"}


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self):
        self.now = datetime(2026, 11, 22, 10, 0, tzinfo=timezone.utc)

    def __call__(self):
        return self.now

    def advance(self, **step):
        self.now += timedelta(**step)


class User:
    """One owner's calls of a service, with the contract's defaults, as dispatch makes them."""

    def __init__(self, service, owner="default"):
        self.service = service
        self.caller = Caller(owner, frozenset({"*"}))

    def create(self, content, key=None, **body):
        parameters = {} if key is None else {"Idempotency-Key": key}
        body = {**MEMORY_DEFAULTS, "content": content, **body}
        return self.service.create_memory(self.caller, parameters, body).data

    def get(self, memory_id):
        return self.service.get_memory(self.caller, {"memory_id": memory_id}, None).data

    def update(self, memory_id, **body):
        return self.service.update_memory(self.caller, {"memory_id": memory_id}, body).data

    def delete(self, memory_id):
        return self.service.delete_memory(self.caller, {"memory_id": memory_id}, None).data

    def page(self, **parameters):
        return self.service.list_memories(self.caller, {**PAGE_DEFAULTS, **parameters}, None)

    def list(self, **parameters):
        return self.page(**parameters).data

    def search(self, query=None, **body):
        body = {**SEARCH_DEFAULTS, **({} if query is None else {"query": query}), **body}
        return self.service.search_memories(self.caller, {}, body).data

    def found(self, query=None, **body):
        return [result["content"] for result in self.search(query, **body)["results"]]

    def context(self, query, **body):
        body = {**CONTEXT_DEFAULTS, "query": query, **body}
        return self.service.get_context(self.caller, {}, body).data

    def tags(self, **parameters):
        return self.service.list_tags(self.caller, {**TAG_DEFAULTS, **parameters}, None)

    def entities(self, **parameters):
        return self.service.list_entities(self.caller, {**PAGE_DEFAULTS, **parameters}, None)

    def create_entity(self, name, key=None, **body):
        parameters = {} if key is None else {"Idempotency-Key": key}
        body = {"name": name, "type": "person", **body}
        return self.service.create_entity(self.caller, parameters, body).data


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def embedder():
    pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")
    from memoryos_server.embedders.hashing import HashingEmbedder

    return HashingEmbedder()


@pytest.fixture
def start(clock, embedder):
    """Open services, with the clock and the embedder of the test; they are closed after it."""
    opened = []

    def open_one(path=":memory:", **options):
        service = open_service(path, **{"clock": clock, "embedder": embedder, **options})
        opened.append(service)
        return service

    yield open_one
    for service in opened:
        service.close()


@pytest.fixture
def service(start):
    return start()


@pytest.fixture
def user(service):
    return User(service)


@pytest.fixture
def user_of():
    """Make the calls of another owner, or of another service."""
    return User
