"""Metrics of several processes: their sum, and what is left of a process that was killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from memoryos_server.http.metrics_folder import is_metrics_folder_set, metrics_folder

PATIENCE_SECONDS = 60
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

WORKER = """
import sys
from memoryos_server.http import metrics as module
from memoryos_server.http.metrics_folder import forget_process
from memoryos_server.http.access_log import Entry

module.SAMPLE_SECONDS = 0.01
metrics = module.Metrics({"version": "1"})
numbers = {"pool_connections": 2, "pool_requests_total": 5}
sampled = []

def source():
    sampled.append(1)
    return numbers

metrics.add_source("store", source)
metrics.add_source("certificate", lambda: {"expiry_timestamp_seconds": 1e9})
metrics.request_started()
metrics.request_queued()
metrics.request_answered(Entry("GET", "/v1/tags", 200, 0.003, "req_1", operation="list_tags"))
while not sampled:
    pass
metrics.render()
print("ready", flush=True)
for command in sys.stdin:
    if command.startswith("forget"):
        forget_process(int(command.split()[1]))
    elif command.startswith("render"):
        print(metrics.render().decode() + "# end", flush=True)
"""


class Worker:
    def __init__(self, folder):
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, VARIABLE: str(folder)},
        )
        self.pid = self._process.pid

    def wait_until_ready(self):
        assert self._process.stdout.readline() == "ready\n"

    def forget(self, pid):
        self._process.stdin.write(f"forget {pid}\n")

    def values(self):
        """Return the values in what it renders, by name without labels."""
        self._process.stdin.write("render\n")
        self._process.stdin.flush()
        lines = iter(self._process.stdout.readline, "# end\n")
        found = {}
        for family in text_string_to_metric_families("".join(lines)):
            for sample in family.samples:
                assert "pid" not in sample.labels
                if "le" not in sample.labels:
                    found[sample.name] = sample.value
        return found

    def kill(self):
        self._process.kill()
        self._process.communicate(timeout=PATIENCE_SECONDS)


@pytest.fixture
def workers(tmp_path):
    started = [Worker(tmp_path) for _ in range(2)]
    for worker in started:
        worker.wait_until_ready()
    yield started
    for worker in started:
        worker.kill()


def test_any_process_tells_the_sum_of_all(workers):
    for worker in workers:
        found = worker.values()
        assert found["memoryos_requests_total"] == 2
        assert found["memoryos_request_duration_seconds_count"] == 2
        assert found["memoryos_requests_in_progress"] == 2
        assert found["memoryos_requests_waiting"] == 2
        assert found["memoryos_store_pool_connections"] == 4
        assert found["memoryos_store_pool_requests_total"] == 10
        assert found["memoryos_certificate_expiry_timestamp_seconds"] == 1e9
        assert found["memoryos_build_info"] == 1
        assert not any(name.startswith("process_") for name in found)


def test_the_counts_of_a_killed_process_stay_and_its_gauges_go(workers):
    """Otherwise a count would go down, and requests would be in progress for ever."""
    killed, other = workers
    killed.kill()
    assert other.values()["memoryos_requests_in_progress"] == 2
    other.forget(killed.pid)
    found = other.values()
    assert found["memoryos_requests_total"] == 2
    assert found["memoryos_store_pool_requests_total"] == 10
    assert found["memoryos_requests_in_progress"] == 1
    assert found["memoryos_store_pool_connections"] == 2


def test_the_folder_is_for_one_block_and_for_the_processes_that_it_starts(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert not is_metrics_folder_set()
    with metrics_folder():
        folder = Path(os.environ[VARIABLE])
        assert is_metrics_folder_set()
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "counter_1.db").touch()
    assert not folder.exists()
    assert not is_metrics_folder_set()


def test_one_process_ignores_the_folder_of_another_program(tmp_path):
    """Otherwise the numbers of both would be mixed."""
    code = (
        "from memoryos_server.commands.monitoring import create_metrics\n"
        "from memoryos_server.commands.serve_options import ServeOptions\n"
        "assert b'process_cpu_seconds_total' in create_metrics(ServeOptions(), None).render()\n"
    )
    environment = {**os.environ, VARIABLE: str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    assert list(tmp_path.iterdir()) == []
