"""Whose memories an agent may see: always given, never guessed."""

from __future__ import annotations

from types import MappingProxyType, SimpleNamespace

import pytest

from memoryos import ValidationError
from memoryos.integrations._scopes import checked, resolve

RUN = SimpleNamespace(user="alice")


def test_a_mapping_is_the_scope_of_each_run():
    given = MappingProxyType({"user": "alice", "agent": "support"})
    scope = checked(given)
    assert scope is given
    assert resolve(scope, RUN) == {"user": "alice", "agent": "support"}


def test_a_function_gives_each_run_its_own_scope():
    """It is asked with the run's context, and not before."""
    scope = checked(lambda run: {"user": run.user})
    assert resolve(scope, RUN) == {"user": "alice"}
    assert resolve(scope, SimpleNamespace(user="bob")) == {"user": "bob"}


NO_SCOPES = [None, {}, [], "user:alice", 7]
NO_SCOPES += [{"user": None}, {"user": ""}, {"user": 7}, {"": "alice"}, {7: "alice"}]


@pytest.mark.parametrize("keys", NO_SCOPES)
def test_without_a_scope_nothing_is_recalled(keys):
    """As a mapping it is refused at once, from a function when the run begins."""
    with pytest.raises(ValidationError, match="scope"):
        checked(keys)
    with pytest.raises(ValidationError, match="scope"):
        resolve(checked(lambda _run: keys), RUN)


def test_the_error_names_the_key_and_the_value():
    with pytest.raises(ValidationError, match="'user', must be a non-empty string; got None"):
        checked({"user": None})


def test_an_asynchronous_function_is_refused():
    async def scope(_run):
        return {"user": "alice"}

    with pytest.raises(ValidationError, match="must not be asynchronous"):
        checked(scope)


@pytest.mark.parametrize("scope", ["mallory", {"user": ["mallory"]}, lambda _run: ["mallory"]])
def test_that_an_error_names_no_user(scope):
    with pytest.raises(ValidationError) as caught:
        resolve(checked(scope), RUN)
    assert "mallory" not in str(caught.value)
