"""A process is forked while another thread makes its first call, whose imports take a while."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from memoryos.testing import FaultProxy

PROGRAM = """
import os, signal, socket, sys, threading, time, warnings

import memoryos

WAY, BASE_URL = sys.argv[1:]
warnings.simplefilter("ignore", DeprecationWarning)  # of a fork among threads


def look_up(host, port, *_arguments, **_options):
    # A child that is forked while another thread is inside the C library's resolver inherits its
    # locks: no Python program can prevent that. The codec is what a real look-up imports.
    host.encode("idna")
    return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port))]


class SlowImports:
    def find_spec(self, name, path=None, target=None):
        if threading.current_thread() is first:
            time.sleep(0.01)


def call():
    if WAY == "low_level":
        return client.low_level
    if WAY == "bulk":
        return list(client.memories.create_many(["a content"], concurrency=1))
    return client.memories.create("a content")


client = memoryos.MemoryOS(base_url=BASE_URL)
socket.getaddrinfo = look_up
first = threading.Thread(target=call, daemon=True)
sys.meta_path.insert(0, SlowImports())
signal.signal(signal.SIGALRM, lambda *_: os._exit(4))
signal.alarm(50)  # the parent must not hang either
first.start()
children = []
while first.is_alive() or not children:
    time.sleep(0.005)
    child = os.fork()
    if not child:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(30)
        call()
        os._exit(0)
    children.append(child)
print({os.waitpid(child, 0)[1] for child in children})
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("way", ["direct", "proxy", "low_level", "bulk"])
def test_a_fork_during_a_first_call_hangs_no_process(way):
    """Neither the parent nor a child waits for the lock of a module or of `logging`."""
    with FaultProxy() as service:
        base_url = service.base_url.replace("127.0.0.1", "localhost")
        environment = {**os.environ, "MEMORY_OS_API_KEY": "mos_live_" + "0" * 32, "NO_PROXY": ""}
        if way == "proxy":
            environment["HTTP_PROXY"] = service.base_url.partition("/v1")[0]
        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM, way, base_url],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # children that hang would keep it open
            text=True,
            timeout=90,
            check=False,
        )
    assert (ended.stdout, ended.returncode) == ("{0}\n", 0)
