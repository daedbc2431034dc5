"""Any value of any kind, in any argument: refused as it should be, or sent as it should be.

Nothing else is ever raised, and nothing that is sent can mean more than its argument.
"""

from __future__ import annotations

import enum
import json
import math
import re
from datetime import datetime, timezone
from urllib.parse import parse_qsl

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memoryos._protocol import operations, times
from memoryos._protocol.secret import Secret
from memoryos._protocol.settings import resolve_settings
from memoryos.exceptions import AuthenticationError, MemoryOSError, ValidationError
from memoryos_api.operations import OPERATIONS

from ..preparing import prepare
from ..strategies import ID, UNHURRIED, any_text, anything, json_values

pytestmark = pytest.mark.long

KEY = "mos_test_TELLTALE"
SETTINGS = resolve_settings(
    {}, api_key=KEY, base_url=None, timeout=30, max_retries=3, headers=None, deadline=None
)
UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


def fitting(schema):
    """Values that a schema allows, more or less: so that not everything is refused."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema.get("format") == "uuid":
        return st.uuids().map(str) | st.just(ID.upper())
    if schema.get("format") == "date-time":
        return st.datetimes(timezones=st.just(timezone.utc)) | st.just("2026-11-02T08:15:00+01:00")
    if "contentMediaType" in schema:
        return st.dictionaries(any_text, json_values, max_size=3)
    return {
        "string": any_text,
        "boolean": st.booleans(),
        "integer": st.integers(schema.get("minimum", 0), schema.get("maximum", 1000)),
        "number": st.floats(schema.get("minimum", 0), schema.get("maximum", 1)),
        "object": st.dictionaries(any_text, json_values, max_size=3),
        "array": st.lists(any_text, max_size=3) | st.just([0.5] * schema.get("minItems", 0)),
    }[schema["type"]]


@st.composite
def calls(draw):
    """The name of an operation, and a value for each of its arguments."""
    name = draw(st.sampled_from(sorted(OPERATIONS)))
    described = OPERATIONS[name].arguments
    spoilt = draw(st.sampled_from([None, *described]))
    given_values = {
        argument: draw(
            anything
            if argument == spoilt
            else fitting(described[argument].schema)
            if described[argument].required
            else st.none() | fitting(described[argument].schema)
        )
        for argument in described
    }
    return name, given_values


@given(call=calls())
@example(call=("get_memory", {"memory_id": ".."}))
@example(call=("get_memory", {"memory_id": f"{ID}/../{ID}"}))
@example(call=("list_memories", {"tags": []}))
@example(call=("list_memories", {"tags": ()}))
@UNHURRIED
def test_any_argument_is_refused_by_name_or_sent_where_it_belongs(call):
    """A ValidationError and nothing else; a request of the contract's form and nothing else."""
    name, arguments = call
    try:
        call = operations.build_call(OPERATIONS[name], arguments)
    except ValidationError as error:
        check_refusal(error)
    else:
        check_request(name, arguments, prepare(call, SETTINGS))


def check_refusal(error):
    """Hold an error against what it must say."""
    assert (error.code, error.status) == ("VALIDATION_ERROR", 400)
    assert error.details["argument"] in error.message
    assert str(error)


def check_request(name, arguments, request):
    """Hold what is sent against what was passed: path, query, headers, body."""
    path, _, query = request.target.partition("?")
    assert re.fullmatch(re.sub(r"\\\{\w+\\\}", UUID, re.escape(OPERATIONS[name].path)), path)
    assert re.fullmatch(r"[!-~]*", request.target)
    sent = {}
    for wire, value in parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)):
        sent.setdefault(wire, []).append(value)
    described = OPERATIONS[name].arguments
    for argument, value in arguments.items():
        is_off = value is False and described[argument].feature
        left_out = is_off or value is None or value in ([], ())
        if described[argument].location == "query" and not left_out:
            check_query(sent.pop(described[argument].wire_name), value, described[argument].schema)
    assert all(described[wire].default is not None for wire in sent)
    for header, value in request.headers:
        assert re.fullmatch(r"[a-z-]+", header)
        assert re.fullmatch(r"[ -~]*", value)
    check_body(name, arguments, request.content)


def check_query(sent, passed, schema):
    """Hold the texts of a parameter of the query against what was passed."""
    if "contentMediaType" in schema:
        assert same(json.loads(sent[0]), passed)
    elif isinstance(passed, datetime):
        assert times.parse(sent[0]) == passed
    else:
        values = passed if isinstance(passed, (list, tuple)) else [passed]
        assert sent == [str(value) for value in values]


def check_body(name, arguments, content):
    """Hold what is sent against what was passed."""
    described = OPERATIONS[name].arguments
    passed = {
        described[argument].wire_name: value
        for argument, value in arguments.items()
        if value is not None
        and described[argument].location == "body"
        and not is_off(described[argument], value)
    }
    if content is None:
        assert not passed
        return
    sent = json.loads(content.decode("utf-8"), parse_constant=pytest.fail)
    for wire, value in passed.items():
        if described[wire].schema.get("format") == "uuid":
            assert sent.pop(wire) == value.lower()
        elif isinstance(value, datetime):
            assert times.parse(sent.pop(wire)) == value
        else:
            assert same(sent.pop(wire), value)
    assert sent == {}


def is_off(argument, value):
    """Say whether the value is that of a feature's switch which is off: it isn't sent."""
    return value is False and argument.schema.get("type") == "boolean" and argument.feature


def same(sent, passed):
    """Say whether JSON holds what was passed; tuples become lists, and -0.0 stays below 0."""
    if isinstance(passed, dict):
        return sent.keys() == passed.keys() and all(same(sent[k], v) for k, v in passed.items())
    if isinstance(passed, (list, tuple)):
        return len(sent) == len(passed) and all(map(same, sent, passed))
    if isinstance(passed, float):
        return sent == passed and math.copysign(1, sent) == math.copysign(1, passed)
    return sent == passed and isinstance(sent, bool) is isinstance(passed, bool)


class Tier(str, enum.Enum):
    """As applications have it."""

    LONG = "long"


class Count(int, enum.Enum):
    """A number with a name."""

    FEW = 5


class Share(float, enum.Enum):
    """A share with a name."""

    HALF = 0.5


def test_a_member_of_an_enumeration_is_sent_as_its_value():
    """In the query as in the body; its own name is nobody's business."""
    listed = operations.build_call(
        operations.list_memories,
        {"limit": Count.FEW, "offset": Count.FEW, "tier": Tier.LONG, "min_relevance": Share.HALF},
    )
    query = prepare(listed, SETTINGS).target.partition("?")[2]
    assert dict(parse_qsl(query)) == {
        "limit": "5",
        "offset": "5",
        "tier": "long",
        "min_relevance": "0.5",
    }
    found = operations.build_call(
        operations.search_memories,
        {"query": "tea", "threshold": Share.HALF, "limit": Count.FEW, "tier": Tier.LONG},
    )
    assert json.loads(found.content) == {
        "query": "tea",
        "threshold": 0.5,
        "limit": 5,
        "tier": "long",
    }


headers_of_any_kind = st.dictionaries(any_text, any_text, max_size=3) | anything
given_settings = st.fixed_dictionaries(
    {
        "api_key": st.just(KEY) | any_text.map(lambda text: f"mos_{text}") | anything,
        "base_url": st.just("https://host/v1") | any_text.map("http://host/{}".format) | anything,
        "timeout": st.just(30) | anything,
        "max_retries": st.just(3) | anything,
        "headers": st.none() | headers_of_any_kind,
        "deadline": st.none() | anything,
    }
)


@given(arguments=given_settings)
@UNHURRIED
def test_any_setting_is_refused_or_usable(arguments):
    """An AuthenticationError or a ValidationError; what is taken can't break out of its header."""
    try:
        settings = resolve_settings({}, **arguments)
    except (AuthenticationError, ValidationError) as error:
        check_words(error)
    else:
        check_settings(settings)


def check_words(error):
    """Every refusal says something."""
    assert error.message


def check_settings(settings):
    """Hold settings that were taken against what can be sent with them."""
    assert re.fullmatch(r"https?://[!-~]+", settings.base_url)
    assert isinstance(settings.api_key, Secret)
    assert re.fullmatch(r"mos_[!-~]*", settings.api_key.reveal())
    assert 0 < settings.timeout < math.inf
    assert settings.max_retries >= 0
    request = prepare(operations.build_call(operations.get_memory, {"memory_id": ID}), settings)
    assert ("authorization", f"Bearer {settings.api_key.reveal()}") in request.headers
    for name, value in request.headers:
        assert re.fullmatch(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", name)
        assert re.fullmatch(r"[\t -~]*", value)


def test_the_root_catches_both():
    """Whoever catches MemoryOSError catches what the properties above allow."""
    assert issubclass(ValidationError, MemoryOSError)
    assert issubclass(AuthenticationError, MemoryOSError)
