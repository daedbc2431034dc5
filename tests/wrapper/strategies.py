"""What property tests draw from: values of every kind, and how many of them."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

LONG = bool(os.environ.get("MEMORY_OS_LONG_TESTS"))
UNHURRIED = settings(
    deadline=None,
    max_examples=3000 if LONG else 100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

ID = "550e8400-e29b-41d4-a716-446655440000"
FRAGMENTS = [
    *("..", "../..", "%2e%2e", "/", "\\", "?", "#", "&", "=", ";", "+", "%", "%0d%0a", " ", ""),
    *(
        "\r\n",
        "\r\nX-Injected: 1",
        "\n",
        "\0",
        "\x7f",
        "\u2028",
        "\ud800",
        "\udc00\ud800",
        "é",
        "🙂",
    ),
    *(ID, ID.upper(), f"{ID}\n", f"{{{ID}}}", "long", "LONG", "text", "name", "asc", "mos_x"),
]
ANY_CHARACTER = st.characters(exclude_categories=())
any_text = st.lists(
    st.sampled_from(FRAGMENTS) | st.text(ANY_CHARACTER, max_size=6), max_size=4
).map("".join)
numbers = (
    st.integers()
    | st.floats()
    | st.sampled_from([0, 1, 100, 101, -1, 10**30, -(10**400), 1e308, 5e-324, True, -0.0])
)
scalars = st.none() | st.booleans() | numbers | any_text
json_values = st.recursive(
    scalars, lambda v: st.lists(v, max_size=3) | st.dictionaries(any_text, v, max_size=3)
)


class Spiteful:
    """An object that can't even be shown."""

    def __repr__(self):
        raise RuntimeError("no")


hashable = scalars | st.binary(max_size=8) | st.tuples(scalars)
anything = st.recursive(
    hashable | st.builds(object) | st.builds(Spiteful) | st.sets(scalars, max_size=2),
    lambda v: (
        st.lists(v, max_size=3)
        | st.lists(v, max_size=3).map(tuple)
        | st.dictionaries(hashable, v, max_size=3)
    ),
)
