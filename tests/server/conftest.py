"""A Memory OS without HTTP, a clock that tests move, an embedder that finds shared words."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from importlib.resources import files

import pytest

from memoryos_server.model.caller import Caller
from memoryos_server.service.operations import open_service

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
        defaulted = MEMORY_DEFAULTS.keys() - body.keys()
        body = {**MEMORY_DEFAULTS, "content": content, **body}
        return self.service.create_memory(self.caller, parameters, body, defaulted).data

    def upsert(self, content, key=None, **body):
        return self.create(content, key, **{"external_id": "e", "upsert": True, **body})

    def get(self, memory_id, **parameters):
        return self.service.get_memory(
            self.caller, {"memory_id": memory_id, **parameters}, None
        ).data

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


def pytest_generate_tests(metafunc):
    """Run what is marked `both_stores` on each of them."""
    if "store" in metafunc.fixturenames and metafunc.definition.get_closest_marker("both_stores"):
        metafunc.parametrize("store", ["sqlite", "postgres"], indirect=True)


@pytest.fixture(scope="session")
def document():
    """The contract, as the server reads it."""
    return _contract("contract.json")


@pytest.fixture(scope="session")
def admin_document():
    """The contract of the administration."""
    return _contract("admin.json")


def _contract(name):
    text = files("memoryos_server.contract").joinpath(name).read_text(encoding="utf-8")
    return json.loads(text)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def openai_service(monkeypatch):
    """A service that speaks like OpenAI's, and the environment leads there."""
    pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")
    from .embedding_service import embedding_service

    with embedding_service() as service:
        for name, value in service.environment.items():
            monkeypatch.setenv(name, value)
        yield service


@pytest.fixture
def embedder():
    pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")
    from memoryos_server.embedders.hashing_embedder import HashingEmbedder

    return HashingEmbedder()


@pytest.fixture
def store(request):
    """The kind of store: SQLite, but each of them where a test is marked `both_stores`."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def place(store, tmp_path, request):
    """Where several services of one test keep the same memories."""
    if store == "sqlite":
        return tmp_path / "m.db"
    return request.getfixturevalue("new_database")()


@pytest.fixture
def start(clock, embedder, store, request):
    """Open services, with the clock and the embedder of the test; they are closed after it."""
    opened = []
    new_place = lambda: ":memory:"  # noqa: E731
    if store == "postgres":
        new_place = request.getfixturevalue("new_database")

    def open_one(path=None, **options):
        service = open_service(
            path or new_place(), **{"clock": clock, "embedder": embedder, **options}
        )
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
def rows_of():
    """Read the tables past the service, whose store is either; names are not qualified."""

    def read(service, statement):
        database = service._store._database
        with database.read() as connection:
            if "postgres" in type(database).__module__:
                connection.execute("SET LOCAL search_path TO memoryos")
            return [tuple(row) for row in connection.execute(statement)]

    return read


@pytest.fixture
def change_rows():
    """Write to the tables past the service, whose store is either; names are not qualified."""

    def change(service, statement):
        database = service._store._database
        if "postgres" in type(database).__module__:

            def work(connection):
                connection.execute("SET LOCAL search_path TO memoryos")
                connection.execute(statement)

            database.write(work)
        else:
            with database.write() as connection:
                connection.execute(statement)

    return change


@pytest.fixture
def user_of():
    """Make the calls of another owner, or of another service."""
    return User
