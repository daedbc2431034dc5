"""A client's settings: argument, else environment, else default; what is unusable is refused."""

from __future__ import annotations

import copy
import math
import pickle
from types import MappingProxyType

import pytest

from memoryos._protocol.secret import Secret
from memoryos._protocol.settings import (
    change_settings,
    portable_settings,
    restore_client,
)
from memoryos.exceptions import AuthenticationError, ValidationError

from .resolving import KEY, OTHER_KEY, TELLTALE, resolve


@pytest.mark.parametrize(
    ("argument", "variable", "used"),
    [(KEY, OTHER_KEY, KEY), (KEY, None, KEY), (None, OTHER_KEY, OTHER_KEY)],
)
def test_the_key_is_the_argument_else_the_variable(argument, variable, used):
    """An explicit key wins over the environment."""
    environ = {"MEMORY_OS_API_KEY": variable} if variable else {}
    assert resolve(environ, api_key=argument).api_key.reveal() == used


@pytest.mark.parametrize("space", ["\r\n", "\n", " ", "\t"])
def test_space_around_a_key_is_no_part_of_it(space):
    """A .env file with Windows line ends does not spoil the key."""
    assert resolve(api_key=space + KEY + space).api_key.reveal() == KEY
    assert resolve({"MEMORY_OS_API_KEY": KEY + space}, api_key=None).api_key.reveal() == KEY


UNUSABLE_KEYS = {
    "empty": "",
    "blank": " \t\r\n",
    "of another service": "sk-" + TELLTALE,
    "with the prefix in capitals": "MOS_" + TELLTALE,
    "with a prefix before the prefix": "Bearer mos_" + TELLTALE,
    "with a space inside": "mos_live_" + TELLTALE + " x",
    "with a line end inside": "mos_live_" + TELLTALE + "\r\nX-Injected: 1",
    "with a letter outside ASCII": "mos_live_" + TELLTALE + "é",
    "with a control character": "mos_live_" + TELLTALE + "\x00",
    "with a lone surrogate": "mos_live_" + TELLTALE + "\ud800",
}


@pytest.mark.parametrize("key", UNUSABLE_KEYS.values(), ids=UNUSABLE_KEYS.keys())
@pytest.mark.parametrize("from_environment", [False, True], ids=["argument", "variable"])
def test_an_unusable_key_is_named_and_never_shown(key, from_environment):
    """The error says which variable to set, and holds no part of the key."""
    environ = {"MEMORY_OS_API_KEY": key} if from_environment else {}
    with pytest.raises(AuthenticationError) as raised:
        resolve(environ, api_key=None if from_environment else key)
    error = raised.value
    assert (error.code, error.status, error.attempts) == ("AUTHENTICATION_ERROR", 401, 0)
    assert "MEMORY_OS_API_KEY" in error.message
    assert TELLTALE not in f"{error!s} {error!r} {vars(error)} {error.__cause__!r}"


def test_a_missing_key_says_what_to_do():
    """The error names the argument, the variable, and the way that needs no key."""
    with pytest.raises(AuthenticationError) as raised:
        resolve(api_key=None)
    for way in ("api_key", "MEMORY_OS_API_KEY", "MemoryOS.local()"):
        assert way in raised.value.message


@pytest.mark.parametrize("key", [b"mos_test_" + TELLTALE.encode(), 5, [TELLTALE]])
def test_a_key_that_is_no_string_is_refused_unseen(key):
    """Bytes out of a secret store are no key, and are not shown either."""
    with pytest.raises(AuthenticationError, match="must be a string") as raised:
        resolve(api_key=key)
    assert TELLTALE not in str(raised.value)


@pytest.mark.parametrize("key", ["mos_", "mos_live_" + "x" * 500, "mos_test_-_~!"])
def test_a_key_of_any_length_is_taken(key):
    """Only the prefix and the characters are checked; the service knows the rest."""
    assert resolve(api_key=key).api_key.reveal() == key


@pytest.mark.parametrize("name", ["timeout", "deadline"])
@pytest.mark.parametrize(
    "seconds", [0, -1, -0.0, math.nan, math.inf, 1e7, 10**400, "30", b"30", True, [30]]
)
def test_unusable_seconds_are_refused_by_name(name, seconds):
    """Only a number above 0 that a socket can count to is a time to wait."""
    with pytest.raises(ValidationError, match=rf"^{name} "):
        resolve(**{name: seconds})


def test_a_missing_timeout_is_refused():
    """`timeout=None` means for ever elsewhere; here every call ends."""
    with pytest.raises(ValidationError, match=r"^timeout "):
        resolve(timeout=None)


@pytest.mark.parametrize("count", [-1, 1.0, 2.5, "3", None, True, math.nan])
def test_an_unusable_number_of_retries_is_refused(count):
    """Only a whole number, 0 or more, counts attempts."""
    with pytest.raises(ValidationError, match=r"^max_retries "):
        resolve(max_retries=count)


@pytest.mark.parametrize(
    "settings",
    [
        {"timeout": 0.001},
        {"timeout": 3600},
        {"deadline": 0.5},
        {"max_retries": 0},
        {"headers": {}},
        {"headers": {"X-Custom-Header": "value"}},
        {"headers": {"X-Empty": ""}},
        {"headers": MappingProxyType({"X-Custom-Header": "a\tb c"})},
    ],
    ids=repr,
)
def test_usable_settings_are_taken_as_they_are(settings):
    """What passes the checks is not changed."""
    resolved = resolve(**settings)
    assert {name: getattr(resolved, name) for name in settings} == settings


UNUSABLE_HEADERS = {
    "a list": ["X-A"],
    "a string": "X-A: b",
    "a number": 5,
    "a name that is no string": {1: "a"},
    "an empty name": {"": "a"},
    "a name with a colon": {"X:A": "a"},
    "a name with a line end": {"X-A\r\nX-B": "a"},
    "a name outside ASCII": {"X-É": "a"},
    "a value with a line end": {"X-A": TELLTALE + "\r\nX-B: c"},
    "a value outside ASCII": {"X-A": TELLTALE + "é"},
    "a value in bytes": {"X-A": TELLTALE.encode()},
    "no value": {"X-A": None},
    "a number as value": {"X-A": 5},
    "the key": {"Authorization": "Bearer " + TELLTALE},
    "the key in small letters": {"authorization": "Bearer " + TELLTALE},
    "the content type": {"Content-Type": "text/plain"},
    "a length": {"Content-Length": "5"},
    "the host": {"Host": "other.test"},
    "an encoding of the answer": {"Accept-Encoding": "br"},
    "the idempotency key": {"Idempotency-Key": "always the same"},
}


@pytest.mark.parametrize("headers", UNUSABLE_HEADERS.values(), ids=UNUSABLE_HEADERS.keys())
def test_unusable_headers_are_refused_and_their_values_never_shown(headers):
    """A header can smuggle a line or contradict the SDK; its value is often a credential."""
    with pytest.raises(ValidationError, match=r"^headers ") as raised:
        resolve(headers=headers)
    assert TELLTALE not in f"{raised.value!s} {vars(raised.value)}"


@pytest.mark.parametrize("value", [" value", "value\t", "  value  "])
def test_space_around_a_header_is_no_part_of_it(value):
    """HTTP drops it, and httpx would refuse it in an error that shows the value."""
    assert resolve(headers={"X-Token": value}).headers == {"X-Token": "value"}


def test_a_refusal_tells_programs_argument_and_rule():
    """`details` spares them reading the message."""
    with pytest.raises(ValidationError) as raised:
        resolve(timeout=-1)
    error = raised.value
    assert (error.code, error.status, error.attempts) == ("VALIDATION_ERROR", 400, 0)
    assert error.details["argument"] == "timeout"
    assert error.message == f"timeout {error.details['rule']}; got -1"


def test_settings_show_neither_key_nor_headers():
    """They stand in tracebacks and debuggers."""
    settings = resolve(api_key="mos_" + TELLTALE, headers={"X-Token": TELLTALE})
    assert TELLTALE not in f"{settings!r} {settings!s}"


def test_a_secret_never_shows_itself():
    """No way of writing it shows the string; only reveal() does."""
    secret = Secret(TELLTALE)
    assert TELLTALE not in f"{secret} {secret!r} {secret!s} {[secret]}"
    assert secret.reveal() == TELLTALE


@pytest.mark.parametrize("way", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_goes_into_no_pickle(way):
    """A pickle is a file like any other."""
    with pytest.raises(TypeError, match="can't be pickled"):
        way(Secret(TELLTALE))


def changed(settings, **changes):
    """Change these settings; what is not named stays."""
    nothing = {"timeout": None, "max_retries": None, "headers": None, "deadline": None}
    changes = {**nothing, **changes}
    return change_settings(settings, **{**changes, "headers": Secret(changes["headers"])})


@pytest.mark.parametrize(("name", "value"), [("timeout", 5), ("max_retries", 0), ("deadline", 9)])
def test_a_setting_is_changed_alone(name, value):
    """The others stay as they are, and nothing is changed where nothing is given."""
    settings = resolve(timeout=20, max_retries=2, deadline=60, headers={"a": "1"})
    assert vars(changed(settings, **{name: value})) == {**vars(settings), name: value}
    assert changed(settings) == settings


@pytest.mark.parametrize(
    ("name", "value"),
    [("timeout", 0), ("max_retries", -1), ("deadline", math.nan), ("headers", {"host": "x"})],
)
def test_an_unusable_change_is_refused_by_name(name, value):
    """By the rules of the constructor."""
    with pytest.raises(ValidationError) as raised:
        changed(resolve(), **{name: value})
    assert raised.value.details["argument"] == name


def test_changed_headers_are_added_or_take_the_place_of_their_own():
    """However their names are written."""
    settings = resolve(headers={"X-One": "1", "X-Two": "2"})
    headers = changed(settings, headers={"x-one": "new", "X-Three": "3"}).headers
    assert headers == {"X-Two": "2", "x-one": "new", "X-Three": "3"}


def test_portable_settings_are_arguments_of_a_client_without_its_key():
    """What they are given to has the same settings."""
    given = {
        "base_url": "https://host/v1",
        "timeout": 5,
        "max_retries": 1,
        "headers": {"X-One": "1"},
        "deadline": 9,
    }
    settings = resolve(**given)
    portable = portable_settings(settings)
    assert portable == given
    assert portable["headers"] is not settings.headers


def test_a_client_is_restored_with_the_arguments_of_its_pickle():
    """By calling its class with them."""
    assert restore_client(dict, {"timeout": 5, "headers": None}) == {"timeout": 5, "headers": None}


def test_a_client_without_a_key_where_it_is_restored_says_so():
    """It names the reason, and shows nothing of the first error's frames."""

    def client(**arguments):
        raise AuthenticationError("AUTHENTICATION_ERROR", "No API key.", 401)

    message = r"this environment has none: No API key\."
    with pytest.raises(AuthenticationError, match=message) as e:
        restore_client(client, {"timeout": 5})
    assert (e.value.code, e.value.status) == ("AUTHENTICATION_ERROR", 401)
    assert e.value.__suppress_context__


@pytest.mark.parametrize("concealed", [False, True])
def test_a_key_and_headers_may_come_concealed(concealed):
    """As a client hands them on, so that no frame shows them."""
    conceal = Secret if concealed else (lambda value: value)
    settings = resolve(api_key=conceal(KEY), headers=conceal({"X-One": "1"}))
    assert (settings.api_key.reveal(), settings.headers) == (KEY, {"X-One": "1"})


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ("", "is blank: pass api_key=… or set MEMORY_OS_API_KEY."),
        ("sk-1", "is not a Memory OS key (MEMORY_OS_API_KEY): a key starts with mos_."),
        (
            "mos_a b",
            "is malformed (MEMORY_OS_API_KEY): a key is printable ASCII without spaces.",
        ),
    ],
)
def test_an_unusable_key_is_refused_with_its_source_and_its_rule(key, rule):
    """The argument, or the variable where no argument is given."""
    with pytest.raises(AuthenticationError) as raised:
        resolve({"MEMORY_OS_API_KEY": OTHER_KEY}, api_key=key)
    assert raised.value.message == f"The argument api_key {rule}"
    with pytest.raises(AuthenticationError) as raised:
        resolve({"MEMORY_OS_API_KEY": key}, api_key=None)
    assert raised.value.message == f"The variable MEMORY_OS_API_KEY {rule}"


def test_a_key_of_another_type_is_named():
    """And its value is not shown."""
    with pytest.raises(AuthenticationError) as raised:
        resolve(api_key=5)
    message = "The argument api_key must be a string (MEMORY_OS_API_KEY), not int."
    assert raised.value.message == message


@pytest.mark.parametrize("timeout", [1e-9, 2_000_000])
def test_the_shortest_and_the_longest_timeout_are_taken(timeout):
    """More than nothing, and as much as a socket can count."""
    assert resolve(timeout=timeout, deadline=timeout).timeout == timeout


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ({"timeout": 0}, "timeout must be more than 0 and at most 2000000 seconds; got 0"),
        (
            {"deadline": 2_000_001},
            "deadline must be more than 0 and at most 2000000 seconds; got 2000001",
        ),
        ({"timeout": True}, "timeout must be a number of seconds; got True"),
        ({"timeout": "5"}, "timeout must be a number of seconds; got '5'"),
        ({"max_retries": -1}, "max_retries must be a whole number, 0 or more; got -1"),
        ({"max_retries": True}, "max_retries must be a whole number, 0 or more; got True"),
        ({"max_retries": 1.5}, "max_retries must be a whole number, 0 or more; got 1.5"),
        ({"headers": [1]}, "headers must be a dict; got list"),
        (
            {"headers": {"a b": "x"}},
            "headers must be a header name (RFC 9110, 5.1); got the name 'a b'",
        ),
        (
            {"headers": {"Host": "x"}},
            "headers must not contain Host, which the SDK sets; remove it",
        ),
        (
            {"headers": {"a": "x\n"}},
            "headers must be printable ASCII in one line; got the value of a",
        ),
    ],
)
def test_an_unusable_setting_is_told_by_name_rule_and_value(setting, told):
    """A person reads it and knows what to pass."""
    with pytest.raises(ValidationError) as raised:
        resolve(**setting)
    assert raised.value.message == told
