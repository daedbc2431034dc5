"""`memoryos backup` beside a busy server: whole, of one moment, and a database by itself."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from .inspection import assert_sound, stored
from .served import serving

WRITERS = 4
BACKUPS = 3


def back_up(data, target):
    """Run the command, which must go well."""
    command = [sys.executable, "-W", "error", "-m", "memoryos", "backup", str(target)]
    subprocess.run([*command, "--data", str(data)], check=True, capture_output=True)


def test_each_copy_holds_what_was_acknowledged_before_and_nothing_that_never_was(tmp_path):
    """Four writers go on meanwhile; the server then runs on the last copy, with its keys."""
    data, begun, stop = tmp_path / "m.db", threading.Event(), threading.Event()
    acknowledged, copies = {}, []

    def write(server, number):
        with closing(server.client()) as client:
            step = 0
            while not stop.is_set():
                body = {"content": f"{number}-{step}", "tier": "long"}
                made = client.done("POST", "/memories", body)
                acknowledged[made["id"]] = body["content"]
                begun.set()
                step += 1

    with serving(data) as server:
        with ThreadPoolExecutor(WRITERS) as threads:
            runs = [threads.submit(write, server, number) for number in range(WRITERS)]
            try:
                assert begun.wait(60)
                for number in range(BACKUPS):
                    before = dict(acknowledged)
                    back_up(data, tmp_path / f"copy {number}.db")
                    copies.append((tmp_path / f"copy {number}.db", before))
            finally:
                stop.set()
            for run in runs:
                run.result()
        key = server.api_key
    everything = stored(data)
    assert everything == acknowledged
    for copy, before in copies:
        assert before.items() <= stored(copy).items() <= everything.items()
        assert_sound(copy)
    assert len(copies[-1][1]) > 0
    with serving(copies[-1][0]) as server:
        server.api_key = key
        with closing(server.client()) as client:
            assert client.call("GET", "/memories")[1]["meta"]["total"] == len(stored(copy))
