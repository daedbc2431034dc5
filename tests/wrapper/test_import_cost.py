"""What importing the SDK and making a client load, open or start: next to nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap

import pytest

THIRD_PARTY = {"httpx", "httpcore", "h11", "anyio", "certifi", "attrs", "attr", "dateutil"}
THIRD_PARTY |= {"typing_extensions", "asyncio", "memoryos_server"}

# Writes what happens while its second half runs, by Python's own audit events.
WATCHED = """
    import json, os, sys, threading
    from memoryos import AsyncMemoryOS, MemoryOS
    seen = []
    loaded = set(sys.modules)
    watched = ("open", "socket.", "subprocess.", "os.", "_thread.", "sqlite3.", "ctypes.")
    def watch(event, arguments):
        if event.startswith(watched):
            seen.append(event)
    sys.addaudithook(watch)
    clients = [kind("mos_test_x", headers={"X-A": "b"}) for kind in (MemoryOS, AsyncMemoryOS)]
    clients += [MemoryOS(), AsyncMemoryOS(base_url="https://host/v1")]
    events, modules = list(seen), sorted(set(sys.modules) - loaded)
    open(os.devnull).close()
    assert "open" in seen, "the watch does not watch"
    print(json.dumps([events, threading.active_count(), modules]))
"""


def run(program, **environ):
    """Run a program in a fresh interpreter, and return what it prints, as JSON."""
    return json.loads(
        subprocess.run(
            [sys.executable, "-W", "error", "-c", textwrap.dedent(program)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environ},
            stdout=subprocess.PIPE,
            check=True,
            timeout=60,
        ).stdout
    )


def loaded_by(statement):
    """Return the top-level packages that a statement loads."""
    program = "import json, sys; before = set(sys.modules)\n"
    program += statement + "\n"
    program += "print(json.dumps([m.split('.')[0] for m in set(sys.modules) - before]))"
    return set(run(program))


def test_importing_the_package_loads_nothing_else():
    """Neither httpx nor attrs, dateutil or the generated client."""
    assert loaded_by("import memoryos") & (THIRD_PARTY | {"memoryos_api"}) == set()


def test_importing_the_errors_loads_nothing_else():
    """A web framework's handler needs no client."""
    statement = "from memoryos.exceptions import MemoryOSError"
    assert loaded_by(statement) & (THIRD_PARTY | {"memoryos_api"}) == set()


def test_the_pytest_plugin_loads_nothing_else():
    """pytest loads it in every run, also where nobody asks for its fixtures."""
    statement = "import pytest; before = set(sys.modules); import memoryos.testing.plugin"
    assert loaded_by(statement) == {"memoryos"}


@pytest.mark.parametrize(
    "statement",
    [
        "from memoryos import MemoryOS",
        "from memoryos import MemoryOS; MemoryOS('mos_test_x')",
    ],
)
def test_making_a_client_loads_no_http(statement):
    """httpx and httpcore are loaded at the first call, whoever makes one."""
    assert loaded_by(statement) & (THIRD_PARTY - {"attr", "attrs"}) == set()


def test_making_an_async_client_loads_no_http():
    """asyncio is what it needs, and no more."""
    statement = "from memoryos import AsyncMemoryOS; AsyncMemoryOS('mos_test_x')"
    assert loaded_by(statement) & (THIRD_PARTY - {"attr", "attrs", "asyncio"}) == set()


@pytest.mark.parametrize("name", ["MemoryOS", "AsyncMemoryOS"])
def test_what_bulk_operations_need_is_loaded_by_the_first(name):
    """A first call that is none of them does not wait for it."""
    program = f"import json, sys; from memoryos import {name}; {name}('mos_test_x')\n"
    assert [
        one for one in run(f"{program}print(json.dumps([*sys.modules]))") if "_bulk" in one
    ] == []


def test_making_clients_touches_nothing():
    """No file, socket, process or thread, and no module; the environment is only read."""
    events, threads, modules = run(WATCHED, MEMORY_OS_API_KEY="mos_test_x")
    assert (events, threads, modules) == ([], 1, [])
