"""What is shown of a database's address: never the password, however it is written."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_server.commands.serve_options import ServeOptions
from memoryos_server.stores.database_url import Address, is_address


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://host/db", "postgresql://host/db"),
        ("postgresql://user@host:5433/db", "postgresql://host:5433/db"),
        ("postgres://user:s3cret@host/db?sslmode=require", "postgresql://host/db"),
        ("postgresql://user:s3cret@[::1]:5432/db", "postgresql://[::1]:5432/db"),
        ("postgresql://u:s3cret@one:1,two:2/db", "postgresql://one:1,two:2/db"),
        ("postgresql:///db?host=/tmp&password=s3cret", "postgresql:///db"),
        ("postgresql://", "postgresql://"),
        ("postgresql://user:s3c@ret@host/db", "postgresql://host/db"),
        ("postgresql://user:s3c?r@et@host/db", "postgresql://…"),
        ("postgresql://user:s3cret", "postgresql://…"),
        ("postgresql://user:s3cret/db", "postgresql://…"),
    ],
)
def test_an_address_shows_the_host_and_the_database(url, shown):
    address = Address(url)
    assert str(address) == shown
    assert "s3c" not in repr(address) + repr(ServeOptions(store=url))


@given(password=st.text(min_size=4).filter(lambda text: not text.isdecimal()), escape=st.booleans())
def test_no_password_is_shown_even_where_it_is_not_escaped(password, escape):
    written = quote(password, safe="") if escape else password
    shown = str(Address(f"postgresql://xuser:{written}@xhost:5432/xdb"))
    assert shown in {"postgresql://xhost:5432/xdb", "postgresql://…"}


@pytest.mark.parametrize("text", ["postgresql://x", "postgres://x"])
def test_the_url_of_a_database_is_told_from_a_file(text):
    assert is_address(text)
    assert not is_address(f"./{text}")
    assert not is_address(":memory:")
