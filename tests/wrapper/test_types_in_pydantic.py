"""`memoryos.types` in pydantic models, such as those of FastAPI's routes.

Before Python 3.12, pydantic takes no TypedDict but that of typing_extensions.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from memoryos import types

pydantic = pytest.importorskip("pydantic", minversion="2", reason="pydantic is not installed")

MEMORY = {"content": "Likes tea", "metadata": {"tags": ["user:alice"], "a": {"b": None}}}
TYPED_DICTS = [
    name
    for name in vars(types)
    if hasattr(getattr(types, name), "__required_keys__") and not name.startswith("_")
]


def test_there_are_typed_dicts():
    assert {"Memory", "SearchResponse", "ContextResponse"} <= set(TYPED_DICTS)


@pytest.mark.parametrize("name", TYPED_DICTS)
def test_each_type_has_a_schema(name):
    """Which is what FastAPI asks for when a route names it."""
    schema = pydantic.TypeAdapter(getattr(types, name)).json_schema()
    assert schema["type"] == "object"
    assert set(schema.get("required", [])) == set(getattr(types, name).__required_keys__)


def test_values_are_checked_by_their_keys():
    """What is required must be there, and what is optional need not."""
    adapter = pydantic.TypeAdapter(types.MemoryCreate)
    assert adapter.validate_python(MEMORY) == MEMORY
    with pytest.raises(pydantic.ValidationError, match="content"):
        adapter.validate_python({"metadata": {}})


def test_typing_extensions_is_not_needed():
    """The base install has none."""
    program = (
        "import sys; sys.modules['typing_extensions'] = None; from memoryos.types import Memory"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
