"""The two clients: the documented signatures, and the same ones in both."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap

import pytest

from memoryos import AsyncMemoryOS, MemoryOS
from memoryos._protocol import settings
from memoryos._sync import bulk

# Names, order and defaults as the SDK's documentation gives them.
DOCUMENTED = {
    "__init__": (
        "api_key, base_url='https://api.mymemoryos.com/v1', timeout=30, max_retries=3, headers=None"
    ),
    "memories.create": (
        "content, tier='short', content_type='text', memory_nature=None, parent_memory_id=None, "
        "metadata=None, external_id=None, source_id=None, importance_score=None"
    ),
    "memories.list": (
        "limit=50, offset=0, tier=None, content_type=None, memory_nature=None, min_relevance=None"
    ),
    "memories.get": "memory_id",
    "memories.update": (
        "memory_id, content=None, tier=None, importance_score=None, memory_nature=None, "
        "metadata=None"
    ),
    "memories.delete": "memory_id",
    "search": (
        "query=None, embedding=None, threshold=0.7, limit=20, tier=None, memory_nature=None, "
        "tags=None, entities=None"
    ),
    "get_context": "query, max_tokens=4000, tier=None, format='text'",
}

# What the SDK has beyond the documentation: the whole method, or keyword-only arguments of it.
BULK = {"memories.iterate", "memories.create_many", "memories.export", "memories.import_"}
BULK |= {"memories.find", "memories.upsert", "memories.add_messages"}
ADDED_METHODS = {
    "tags.list",
    "entities.list",
    "entities.create",
    "local",
    "close",
    "base_url",
} | BULK
ADDED_METHODS |= {"scoped", "with_options", "with_raw_response", "low_level"}
FILTERS = {"tags", "created_after", "created_before", "external_id", "metadata"}
ADDED_ARGUMENTS = {
    "__init__": {"deadline", "http_client", "ssl_context"},
    "memories.create": {
        *("tags", "expires_at", "created_at", "access_count", "last_accessed_at"),
        "idempotency_key",
    },
    "memories.list": FILTERS,
    "memories.get": {"uncounted"},
    "memories.update": {"tags", "expires_at", "if_updated_at"},
    "search": FILTERS - {"tags"} | {"content_type", "highlights", "explain"},
    "get_context": FILTERS | {"content_type", "memory_nature", "entities"},
    "entities.create": {"idempotency_key"},
}

# Read from the environment where they are left out, so their defaults show as None.
FROM_THE_ENVIRONMENT = {"api_key": None, "base_url": None}


def members_of(client_class):
    """Return the public members of a client and of its resources, by dotted name."""
    client = client_class("mos_test_x")
    resources = {"": client, "memories.": client.memories, "tags.": client.tags}
    resources["entities."] = client.entities
    return {
        prefix + name: member
        for prefix, owner in resources.items()
        for name, member in inspect.getmembers(type(owner))
        if not name.startswith("_")
    }


MEMBERS = {client_class: members_of(client_class) for client_class in (MemoryOS, AsyncMemoryOS)}
BOTH = pytest.mark.parametrize("client_class", [MemoryOS, AsyncMemoryOS])


def member_of(client_class, name):
    """Return a member by its dotted name."""
    return client_class.__init__ if name == "__init__" else MEMBERS[client_class][name]


def parameters_of(function):
    """Return the parameters of a function or property, without `self`."""
    function = function.fget if isinstance(function, property) else function
    parameters = inspect.signature(function).parameters.values()
    return [parameter for parameter in parameters if parameter.name != "self"]


def written(parameters):
    """Write parameters as a signature has them, without their types."""
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters]
    return ", ".join(str(parameter) for parameter in bare)


@BOTH
@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_method_has_the_documented_signature(client_class, name):
    """Names, order and defaults, all usable by position; whatever is added is keyword-only."""
    parameters = parameters_of(member_of(client_class, name))
    by_position = [p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    documented = DOCUMENTED[name]
    if name == "__init__":
        documented = re.sub(r"api_key, base_url='[^']*'", "api_key=None, base_url=None", documented)
        assert [p.name for p in by_position][:2] == list(FROM_THE_ENVIRONMENT)
    assert written(by_position) == documented
    added = [p for p in parameters if p not in by_position]
    assert {p.name for p in added} == ADDED_ARGUMENTS.get(name, set())
    assert all(p.kind is p.KEYWORD_ONLY and p.default is None for p in added)


@BOTH
def test_the_clients_have_the_documented_methods_and_the_known_others(client_class):
    """A method that joins them joins the tables above."""
    attributes = {"memories", "tags", "entities"}
    documented = set(DOCUMENTED) - {"__init__"}
    assert set(MEMBERS[client_class]) - attributes == documented | ADDED_METHODS


@BOTH
def test_the_defaults_are_those_of_the_settings(client_class):
    """The signature repeats the numbers, so that editors and the reference show them."""
    defaults = {p.name: p.default for p in parameters_of(client_class.__init__)}
    assert defaults["timeout"] == settings.DEFAULT_TIMEOUT_SECONDS
    assert defaults["max_retries"] == settings.DEFAULT_MAX_RETRIES


@BOTH
def test_the_default_concurrency_is_that_of_the_command(client_class):
    create_many = MEMBERS[client_class]["memories.create_many"]
    defaults = {p.name: p.default for p in parameters_of(create_many)}
    assert defaults["concurrency"] == bulk.DEFAULT_CONCURRENCY


@BOTH
def test_the_default_address_is_the_documented_one(client_class):
    """Though its default shows as None, for the environment's sake."""
    assert f"base_url='{client_class('mos_test_x').base_url}'" in DOCUMENTED["__init__"]


@pytest.mark.shared
@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_table_above_is_what_the_document_says(name, shared):
    """The signatures are read from the document's own code blocks."""
    text = (shared / "mission" / "python-sdk-documentation.txt").read_text(encoding="utf-8")
    definition = re.search(
        rf"^ *def {name.split('.')[-1]}\(.*?\.\.\.$", text, re.MULTILINE | re.DOTALL
    )
    function = ast.parse(textwrap.dedent(definition.group())).body[0]
    names = [argument.arg for argument in function.args.args][1:]
    defaults = [repr(ast.literal_eval(default)) for default in function.args.defaults]
    required = len(names) - len(defaults)
    pairs = [f"{n}={d}" for n, d in zip(names[required:], defaults)]
    assert ", ".join(names[:required] + pairs) == DOCUMENTED[name]


def test_both_clients_have_the_same_members():
    """Neither can do what the other can't."""
    assert set(MEMBERS[MemoryOS]) == set(MEMBERS[AsyncMemoryOS])


@pytest.mark.parametrize("name", ["__init__", *sorted(MEMBERS[AsyncMemoryOS])])
def test_both_clients_have_the_same_signatures_and_types(name):
    """Argument by argument; only httpx has another class for each kind."""
    signatures = [
        [
            str(parameter).replace("httpx.AsyncClient", "httpx.Client")
            for parameter in parameters_of(member_of(client_class, name))
        ]
        for client_class in (MemoryOS, AsyncMemoryOS)
    ]
    assert signatures[0] == signatures[1]


@pytest.mark.parametrize("name", sorted(MEMBERS[AsyncMemoryOS]))
def test_both_clients_have_the_same_docstrings(name):
    """But for the words that tell them apart."""
    asynchronous = inspect.getdoc(MEMBERS[AsyncMemoryOS][name])
    assert asynchronous
    assert in_sync_words(asynchronous) == inspect.getdoc(MEMBERS[MemoryOS][name])


@pytest.mark.parametrize("name", [None, "memories", "tags", "entities"])
def test_both_clients_and_their_resources_have_the_same_docstrings(name):
    """What help() shows of the classes."""
    classes = [
        type(getattr(client, name) if name else client)
        for client in (AsyncMemoryOS("mos_test_x"), MemoryOS("mos_test_x"))
    ]
    assert in_sync_words(classes[0].__doc__) == classes[1].__doc__


def in_sync_words(text):
    """Say of the synchronous client what is said of the asynchronous one."""
    for word, replacement in (
        ("AsyncMemoryOS", "MemoryOS"),
        ("asynchronous", "synchronous"),
        ("async with", "with"),
        ("async for", "for"),
        ("await ", ""),
        ("AsyncClient", "Client"),
        ("list_memories.asyncio", "list_memories.sync"),
    ):
        text = text.replace(word, replacement)
    return text


@BOTH
@pytest.mark.parametrize("name", sorted({*DOCUMENTED, "tags.list", "entities.create", "local"}))
def test_a_docstring_tells_every_argument(client_class, name):
    """Each has a line of its own under `Args:`."""
    text = client_class.__doc__ if name == "__init__" else member_of(client_class, name).__doc__
    arguments = text.split("Args:")[1].split("Returns:")[0].split("Raises:")[0]
    for parameter in parameters_of(member_of(client_class, name)):
        assert re.search(rf"^ +{parameter.name}: \S", arguments, re.MULTILINE), parameter.name


@pytest.mark.parametrize("name", sorted(MEMBERS[AsyncMemoryOS]))
def test_only_the_async_client_is_awaited(name):
    """Every method of it but making a local client; attributes are read as they are."""
    awaited = name not in {
        *("local", "base_url", "memories", "tags", "entities"),
        *("scoped", "with_options", "with_raw_response", "low_level"),
    }
    member = MEMBERS[AsyncMemoryOS][name]
    is_async = inspect.iscoroutinefunction(member) or inspect.isasyncgenfunction(member)
    is_async |= name == "memories.create_many"  # it returns the iterator of a generator
    assert is_async is awaited
    assert not inspect.iscoroutinefunction(MEMBERS[MemoryOS][name])
    assert not inspect.isasyncgenfunction(MEMBERS[MemoryOS][name])


@BOTH
def test_a_client_names_its_public_module(client_class):
    """Tracebacks and documentation read memoryos.MemoryOS."""
    assert client_class.__module__ == "memoryos"
