"""A file is replaced as a whole; links, named pipes and devices stay what they are."""

from __future__ import annotations

import errno
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from memoryos._bulk import atomic_file
from memoryos._bulk.atomic_file import replace_file
from memoryos._bulk.export_file import LAST_LINE, SIGNATURE, ExportWriter

WRITTEN = SIGNATURE + b"...\n"

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


def write(path, content=WRITTEN):
    with replace_file(path, SIGNATURE, LAST_LINE) as file:
        file.write(content)


def mode(path):
    return stat.S_IMODE(Path(path).stat().st_mode)


def leftovers(folder):
    return sorted(file.name for file in folder.iterdir() if file.name.startswith(".memoryos-"))


def test_the_signature_is_how_every_export_begins():
    assert ExportWriter().header({}).startswith(SIGNATURE)
    assert ExportWriter().footer().startswith(LAST_LINE)


@posix
def test_a_new_file_can_be_read_only_by_its_owner(tmp_path):
    write(tmp_path / "new")
    assert ((tmp_path / "new").read_bytes(), mode(tmp_path / "new")) == (WRITTEN, 0o600)


@posix
@pytest.mark.parametrize("permissions", [0o644, 0o600, 0o660])
def test_an_existing_file_keeps_its_permissions(tmp_path, permissions):
    file = tmp_path / "old"
    file.write_bytes(b"old")
    file.chmod(permissions)
    write(file)
    assert (file.read_bytes(), mode(file)) == (WRITTEN, permissions)


@posix
@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give files away")
def test_an_existing_file_keeps_its_owner(tmp_path):
    file = tmp_path / "old"
    file.write_bytes(b"old")
    os.chown(file, 12345, 23456)
    write(file)
    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 23456)


@posix
def test_without_the_right_to_give_it_to_its_group_no_group_can_read_it(tmp_path, monkeypatch):
    file = tmp_path / "old"
    file.write_bytes(b"old")
    file.chmod(0o664)
    status = os.stat_result([*file.stat()[:5], 23456, *file.stat()[6:]])

    def refuse(*_arguments):
        raise PermissionError

    monkeypatch.setattr(os, "fchown", refuse)
    monkeypatch.setattr(atomic_file, "_status", lambda _path: status)
    write(file)
    assert mode(file) == 0o604


def test_an_error_leaves_everything_as_it_was(tmp_path):
    (tmp_path / "old").write_bytes(b"old")
    with pytest.raises(TypeError):
        write(tmp_path / "old", "a string")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


@posix
@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("links", [1, 3])
def test_a_link_leads_to_the_new_file(tmp_path, exists, links):
    """Also one to a file that does not exist yet, in another folder, through other links."""
    folder = tmp_path / "target"
    folder.mkdir()
    target = folder / "file"
    if exists:
        target.write_bytes(b"old")
        target.chmod(0o640)
    link = tmp_path / "link0"
    link.symlink_to(Path("target", "file"))
    for number in range(1, links):
        following = tmp_path / f"link{number}"
        following.symlink_to(link.name)
        link = following
    write(link)
    assert link.is_symlink()
    assert (target.read_bytes(), mode(target)) == (WRITTEN, 0o640 if exists else 0o600)


@posix
@pytest.mark.parametrize("made", ["loop", "no folder"])
def test_a_link_to_nowhere_is_an_error_that_names_it(tmp_path, made):
    link = tmp_path / "link"
    link.symlink_to("link" if made == "loop" else "missing/file")
    with pytest.raises(OSError, match="link") as raised:
        write(link)
    assert raised.value.filename == str(link)
    assert link.is_symlink()


@pytest.mark.parametrize("name", ["", "missing/file"])
def test_what_can_t_be_written_is_named(tmp_path, name):
    """A folder, and a file in a folder that does not exist."""
    with pytest.raises((IsADirectoryError, FileNotFoundError, PermissionError)) as raised:
        write(tmp_path / name)
    assert raised.value.filename == str(tmp_path / name)


@posix
@pytest.mark.parametrize("through_link", [False, True])
def test_a_named_pipe_gets_the_content(tmp_path, through_link):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    path = pipe
    if through_link:
        path = tmp_path / "link"
        path.symlink_to(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write(path)
    reader.join()
    assert read == [WRITTEN]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert path.is_symlink() == through_link


@posix
def test_a_device_stays_a_device(tmp_path):
    """As root, a rename would have replaced it."""
    link = tmp_path / "null"
    link.symlink_to(os.devnull)
    write(link)
    write(os.devnull)
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
    assert leftovers(tmp_path) == leftovers(Path("/dev")) == []


PROGRAM = """
import sys
from memoryos._bulk.atomic_file import replace_file
with replace_file(sys.argv[1], b"") as file:
    file.write(b"written\\n")
"""


@posix
@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="this system has no /dev/stdout")
@pytest.mark.parametrize("kind", ["pipe", "file", "link to it"])
def test_standard_output_is_written_to(tmp_path, kind):
    """Whatever it leads to: a file that a shell has opened is not replaced."""
    path = Path("/dev/stdout")
    if kind == "link to it":
        path = tmp_path / "link"
        path.symlink_to("/dev/stdout")
    command = [sys.executable, "-c", PROGRAM, str(path)]
    if kind == "pipe":
        assert subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout == b"written\n"
        return
    with (tmp_path / "file").open("wb") as file:
        subprocess.run(command, check=True, stdout=file)
        assert os.path.samestat(os.fstat(file.fileno()), (tmp_path / "file").stat())
    assert (tmp_path / "file").read_bytes() == b"written\n"


WRITING_AROUND = """
import os, sys
from memoryos._bulk.atomic_file import replace_file
os.write(1, b"before\\n")
with replace_file(sys.argv[1], b"") as file:
    file.write(b"written\\n")
os.write(1, b"after\\n")
"""


@posix
@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="this system has no /dev/stdout")
@pytest.mark.parametrize("path", ["/dev/stdout", "/dev/fd/1"])
@pytest.mark.parametrize(("redirection", "kept"), [("wb", b""), ("ab", b"kept\n")])
def test_a_redirected_output_keeps_what_was_written_before(tmp_path, path, redirection, kept):
    """By the process itself, and by others with `>>`."""
    output = tmp_path / "output"
    output.write_bytes(b"kept\n")
    command = [sys.executable, "-c", WRITING_AROUND, path]
    with output.open(redirection) as file:
        subprocess.run(command, check=True, stdout=file)
    assert output.read_bytes() == kept + b"before\nwritten\nafter\n"


@posix
@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="this system has no /dev/stdout")
def test_an_output_that_is_a_socket_is_written_to():
    """As that of a service of systemd is."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            command = [sys.executable, "-c", PROGRAM, "/dev/stdout"]
            subprocess.run(command, check=True, stdout=theirs)
        assert ours.recv(100) == b"written\n"


STARTING = """
import sys, time
from memoryos._bulk.atomic_file import replace_file
from memoryos._bulk.export_file import SIGNATURE
with replace_file(sys.argv[1], SIGNATURE) as file:
    file.write(SIGNATURE * int(sys.argv[2]))
    file.flush()
    print("started", flush=True)
    time.sleep(60)
"""


@posix
@pytest.mark.parametrize("lines", [0, 1, 10_000])
def test_the_file_of_a_killed_process_is_deleted_and_that_of_a_running_one_kept(tmp_path, lines):
    """By the next one in the same folder."""
    command = [sys.executable, "-c", STARTING, str(tmp_path / "file"), str(lines)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        running = leftovers(tmp_path)
        write(tmp_path / "file")
        assert leftovers(tmp_path) == running != []
        process.send_signal(signal.SIGKILL)
        process.wait()
    write(tmp_path / "other")
    assert leftovers(tmp_path) == []


@posix
def test_only_leftovers_of_exports_are_deleted(tmp_path):
    """Not what another program has written, or what has another name or kind."""
    kept = {
        ".memoryos-settings": b"a longer name",
        ".memoryos-notes123": b"mine",
        ".memoryos-a1b2c3d4.txt": WRITTEN,
        "memoryos-a1b2c3d4": WRITTEN,
    }
    for name, content in kept.items():
        (tmp_path / name).write_bytes(content)
    os.mkfifo(tmp_path / ".memoryos-pipe1234")
    (tmp_path / ".memoryos-link1234").symlink_to("memoryos-a1b2c3d4")
    (tmp_path / ".memoryos-left1234").write_bytes(WRITTEN)
    (tmp_path / ".memoryos-left5678").write_bytes(b"")
    write(tmp_path / "new")
    names = {*kept, ".memoryos-pipe1234", ".memoryos-link1234", "new"}
    assert {path.name for path in tmp_path.iterdir()} == names


@posix
@pytest.mark.parametrize("memories", [0, 1, 100])
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_complete_export_is_no_leftover(tmp_path, memories, end):
    """Whatever its name: a user may name a hidden one by its date."""
    writer = ExportWriter()
    lines = [writer.header({}), *(writer.memory({"id": str(n)}) for n in range(memories))]
    complete = b"".join([*lines, writer.footer()]).rstrip() + end
    for name, content in {"20261129": complete, "20261130": b"".join(lines)}.items():
        (tmp_path / f".memoryos-{name}").write_bytes(content)
    write(tmp_path / "new")
    assert leftovers(tmp_path) == [".memoryos-20261129"]


@posix
@pytest.mark.parametrize("length", [0, 100_000])
def test_a_file_that_is_a_mount_point_gets_the_content(tmp_path, monkeypatch, length):
    """As in a container: such a file can't be replaced."""
    (tmp_path / "file").write_bytes(b"x" * length)
    inode = (tmp_path / "file").stat().st_ino

    def refuse(_self, target):
        raise OSError(errno.EBUSY, "busy", str(target))

    monkeypatch.setattr(Path, "replace", refuse)
    write(tmp_path / "file")
    assert ((tmp_path / "file").read_bytes(), (tmp_path / "file").stat().st_ino) == (WRITTEN, inode)
    assert leftovers(tmp_path) == []


@posix
def test_a_temporary_file_that_is_taken_for_a_leftover_is_made_again(tmp_path, monkeypatch):
    """Between its creation and its lock, another process may delete it."""
    flock, taken = atomic_file.fcntl.flock, []

    def flock_too_late(file, operation):
        if not taken:
            taken.extend(leftovers(tmp_path))
            (tmp_path / taken[0]).unlink()
        flock(file, operation)

    monkeypatch.setattr(atomic_file.fcntl, "flock", flock_too_late)
    write(tmp_path / "new")
    assert len(taken) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
