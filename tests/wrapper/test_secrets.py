"""The key is shown nowhere: no repr, error, traceback, log or pickle."""

from __future__ import annotations

import logging
import pickle
import traceback

import httpcore
import pytest

from memoryos.exceptions import MemoryOSError

from . import contract_answers as answers

pytestmark = pytest.mark.anyio

TELLTALE = "TELLTALE0123456789"
KEY = "mos_test_" + TELLTALE
ID = "550e8400-e29b-41d4-a716-446655440000"


def client_of(api):
    """Make a client with two secrets: its key, and a token in a header."""
    return api.client(api_key=KEY, headers={"X-Token": TELLTALE}, max_retries=1)


async def test_a_client_shows_its_address_only(api):
    """Neither itself nor anything that it holds."""
    client = client_of(api)
    shown = [client, client.memories, client.tags, client.entities, client._session]
    shown += [client._session.settings, client._session.policy, client._session.transport]
    assert TELLTALE not in " ".join(f"{part!r} {part!s}" for part in shown)
    assert repr(client) == f"{type(client).__name__}(base_url='{api.base_url}')"


FAILURES = {
    "a refusal": {"status_code": 401, "json": answers.failure("UNAUTHORIZED")},
    "a failure": {"status_code": 500, "json": answers.failure("INTERNAL_ERROR")},
    "a page of HTML": {"status_code": 200, "html": "<html></html>"},
    "a redirect": {"status_code": 302},
}


async def error_of(api):
    """Return what a call raises."""
    with pytest.raises(MemoryOSError) as raised:
        await api.done(client_of(api).memories.create("tea"))
    return raised.value


def everything_said(error):
    """Return all that an error and its traceback show."""
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    return f"{lines} {error!r} {error!s} {vars(error)}"


@pytest.mark.off_contract(reason="a page of HTML and a redirect are among the answers")
@pytest.mark.parametrize("answer", FAILURES.values(), ids=FAILURES.keys())
async def test_no_error_shows_the_key(api, answer):
    """Whatever the service answers."""
    api.router.route().respond(**answer)
    error = await error_of(api)
    assert TELLTALE not in everything_said(error)
    assert TELLTALE.encode() not in pickle.dumps(error)


async def test_no_broken_connection_shows_the_key(api):
    """Nor the causes that are attached."""
    api.router.route().mock(side_effect=httpcore.ReadError("broken"))
    assert TELLTALE not in everything_said(await error_of(api))


@pytest.mark.parametrize("through_httpx", [False, True], ids=["own", "httpx"])
async def test_no_log_shows_the_key(api, caplog, through_httpx):
    """At the most talkative level, of httpx and httpcore too."""
    caplog.set_level(logging.DEBUG)
    api.router.route().respond(**FAILURES["a failure"])
    http_client = api.http_client() if through_httpx else None
    client = api.client(
        api_key=KEY, headers={"X-Token": TELLTALE}, http_client=http_client, max_retries=0
    )
    with pytest.raises(MemoryOSError):
        await api.done(client.memories.get(ID))
    assert TELLTALE not in caplog.text
