"""The tests of each framework's integration run where that framework is installed.

`make test-integrations` makes those environments, and fails where a framework is missing there.
"""

from __future__ import annotations

import socket
from importlib.util import find_spec

import pytest

PACKAGES = {
    "claude": "anthropic",
    "google_adk": "google.adk",
    "langgraph": "langgraph",
    "openai_agents": "agents",
    "pydantic_ai": "pydantic_ai",
    "strands": "strands",
}


def _is_installed(package):
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False


INSTALLED = [folder for folder, package in PACKAGES.items() if _is_installed(package)]
collect_ignore = [folder for folder in PACKAGES if folder not in INSTALLED]
collect_ignore += [] if INSTALLED else ["test_pages.py"]


@pytest.fixture
def sandbox():
    """A Memory OS that matches equal words, with a clock that the test moves."""
    from memoryos.testing import Sandbox

    with Sandbox(embedder="hashing") as sandbox:
        yield sandbox


@pytest.fixture
def memory(sandbox):
    """A synchronous client of the sandbox: it stores what an agent is to find, and looks after."""
    return sandbox.client()


@pytest.fixture(params=["sync", "async"])
def client(request, sandbox):
    """A client of the sandbox, of either kind."""
    return sandbox.client() if request.param == "sync" else sandbox.async_client()


@pytest.fixture(params=["sync", "async"])
def client_without_service(request):
    """A client, of either kind, of a service that refuses all connections."""
    from memoryos import AsyncMemoryOS, MemoryOS

    kind = MemoryOS if request.param == "sync" else AsyncMemoryOS
    return kind("mos_test_x", base_url="http://127.0.0.1:9/v1", max_retries=0)


@pytest.fixture(params=["sync", "async"])
def client_of_a_silent_service(request):
    """A client, of either kind, of a service that takes connections and never answers."""
    from memoryos import AsyncMemoryOS, MemoryOS

    kind = MemoryOS if request.param == "sync" else AsyncMemoryOS
    with socket.create_server(("127.0.0.1", 0)) as listening:
        base_url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        yield kind("mos_test_x", base_url=base_url, timeout=3600)
