"""The key is shown nowhere: not in an error, a traceback with locals, a log, a pickle or a warning.

Nor is a header that the caller adds. What is looked at includes the frames of httpcore, h11, httpx
and asyncio, and the exceptions that they raise.
"""

from __future__ import annotations

import asyncio
import copy
import logging
import os
import pickle
import signal
import threading
import time

import pytest

from memoryos import AsyncMemoryOS, MemoryOS
from memoryos.exceptions import AuthenticationError, MemoryOSError, ValidationError
from memoryos.testing import faults

from .callers import ID, KEY, LONG, TRIED, Caller, done, quicken, until
from .forward_proxy import ForwardProxy
from .revealing import everything

# Part of all that must not be shown, and of no line of this file but this:
SECRET = "TELLTALE"
HEADERS = {"X-Token": f"{SECRET}-of-a-header"}
CLIENTS = [MemoryOS, AsyncMemoryOS]

assert SECRET in KEY


def check(raised, *, by_rich=LONG):
    """Hold everything that can be shown of an exception against the telltale."""
    shown = everything(raised, by_rich=by_rich)
    assert len(shown) > 100  # something was rendered
    at = shown.find(SECRET)
    assert at < 0, shown[max(0, at - 1000) : at + 200]
    TRIED["exceptions searched for the key"] += 1


def test_the_search_finds_what_is_there():
    """A key in a local of a frame, and one in the message of a hidden cause."""
    for reveal in (_in_a_local, _in_a_hidden_cause):
        with pytest.raises((ValueError, TypeError)) as raised:
            reveal()
        for by_rich in (False, True):
            assert SECRET in everything(raised.value, by_rich=by_rich)


def _in_a_local():
    secret = f"{KEY}"
    return int(secret.replace(KEY, "no number"))


def _in_a_hidden_cause():
    try:
        int(KEY)
    except ValueError:
        raise TypeError("x") from None


@pytest.mark.parametrize("fault", faults.ALL.values(), ids=faults.ALL.keys())
def test_no_failed_call_shows_the_key(caller, proxy, fault):
    """Every fault, through every kind of client."""
    check_call(caller, proxy, fault)


@pytest.mark.parametrize("fault", faults.CONNECTIONS + faults.TIMES, ids=str)
def test_no_failed_call_over_tls_shows_the_key(own, tls_proxy, trust, fault):
    """There the frames of TLS are between."""
    check_call(own, tls_proxy, fault, ssl_context=trust)


def check_call(caller, proxy, fault, **settings):
    """Make a call that meets a fault, and search what it raises."""
    proxy.fail_always(fault)

    async def use(client):
        quicken(client)
        try:
            await done(client.memories.create("tea"))
        except MemoryOSError as error:
            check(error, by_rich=LONG or fault is faults.LOST_ANSWER)

    timeout = 0.1 if fault in faults.TIMES else 20
    caller.run(use, proxy.base_url, timeout=timeout, max_retries=1, headers=HEADERS, **settings)


def own_failure(local):
    """Raise what a caller handles while it makes a call."""
    return int(local)


def test_no_failed_call_within_a_handler_of_the_callers_shows_the_key(caller, proxy):
    """Nor are the caller's own exceptions touched: their frames keep their locals."""
    proxy.fail_always(faults.LOST_ANSWER)

    async def use(client):
        quicken(client)
        try:
            own_failure("my own local")
        except ValueError as own_error:
            with pytest.raises(MemoryOSError) as raised:
                await done(client.memories.create("tea"))
            mine = own_error
        check(raised.value, by_rich=True)
        assert "my own local" in everything(mine)

    caller.run(use, proxy.base_url, headers=HEADERS)


def test_no_refused_certificate_shows_the_key(own, tls_proxy):
    """The handshake fails before anything is sent."""

    async def use(client):
        with pytest.raises(MemoryOSError) as raised:
            await done(client.memories.create("tea"))
        check(raised.value, by_rich=True)

    own.run(use, tls_proxy.base_url, headers=HEADERS)


@pytest.mark.parametrize("refuses", [True, False])
def test_no_failure_at_a_proxy_shows_the_key(own, network, monkeypatch, refuses):
    """A proxy that refuses, and one that passes on and loses the answer."""
    proxy, settings = network
    proxy.fail_always(faults.LOST_ANSWER)
    with ForwardProxy(refuses=refuses) as company:
        monkeypatch.setenv("ALL_PROXY", company.address)

        async def use(client):
            quicken(client)
            with pytest.raises(MemoryOSError) as raised:
                await done(client.memories.create("tea"))
            check(raised.value, by_rich=True)

        own.run(use, proxy.base_url, headers=HEADERS, **settings)


BROKEN_OFF = [
    faults.HANGS_ON_CONNECTION,
    faults.HANGS_IN_REQUEST,
    faults.HANGS_BEFORE_ANSWER,
    faults.HANGS_IN_ANSWER,
    faults.status(503, retry_after=30),
]
LARGE_TEXT = "x" * (24 * 1024 * 1024)


@pytest.mark.parametrize("fault", BROKEN_OFF, ids=str)
@pytest.mark.parametrize("kind", ["async", "async-httpx"])
def test_no_cancelled_call_shows_the_key(kind, network, fault):
    """The CancelledError comes through the same frames."""
    proxy, settings = network
    proxy.fail_always(fault)
    content = LARGE_TEXT if fault is faults.HANGS_IN_REQUEST else "tea"

    async def use(client):
        task = asyncio.ensure_future(client.memories.create(content))
        await until(lambda: proxy.counts.faults[fault.name])
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as raised:
            await task
        check(raised.value)

    settings = {} if kind == "async-httpx" else settings
    Caller(kind).run(use, proxy.base_url, headers=HEADERS, **settings)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="this system has no pthread_kill")
@pytest.mark.parametrize("fault", BROKEN_OFF, ids=str)
@pytest.mark.parametrize("behind_a_proxy", [False, True])
def test_no_interrupted_call_shows_the_key(network, fault, behind_a_proxy, monkeypatch):
    """Ctrl-C in a notebook prints a traceback, and some print locals."""
    proxy, settings = network
    proxy.fail_always(fault)
    content = LARGE_TEXT if fault is faults.HANGS_IN_REQUEST else "tea"

    def press():
        while not proxy.counts.faults[fault.name]:
            time.sleep(0.001)
        time.sleep(0.03)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    with ForwardProxy() as company:
        if behind_a_proxy:
            monkeypatch.setenv("ALL_PROXY", company.address)
        with MemoryOS(KEY, proxy.base_url, timeout=20, headers=HEADERS, **settings) as client:
            thread = threading.Thread(target=press)
            thread.start()
            with pytest.raises(KeyboardInterrupt) as raised:
                client.memories.create(content)
            thread.join()
        check(raised.value, by_rich=LONG or (behind_a_proxy and content == "tea"))


UNUSABLE_KEYS = [
    f"sk-{SECRET}",
    f"mos_live_{SECRET} x",
    f"mos_live_{SECRET}\r\nX-Injected: 1",
    f"mos_live_{SECRET}\u00e9",
    f"mos_live_{SECRET}\x00",
    f"mos_live_{SECRET}\ud800",
    f"mos_live_{SECRET}".encode(),
    [SECRET],
]
UNUSABLE_OPTIONS = [
    {"timeout": -1},
    {"max_retries": -1},
    {"deadline": "soon"},
    {"headers": {"X-Token": f"{SECRET}\r\n"}},
]
UNUSABLE_SETTINGS = [
    {"base_url": "host"},
    {"timeout": -1},
    {"max_retries": "many"},
    {"deadline": 0},
    {"headers": {"X-Token": f"{SECRET}\r\nX-Injected: 1"}},
    {"headers": {f"X Token {len(SECRET)}": SECRET}},
    {"headers": {"Authorization": SECRET}},
    {"headers": {"X-Token": SECRET, "X-Other": 5}},
    {"headers": [SECRET]},
]


@pytest.mark.parametrize("client_class", CLIENTS)
@pytest.mark.parametrize("number", range(len(UNUSABLE_KEYS)))
@pytest.mark.parametrize("from_environment", [False, True])
def test_no_unusable_key_is_shown(client_class, number, from_environment, monkeypatch):
    """Nor any part of it, wherever it came from, and whatever is wrong with it."""
    if not from_environment:
        with pytest.raises(AuthenticationError) as raised:
            client_class(UNUSABLE_KEYS[number])
    elif isinstance(UNUSABLE_KEYS[number], str) and "\x00" not in UNUSABLE_KEYS[number]:
        monkeypatch.setattr(os, "environ", {"MEMORY_OS_API_KEY": UNUSABLE_KEYS[number]})
        with pytest.raises(AuthenticationError) as raised:
            client_class()
    else:
        return
    check(raised.value)


@pytest.mark.parametrize("client_class", CLIENTS)
@pytest.mark.parametrize("number", range(len(UNUSABLE_SETTINGS)))
@pytest.mark.parametrize("from_environment", [False, True])
def test_no_other_unusable_setting_shows_the_key(
    client_class, number, from_environment, monkeypatch
):
    """A wrong timeout must not print the key that stands beside it, nor the whole environment."""
    monkeypatch.setenv("MEMORY_OS_API_KEY", KEY)
    monkeypatch.setenv("SOMEBODY_ELSES_KEY", SECRET)
    with pytest.raises(ValidationError) as raised:
        client_class(None if from_environment else KEY, **UNUSABLE_SETTINGS[number])
    check(raised.value, by_rich=LONG or number == 0)


@pytest.mark.parametrize("client_class", CLIENTS)
def test_no_unusable_option_shows_the_key(client_class):
    """The copy with other settings is as careful."""
    client = client_class(KEY, headers=HEADERS)
    for number in range(len(UNUSABLE_OPTIONS)):
        with pytest.raises(ValidationError) as raised:
            client.with_options(**UNUSABLE_OPTIONS[number])
        check(raised.value)


@pytest.mark.parametrize("client_class", CLIENTS)
def test_no_unusable_variable_shows_the_environment(client_class, monkeypatch):
    """The level of the log and the address are read from where the key stands, too."""
    monkeypatch.setenv("MEMORY_OS_API_KEY", KEY)
    for name in ("MEMORY_OS_LOG", "MEMORY_OS_BASE_URL"):
        monkeypatch.setenv(name, "nonsense")
        with pytest.raises(ValidationError, match=name) as raised:
            client_class()
        check(raised.value, by_rich=True)
        monkeypatch.delenv(name)


def test_no_roots_that_can_not_be_read_show_the_environment(own, tls_proxy, monkeypatch):
    """They are named in the environment, where the key stands, too."""
    monkeypatch.setenv("MEMORY_OS_API_KEY", KEY)
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/roots.pem")

    async def use(client):
        with pytest.raises(MemoryOSError) as raised:
            await done(client.memories.create("tea"))
        check(raised.value, by_rich=True)

    own.run(use, tls_proxy.base_url)


@pytest.mark.parametrize("client_class", CLIENTS)
def test_no_pickle_holds_the_key(client_class, monkeypatch):
    """Neither a client's nor an error's; and loading where the key is unusable doesn't show it."""
    client = client_class(KEY)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert SECRET.encode() not in pickle.dumps(client, protocol)
    monkeypatch.setenv("MEMORY_OS_API_KEY", f"mos_live_{SECRET} x")
    for load in (lambda: pickle.loads(pickle.dumps(client)), lambda: copy.deepcopy(client)):
        with pytest.raises(AuthenticationError, match="MEMORY_OS_API_KEY") as raised:
            load()
        check(raised.value)


@pytest.mark.parametrize("logged", ["", "debug"])
def test_no_log_shows_the_key(caller, network, caplog, monkeypatch, logged):
    """At the most talkative level of every logger, with asyncio's debugging on."""
    monkeypatch.setenv("MEMORY_OS_LOG", logged)
    proxy, settings = network
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "asyncio", "memoryos"):
        caplog.set_level(logging.DEBUG, logger=name)
    monkeypatch.setattr(logging.getLogger("memoryos"), "handlers", [])

    async def use(client):
        asyncio.get_running_loop().set_debug(True)
        asyncio.get_running_loop().slow_callback_duration = 0.0
        quicken(client)
        for fault in (faults.NONE, faults.LOST_ANSWER, faults.STATUSES[0], faults.HTML_200):
            proxy.fail_next(fault, 2)
            try:
                await done(client.memories.create("tea"))
            except MemoryOSError as error:
                check(error)

    settings = {} if caller.through_httpx else settings
    caller.run(use, proxy.base_url, headers=HEADERS, max_retries=1, **settings)
    logged_text = caplog.text + "".join(f"{vars(record)!r}" for record in caplog.records)
    assert "memoryos" in logged_text
    assert "asyncio" in logged_text
    at = logged_text.find(SECRET)
    assert at < 0, logged_text[max(0, at - 500) : at + 100]
    TRIED["log records searched for the key"] += len(caplog.records)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", " ", "\t\r\n"])
@pytest.mark.parametrize("from_environment", [False, True])
def test_a_key_with_a_line_end_works(own, proxy, monkeypatch, end, from_environment):
    """A `.env` file with Windows line ends: the key is sent without them."""
    monkeypatch.setenv("MEMORY_OS_API_KEY", KEY + end)
    api_key = None if from_environment else KEY + end

    async def use(client):
        await done(client.memories.get(ID))

    own.run(use, proxy.base_url, api_key=api_key)
    assert proxy.received[-1].headers["authorization"] == f"Bearer {KEY}"
