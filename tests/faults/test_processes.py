"""One client in several processes: before and after a fork, sent to workers, closed in a child."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from memoryos.testing import FaultProxy

from .callers import KEY

PROGRAM = Path(__file__).parent / "programs" / "forks.py"
WAYS = [
    "fork",
    "fork_again",
    "fork_among_threads",
    "fork_while_locked",
    "fork_in_first_call",
    "fork_in_first_async_call",
    "fork_async",
    "prefork_server",
    "close_in_child",
    "multiprocessing_fork",
    "multiprocessing_spawn",
]


@pytest.fixture(scope="module", params=["plain", "tls"])
def service(request, authority, tmp_path_factory):
    """A service, and the environment that programs reach it in."""
    context, roots = None, tmp_path_factory.mktemp("roots") / "roots.pem"
    if request.param == "tls":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        authority.cert_pem.write_to_path(str(roots))
    with FaultProxy(ssl_context=context) as proxy:
        yield proxy.base_url, {**os.environ, "MEMORY_OS_API_KEY": KEY, "SSL_CERT_FILE": str(roots)}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("way", WAYS)
def test_every_process_gets_its_own_answers(service, way):
    """No answer goes to another process, nothing hangs, and the parent's connection lives on."""
    base_url, environment = service
    program = [sys.executable, "-W", "error", str(PROGRAM), way, base_url]
    ended = subprocess.run(
        program, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert (ended.stdout, ended.stderr, ended.returncode) == ("fine\n", "", 0)
