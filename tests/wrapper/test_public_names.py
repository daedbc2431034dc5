"""What is public: the names that `__all__` promises, and no others."""

from __future__ import annotations

import inspect
import typing

import pytest

import memoryos
from memoryos import exceptions, types
from memoryos_api import typed_dicts

# The documentation's own words for the three aliases.
DOCUMENTED_VALUES = {
    "Tier": ("short", "medium", "long"),
    "MemoryNature": ("episodic", "semantic"),
    "ContentType": ("text", "conversation", "document", "event", "fact"),
}


@pytest.mark.parametrize("module", [memoryos, exceptions], ids=lambda module: module.__name__)
def test_exported_members(module):
    """`__all__` is sorted, and every name in it is there."""
    assert module.__all__ == sorted(module.__all__)
    assert [name for name in module.__all__ if not hasattr(module, name)] == []
    assert set(module.__all__) <= set(dir(module))


def test_every_error_is_exported():
    """No class of the tree is left out."""
    classes = {name for name, _ in inspect.getmembers(exceptions, inspect.isclass)}
    assert {name for name in classes if issubclass(getattr(exceptions, name), Exception)} == set(
        exceptions.__all__
    )


def test_a_star_import_gives_what_is_exported():
    """Lazy names included."""
    names = {}
    exec("from memoryos import *", names)
    del names["__builtins__"]
    assert set(names) == set(memoryos.__all__)


def test_an_unknown_name_is_an_attribute_error():
    """As of any module, so that hasattr() works; a typo is named."""
    with pytest.raises(AttributeError, match="MemoryOs"):
        memoryos.MemoryOs  # noqa: B018 - reading it is the test
    with pytest.raises(ImportError, match="MemoryOs"):
        exec("from memoryos import MemoryOs")


def test_a_lazy_name_is_looked_up_once():
    """Afterwards it is an attribute like any other."""
    assert memoryos.MemoryOS is memoryos.MemoryOS
    assert "MemoryOS" in vars(memoryos)


@pytest.mark.parametrize("name", ["Memory", "SearchResult", "ContextResponse", *DOCUMENTED_VALUES])
def test_the_documented_types_are_there(name):
    """`from memoryos.types import …` works as documented."""
    assert hasattr(types, name)


@pytest.mark.parametrize("name", DOCUMENTED_VALUES)
def test_the_documented_aliases_have_the_documented_values(name):
    """What a type checker accepts for a tier, a nature, a content type."""
    assert typing.get_args(getattr(types, name)) == DOCUMENTED_VALUES[name]


def test_the_types_are_the_contracts():
    """Every generated type can be imported from memoryos.types."""
    for name in typed_dicts.__all__:
        assert getattr(types, name) is getattr(typed_dicts, name)
