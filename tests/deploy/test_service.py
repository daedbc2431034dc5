"""The units of systemd: their command lines run as they stand, in a sandbox like theirs."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.server.stores.postgres.old_databases import FOLDER, restore
from tests.server.stores.sqlite.test_migration import FILES, made

from .units import Unit, sandboxed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="systemd is for Linux")


@pytest.fixture
def old(request, state, unit):
    """An old file, or the URL of an old database, as variables for the unit."""
    store, version = request.param
    if store == "file":
        made(state / "memoryos" / "memories.db", version)
        return {}
    url = restore(request.getfixturevalue("postgres"), version)
    return {"MEMORY_OS_STORE": url, "MEMORY_OS_DATA": ""}


def run(unit, *arguments, **variables):
    """Run another command with the environment of the unit."""
    command = [sys.executable, "-W", "error", "-m", "memoryos", *arguments]
    return subprocess.run(
        command,
        env={**unit.environment, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_service_runs_in_its_sandbox(start_service, unit, state):
    """On a read-only file system without a home, without capabilities and new code in memory."""
    service = start_service(lambda command: sandboxed(command, state))
    with service.client() as client:
        client.done("POST", "/memories", {"content": "Ada likes tea", "tier": "long"})
        found = client.done("POST", "/search", {"query": "Ada likes tea"})
        assert [each["content"] for each in found["results"]] == ["Ada likes tea"]
    service.stop()
    assert service.key_file == state / "memoryos" / "memories.db.key"
    assert service.key_file.stat().st_mode & 0o777 == 0o600
    assert {file.name for file in (state / "memoryos").iterdir()} == {
        "memories.db",
        "memories.db.key",
    }
    assert list(state.iterdir()) == [state / "memoryos"]


@pytest.mark.embedder
def test_the_language_model_runs_in_the_sandbox(start_service, state):
    """It needs no memory that is both writable and executable, and writes no file."""
    service = start_service(lambda command: sandboxed(command, state), MEMORY_OS_EMBEDDER="minilm")
    with service.client() as client:
        client.done("POST", "/memories", {"content": "Ada drinks tea", "tier": "long"})
        found = client.done("POST", "/search", {"query": "Which beverage does Ada prefer?"})
        assert len(found["results"]) == 1
    assert "onnxruntime" not in service.stop()


def test_the_backup_unit_backs_up_the_service_and_restore_brings_it_back(
    start_service, unit, state
):
    """While the service runs; the key of before works after the restoration."""
    (state / "backups").mkdir()
    service = start_service()
    with service.client() as client:
        made = client.done("POST", "/memories", {"content": "kept", "tier": "long"})
        backup_unit = Unit("memoryos-backup.service", state)
        subprocess.run(
            sandboxed(backup_unit.command, state),
            env=backup_unit.environment,
            check=True,
            capture_output=True,
        )
        client.done("DELETE", f"/memories/{made['id']}")
    service.stop()
    (backup,) = (state / "backups").glob("memories-*.db")
    restored = run(unit, "restore", str(backup), "--yes")
    assert (restored.returncode, restored.stderr) == (0, "")
    with start_service().client() as client:
        assert client.done("GET", f"/memories/{made['id']}")["content"] == "kept"


def last_versions(files):
    """Return the numbers of the three newest of the kept versions."""
    return sorted(int(file.stem.rpartition("_")[2]) for file in files)[-3:]


OLD = [("file", version) for version in last_versions(FILES.glob("full_*.sql"))]
OLD += [("database", version) for version in last_versions(FOLDER.glob("filled_*.sql"))]


@pytest.mark.parametrize("old", OLD, indirect=True, ids="{0[0]}-{0[1]}".format)
def test_the_service_upgrades_the_stores_of_the_last_three_versions(start_service, unit, old):
    """It brings the tables up to date, and says what to do about another embedder.

    Then everything is there.
    """
    refused = run(unit, "serve", **old, MEMORY_OS_PORT="0", MEMORY_OS_EMBEDDER="hashing")
    assert refused.returncode == 1
    assert "memoryos reembed" in refused.stderr
    changed = run(unit, "reembed", "--embedder", "hashing", **old)
    assert changed.returncode == 0, changed.stderr
    made_key = run(unit, "keys", "create", "--owner", "ada", "--json", **old)
    service = start_service(**old, MEMORY_OS_NO_KEY="1")
    with service.client(json.loads(made_key.stdout)["api_key"]) as client:
        kept = client.done("GET", "/memories?tier=long&limit=100")
        assert kept
        for memory in kept:
            query = {"query": memory["content"], "threshold": 0, "limit": 100}
            results = client.done("POST", "/search", query)["results"]
            assert memory["id"] in [each["id"] for each in results]
    service.stop()
