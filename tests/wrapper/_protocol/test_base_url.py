"""The address of the service: which one is taken, and which are rejected."""

from __future__ import annotations

import pytest

from memoryos.exceptions import ValidationError

from .resolving import TELLTALE, resolve


@pytest.mark.parametrize(
    ("argument", "variable", "used"),
    [
        ("https://argument/v1", "https://variable/v1", "https://argument/v1"),
        (None, "https://variable/v1", "https://variable/v1"),
        (None, "", "https://api.mymemoryos.com/v1"),
        (None, None, "https://api.mymemoryos.com/v1"),
    ],
)
def test_the_address_is_the_argument_else_the_variable_else_the_documented_one(
    argument, variable, used
):
    """An explicit address wins over the environment, and that over the default."""
    environ = {} if variable is None else {"MEMORY_OS_BASE_URL": variable}
    assert resolve(environ, base_url=argument).base_url == used


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://host/v1/", "https://host/v1"),
        ("https://host/v1//", "https://host/v1"),
        ("https://host/", "https://host"),
        ("  https://host/v1\r\n", "https://host/v1"),
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
        ("HTTPS://Host/V1", "HTTPS://Host/V1"),
    ],
)
def test_a_usable_address_is_taken_without_the_slash_at_its_end(given, used):
    """Paths are appended to it, so it ends in none."""
    assert resolve(base_url=given).base_url == used


UNUSABLE_ADDRESSES = [
    "host/v1",
    "//host/v1",
    "ftp://host",
    "file:///etc/passwd",
    "https://",
    "https://:443/v1",
    "https://host:0/v1",
    "https://host:65536/v1",
    "https://host:port/v1",
    "http://[::1/v1",
    "https://ho st/v1",
    "https://host/v1\r\nX-Injected: 1",
    "https://höst/v1",
    "https://host/v1?",
    "https://host/v1?key=value",
    "https://host/v1#",
    "https://host/v1#part",
    b"https://host/v1",
    5,
]


@pytest.mark.parametrize("address", UNUSABLE_ADDRESSES, ids=repr)
def test_an_unusable_address_is_refused_by_name(address):
    """What no request could be sent to, or what a path can't be appended to."""
    with pytest.raises(ValidationError, match=r"^base_url "):
        resolve(base_url=address)


def test_an_unusable_address_from_the_environment_names_the_variable():
    """Nobody searches the code for an argument that was never passed."""
    with pytest.raises(ValidationError, match=r"^MEMORY_OS_BASE_URL "):
        resolve({"MEMORY_OS_BASE_URL": "host"})


@pytest.mark.parametrize(
    "address",
    [
        "https://user:TELLTALE@host/v1",
        "https://TELLTALE@host/v1",
        "https://:TELLTALE@host/v1",
        "https://user:TELLTALE@host:99999/v1",
        "https://user:TELLTALE@ho st/v1",
        "ftp://user:TELLTALE@host",
    ],
)
def test_a_password_in_an_address_is_refused_and_never_shown(address):
    """It would end up in logs and in errors."""
    with pytest.raises(ValidationError, match=r"^base_url ") as raised:
        resolve(base_url=address)
    assert TELLTALE not in f"{raised.value!s} {vars(raised.value)}"


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("ftp://host", "must be an address such as https://host/v1; got 'ftp://host'"),
        ("ftp://u:p@host", "must be an address such as https://host/v1; got one with a user"),
        ("https://u:p@host", "must have no user, query or fragment; got one for host"),
        ("https://host?a=1", "must have no user, query or fragment; got one for host"),
        (5, "must be a string; got int"),
    ],
)
def test_an_unusable_address_is_told_without_its_password(address, told):
    """The argument or the variable, the rule, and what may be shown of the value."""
    with pytest.raises(ValidationError) as raised:
        resolve(base_url=address)
    assert raised.value.message == f"base_url {told}"
    with pytest.raises(ValidationError) as raised:
        resolve({"MEMORY_OS_BASE_URL": address})
    assert raised.value.message == f"MEMORY_OS_BASE_URL {told}"


def test_only_slashes_are_cut_from_the_end_of_an_address():
    """And without a deadline there is none."""
    settings = resolve(base_url="https://host/vX//")
    assert (settings.base_url, settings.deadline) == ("https://host/vX", None)
