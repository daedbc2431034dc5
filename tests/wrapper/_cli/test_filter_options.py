"""Options that filter and that name a scope: what they mean, and what is wrong."""

from __future__ import annotations

import argparse

import pytest

from memoryos._cli.arguments import json_object
from memoryos._cli.error_messages import InputError
from memoryos._cli.filter_options import add_filters, filters_of, merged_metadata
from memoryos._cli.scope_options import add_scope_options, scope_of


def parsed(*words):
    """Return the options of a command that filters within a scope."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    add_filters(parser, entities=True)
    add_scope_options(parser)
    return parser.parse_args(words)


def test_filters_have_the_names_of_the_sdk():
    """Those that were given only."""
    assert filters_of(parsed()) == {}
    words = ["--tier", "long", "--type", "fact", "--nature", "semantic", "--external-id", "x"]
    words += [
        "--tag",
        "a",
        "--tag",
        "b",
        "--entity",
        "e",
        "--created-before",
        "2026-11-02T08:15:00Z",
    ]
    words += ["--created-after", "2026-11-01T08:15:00+01:00", "--meta", "k=v"]
    assert filters_of(parsed(*words)) == {
        "tier": "long",
        "content_type": "fact",
        "memory_nature": "semantic",
        "external_id": "x",
        "tags": ["a", "b"],
        "entities": ["e"],
        "created_before": "2026-11-02T08:15:00Z",
        "created_after": "2026-11-01T08:15:00+01:00",
        "metadata": {"k": "v"},
    }


@pytest.mark.parametrize(
    ("word", "member"),
    [
        ("topic=tea", {"topic": "tea"}),
        ("topic=", {"topic": ""}),
        ("url=http://host/?a=b:=c", {"url": "http://host/?a=b:=c"}),
        ("count=5", {"count": "5"}),
        ("count:=5", {"count": 5}),
        ("done:=null", {"done": None}),
        ('list:=["a", 1.5, {"b": true}]', {"list": ["a", 1.5, {"b": True}]}),
    ],
)
def test_metadata_are_texts_unless_json_is_asked_for(word, member):
    """A user's id of digits stays a text."""
    assert filters_of(parsed("--meta", word)) == {"metadata": member}


@pytest.mark.parametrize(
    "words",
    [
        ["--meta", "topic"],
        ["--meta", "=tea"],
        ["--meta", ":=5"],
        ["--meta", "count:=five"],
        ["--meta", f"deep:={'[' * 9999}"],
        ["--created-after", "May"],
        ["--created-before", "2026-11-02T08:15:00"],
        ["--scope", "session"],
        ["--scope", "=s1"],
    ],
)
def test_a_value_of_another_form_is_a_usage_error(words, capsys):
    with pytest.raises(SystemExit):
        parsed(*words)
    assert "must " in capsys.readouterr().err


def test_a_key_of_metadata_comes_once():
    """One of the two would be lost."""
    with pytest.raises(InputError, match="the metadata have the key a twice"):
        filters_of(parsed("--meta", "a=1", "--meta", "a=2"))
    with pytest.raises(InputError, match="the metadata have the key a twice"):
        merged_metadata({"a": 1}, [("a", "1")])
    with pytest.raises(argparse.ArgumentTypeError, match="has the key 'b' twice"):
        json_object('{"a": [{"b": 1, "b": 2}]}')
    assert merged_metadata({"a": 1}, [("b", "2")]) == {"a": 1, "b": "2"}


def test_a_key_in_json_comes_once(capsys):
    with pytest.raises(SystemExit):
        parsed("--meta", 'a:={"b": 1, "b": 2}')
    assert "argument --meta: has the key 'b' twice" in capsys.readouterr().err


def test_a_scope_has_all_that_is_named():
    assert scope_of(parsed()) == {}
    words = ["--user", "Ada Lovelace", "--agent", "x", "--scope", "session=a=b", "--scope", "k=v"]
    assert scope_of(parsed(*words)) == {
        "user": "Ada Lovelace",
        "agent": "x",
        "session": "a=b",
        "k": "v",
    }


@pytest.mark.parametrize(
    "words", [["--user", ""], ["--scope", "k="], ["--user", "", "--agent", "x"]]
)
def test_an_empty_user_is_not_everybody(words):
    """As of a variable of the shell that isn't set."""
    with pytest.raises(InputError, match="must not be empty"):
        scope_of(parsed(*words))


@pytest.mark.parametrize("second", [["--scope", "user=b"], ["--user", "b"]])
def test_a_key_of_the_scope_comes_once(second):
    with pytest.raises(InputError, match="the scope has the key user twice"):
        scope_of(parsed("--user", "a", *second))
