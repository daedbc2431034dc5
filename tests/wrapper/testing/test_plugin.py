"""The pytest plugin, in runs as its users start them: with other plugins, extras or none."""

from __future__ import annotations

import importlib
import sys

import pytest
from _pytest.assertion.rewrite import AssertionRewriter

from memoryos._extras import LOCAL_PYTHON

HAS_LOCAL = sys.version_info >= LOCAL_PYTHON
needs_local = pytest.mark.skipif(not HAS_LOCAL, reason="needs Python 3.10, for the local Memory OS")

SENDS = """
    import httpx

    def send(method, path):
        return httpx.request(
            method,
            "http://memoryos.test/v1" + path,
            headers={"Authorization": "Bearer mos_test_key"},
            verify=False,
        )
"""

FRESH = """
    import os
    import threading

    import pytest
    from memoryos import AsyncMemoryOS, MemoryOS

    pytestmark = pytest.mark.memoryos(embedder="hashing")

    def test_local(memoryos_local):
        memoryos_local.memories.create("tea")

    def test_server(memoryos_server):
        with MemoryOS() as memory:
            memory.memories.create("tea")
            assert memory.memories.list()["meta"]["total"] == 1

    def test_api(memoryos_api):
        with MemoryOS() as memory:
            assert memory.memories.list()["data"]
"""

USED_ASYNCHRONOUSLY = """
    import pytest
    from memoryos import AsyncMemoryOS, RateLimitError

    pytestmark = [pytest.mark.memoryos(embedder="hashing"){marks}]

    @pytest.fixture
    def anyio_backend():
        return "asyncio"

    async def test_api(memoryos_api, memoryos_waits):
        memoryos_api.list_memories.mock(return_value=memoryos_api.error(429, retry_after=2))
        async with AsyncMemoryOS(max_retries=1) as memory:
            with pytest.raises(RateLimitError):
                await memory.memories.list()
            assert (await memory.tags.list())["data"]
        assert memoryos_waits == [2]
"""
LOCALLY = """
    async def test_local(async_memoryos_local):
        await async_memoryos_local.memories.create("tea")
        assert (await async_memoryos_local.memories.list())["meta"]["total"] == 1

    async def test_server(memoryos_server, memoryos_waits):
        memoryos_server.fail_next(status=429, retry_after=2)
        async with AsyncMemoryOS() as memory:
            await memory.memories.create("tea")
        assert memoryos_waits == [2]
"""


def all_passed(finished, number):
    """Whether that many tests ran, and each of them passed."""
    assert set(finished.outcomes.values()) == {"passed"}, finished.output
    return len(finished.outcomes) == number


def test_a_run_that_does_not_use_it_loads_nothing_for_it(run_tests):
    """Only what makes the fixtures known: no HTTP, no server, not even the client."""
    finished = run_tests(
        """
        import sys

        def test_what_is_loaded(request):
            assert request.config.pluginmanager.has_plugin("memoryos")
            ours = {name for name in sys.modules if name.startswith("memoryos")}
            assert ours <= {
                "memoryos", "memoryos._version", "memoryos.testing", "memoryos.testing.plugin"
            }
            assert not {"httpx", "httpcore", "respx", "jsonschema"} & set(sys.modules)
        """,
        *("-p", "no:anyio", "-p", "no:respx", "-p", "no:pytest_httpx", "-p", "no:hypothesispytest"),
    )
    assert all_passed(finished, 1)


def test_it_can_be_left_out(run_tests):
    finished = run_tests("def test_api(memoryos_api): pass", "-p", "no:memoryos")
    assert "fixture 'memoryos_api' not found" in finished.outcomes["test_api"]


def test_its_marker_and_its_setting_are_known_to_pytest(pytestconfig):
    """So that `--markers`, `--help` and `--strict-markers` know them, too."""
    assert pytestconfig.getini("memoryos_embedder") == "minilm"
    assert [
        line for line in pytestconfig.getini("markers") if line.startswith("memoryos(embedder)")
    ]


@needs_local
@pytest.mark.parametrize("processes", [0, 2])
def test_every_test_has_a_memory_os_of_its_own(run_tests, processes):
    """In one process, and in several by pytest-xdist; no thread and no variable is left behind."""
    finished = run_tests(
        FRESH
        + """
    @pytest.mark.parametrize("_", range(3))
    def test_nothing_is_left(memoryos_local, _):
        assert memoryos_local.memories.list()["meta"]["total"] == 0
        assert "MEMORY_OS_BASE_URL" not in os.environ
        others = {thread.name for thread in threading.enumerate()} - {"MainThread"}
        assert not [name for name in others if "execnet" not in name.lower()], others
    """,
        *(["-n", str(processes)] if processes else []),
    )
    assert all_passed(finished, 6)


@pytest.mark.parametrize(
    ("marks", "options"),
    [
        (", pytest.mark.anyio", ()),
        (", pytest.mark.asyncio", ("-o", "asyncio_mode=strict")),
        ("", ("-o", "asyncio_mode=auto")),
    ],
    ids=["anyio", "asyncio-strict", "asyncio-auto"],
)
def test_asynchronous_tests_are_run_by_any_plugin(run_tests, marks, options):
    """anyio's, which comes with httpx, and pytest-asyncio's in both its modes."""
    scope = ["-o", "asyncio_default_fixture_loop_scope=function"] if options else []
    code = USED_ASYNCHRONOUSLY.replace("{marks}", marks) + (LOCALLY if HAS_LOCAL else "")
    finished = run_tests(code, *options, *scope, with_asyncio=bool(options))
    assert all_passed(finished, 3 if HAS_LOCAL else 1)


def test_what_breaks_the_contract_fails_the_test_even_where_it_is_caught(run_tests):
    """Once, in the test where it can be, and with what was wrong."""
    finished = run_tests(
        SENDS
        + """
    def test_not_caught(memoryos_api):
        send("GET", "/nothing")

    def test_caught(memoryos_api):
        try:
            send("GET", "/nothing")
        except BaseException:
            pass

    def test_failed_for_another_reason(memoryos_api):
        try:
            send("GET", "/nothing")
        except BaseException:
            pass
        raise ValueError("another")

    def test_asked_for_late(request):
        request.getfixturevalue("memoryos_api")
        try:
            send("GET", "/nothing")
        except BaseException:
            pass

    def test_right(memoryos_api):
        send("GET", "/memories")
    """
    )
    told = "GET /v1/nothing violates the contract:\n  the contract has no such path"
    assert finished.outcomes.pop("test_right") == "passed"
    assert len(finished.outcomes) == 4
    assert "another" in finished.outcomes["test_failed_for_another_reason"]
    for name in ("test_not_caught", "test_caught", "test_asked_for_late"):
        assert told.splitlines()[0] in finished.outcomes[name], finished.output
    assert "3 failed, 2 passed, 1 error" in finished.output
    section = finished.output.partition("Captured memoryos_api call")[2]
    assert section.partition("\n")[2].startswith(told)


@needs_local
def test_the_setting_chooses_the_embedder_for_all_tests(run_tests):
    """And the marker for some: what finds is seen by the name of its vectors."""
    finished = run_tests(
        """
        import pytest

        def found(memory):
            memory.memories.create("tea")
            return memory.search("tea")["search_type"]

        def test_set(memoryos_local):
            assert found(memoryos_local) == "text"

        @pytest.mark.memoryos(embedder="hashing")
        def test_marked(memoryos_local):
            assert found(memoryos_local) == "semantic"
        """,
        *("-o", "memoryos_embedder=none"),
    )
    assert all_passed(finished, 2)


@needs_local
def test_a_choice_that_is_none_says_what_there_is(run_tests):
    finished = run_tests(
        """
        import pytest

        @pytest.mark.memoryos(embedder="word2vec")
        def test_unknown(memoryos_local): pass

        @pytest.mark.memoryos("hashing")
        def test_by_position(memoryos_local): pass

        @pytest.mark.memoryos(model="hashing")
        def test_misspelt(memoryos_local): pass
        """
    )
    assert "use one of minilm, hashing, none" in finished.outcomes["test_unknown"]
    for name in ("test_by_position", "test_misspelt"):
        assert "takes one keyword argument: embedder" in finished.outcomes[name]


@needs_local
def test_without_an_extra_a_fixture_says_how_to_install_it(run_tests):
    """In one line, without a traceback; what needs nothing more works."""
    finished = run_tests(
        """
        import sys

        def test_local(memoryos_local): pass
        def test_async_local(async_memoryos_local): pass
        def test_server(memoryos_server): pass
        def test_api(memoryos_api): pass
        def test_waits(memoryos_waits, memoryos_clock): pass
        """,
        conftest="import sys; sys.modules['jsonschema_rs'] = sys.modules['jsonschema'] = None",
    )
    assert finished.outcomes.pop("test_waits") == "passed"
    assert "pip install '.[testing]'" in finished.outcomes.pop("test_api")
    assert len(finished.outcomes) == 3
    for told in finished.outcomes.values():
        assert "the extra [local] (jsonschema_rs is missing)" in told
        assert "pip install '.[local]'" in told
    assert "Traceback" not in finished.output


@pytest.mark.skipif(HAS_LOCAL, reason="only an older Python can't run the local Memory OS")
def test_on_an_older_python_a_fixture_says_which_one_it_needs(run_tests):
    finished = run_tests("def test_local(memoryos_local): pass")
    assert "needs Python 3.10 or newer" in finished.outcomes["test_local"]


@pytest.mark.parametrize("package", ["memoryos", "memoryos_api", "memoryos_server"])
def test_a_program_that_has_imported_memoryos_before_may_run_pytest(package):
    """pytest warns of an installed plugin that it can't rewrite, and a warning may be an error.

    In an editable install it does not look, so that its own question is asked here.
    """
    assert AssertionRewriter.is_rewrite_disabled(importlib.import_module(package).__doc__)
