"""Where `memoryos export` writes to: files, links, named pipes, devices and standard output."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from memoryos.testing import FaultProxy

from ..export_files import read_export
from .answers import memory, page
from .conftest import KEY

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links, pipes and devices of Unix")


@pytest.fixture
def _memories(api):
    api.get("/memories").mock(return_value=page(memory()))


def contents(lines):
    return [item["content"] for item in read_export(lines)]


EXPORTED = [memory()["content"]]


@pytest.mark.usefixtures("_memories")
@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays(run, tmp_path, exists):
    """--force replaces the file that it leads to."""
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to("target")
    if exists:
        target.write_text("old")
        target.chmod(0o640)
    result = run("export", link, *["--force"] * exists)
    assert (result.status, result.out) == (0, f"1 memory written to {link}\n")
    assert link.is_symlink()
    assert contents(target.read_bytes().splitlines(keepends=True)) == EXPORTED
    assert stat.S_IMODE(target.stat().st_mode) == (0o640 if exists else 0o600)


def test_a_link_to_a_file_that_exists_needs_force(run, monkeypatch, tmp_path):
    """As the file does."""
    monkeypatch.setenv("MEMORY_OS_API_KEY", KEY)
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to("target")
    result = run("export", tmp_path / "link")
    assert (result.status, result.err) == (
        2,
        f"memoryos export: {tmp_path / 'link'} exists; use --force to replace it\n",
    )
    assert (tmp_path / "target").read_text() == "old"


@pytest.mark.usefixtures("_memories")
def test_a_named_pipe_gets_the_export(run, tmp_path):
    """Without --force: nothing is replaced."""
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)

    def read_pipe():
        with pipe.open("rb") as file:
            read.extend(file)

    reader = threading.Thread(target=read_pipe)
    reader.start()
    assert run("export", pipe).status == 0
    reader.join()
    assert contents(read) == EXPORTED
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.usefixtures("_memories")
def test_the_null_device_stays(run):
    assert run("export", os.devnull).status == 0
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@pytest.mark.usefixtures("_memories")
def test_a_folder_is_an_error(run, tmp_path):
    result = run("export", tmp_path)
    assert (result.status, result.err) == (1, f"memoryos export: {tmp_path}: Is a directory\n")


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="this system has no /dev/stdout")
@pytest.mark.parametrize("stdout", ["pipe", "file"])
def test_standard_output_by_its_name_gets_the_export_only(tmp_path, stdout):
    """No message is mixed with it, and what a shell wrote before is kept."""
    file = tmp_path / "file"
    with FaultProxy() as proxy, file.open("ab") as out:
        out.write(b"before\n")
        out.flush()
        ended = subprocess.run(
            [sys.executable, "-m", "memoryos", "export", "/dev/stdout"],
            env={**os.environ, "MEMORY_OS_API_KEY": KEY, "MEMORY_OS_BASE_URL": proxy.base_url},
            stdout=out if stdout == "file" else subprocess.PIPE,
            check=True,
        )
    written = file.read_bytes() if stdout == "file" else b"before\n" + ended.stdout
    before, *lines = written.splitlines(keepends=True)
    assert before == b"before\n"
    assert contents(lines) == []
    assert len(lines) == 2


STARTING = """
import os, sys, time
from memoryos._bulk import export_file, import_file
from memoryos._cli.main import main

def stop(*_arguments, **_options):
    print("started", file=sys.stderr, flush=True)
    time.sleep(60)

export_file.ExportWriter.footer = stop
import_file.read_import_file = stop
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a file without a name that has a path")
@pytest.mark.parametrize("command", ["export", "import"])
def test_a_killed_command_leaves_no_memories_behind(tmp_path, command):
    """Of the copy of standard output or input; by `kill`, or as a shutdown does."""
    with FaultProxy() as proxy:
        environment = {"MEMORY_OS_API_KEY": KEY, "MEMORY_OS_BASE_URL": proxy.base_url}
        process = subprocess.Popen(
            [sys.executable, "-c", STARTING, command, "-"],
            env={**os.environ, **environment, "TMPDIR": str(tmp_path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        with process:
            process.stdin.write(b"memories\n")
            process.stdin.close()
            assert process.stderr.readline() == b"started\n"
            process.terminate()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.off_contract(reason="a number that JSON readers take for an infinity")
@pytest.mark.parametrize("command", ["list", "get"])
def test_odd_values_are_printed_as_json_that_is_read_as_the_same(api, run, command):
    """An unpaired surrogate and a number that is too large."""
    odd = memory(content="a\ud83d", metadata={"n": float("inf")})
    body = {"data": [odd], "meta": {"total": 1, "has_more": False}}
    text = json.dumps(body if command == "list" else {"data": odd}).replace("Infinity", "1e999")
    api.get(url__regex=".*").respond(
        content=text.encode("ascii"), headers={"content-type": "application/json"}
    )
    result = run(command, "--json", *([odd["id"]] if command == "get" else []))
    assert result.status == 0
    assert json.loads(result.out) == odd
    assert "1e999" in result.out
