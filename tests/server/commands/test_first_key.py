"""The first API key of a store: who makes it, and what its file may replace."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from memoryos_server.commands import first_key as module
from memoryos_server.commands.first_key import first_key
from memoryos_server.commands.listening import StartError
from memoryos_server.commands.serve_options import ServeOptions
from memoryos_server.stores.database_url import is_address

PATIENCE_SECONDS = 60
PROGRAM = ("-m", "memoryos_server")
OLD_KEY = "mos_test_of-an-earlier-database"

needs_posix = pytest.mark.skipif(os.name != "posix", reason="this system has no modes of files")


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def options_of(place, **options):
    name = "store" if is_address(str(place)) else "data"
    return ServeOptions(**{name: str(place), **options})


def made(service, place, **options):
    with first_key(service, options_of(place, **options)) as key:
        return key


def text_of(file):
    return Path(file).read_text(encoding="ascii")


def serving(stack, *options, data=None, program=PROGRAM, **settings):
    """Start a server that prints where its key is."""
    place = [] if data is None else ["--store" if is_address(str(data)) else "--data", str(data)]
    words = [
        sys.executable,
        *program,
        "serve",
        "--port",
        "0",
        "--json",
        "--embedder",
        "none",
        *place,
        *options,
    ]
    process = stack.enter_context(
        subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **settings
        )
    )
    stack.callback(process.terminate)
    return process


def outcome(*options, **settings):
    """Run a server that doesn't start."""
    with ExitStack() as stack:
        out, errors = serving(stack, *options, **settings).communicate(timeout=PATIENCE_SECONDS)
    assert out == ""
    return errors


@pytest.mark.both_stores
def test_the_first_start_makes_a_key_and_later_ones_find_it(start, place):
    service = start(place)
    first = made(service, place)
    assert text_of(first.file) == f"{first.new_key}\n"
    assert service.authenticate(first.new_key) is not None
    again = made(service, place)
    assert (again.file, again.new_key, again.valid_keys) == (first.file, None, 1)
    assert not again.is_readable_by_others
    assert len(service.list_keys()) == 1


@needs_posix
@pytest.mark.parametrize("umask", [0, 0o777])
def test_only_this_user_can_read_the_file(start, tmp_path, umask):
    """Whatever the umask is, and nothing else is left in the folder."""
    service = start(tmp_path / "m.db")
    service.list_keys()
    before = os.umask(umask)
    try:
        key = made(service, tmp_path / "m.db", key_file=str(tmp_path / "keys" / "k"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(key.file.stat().st_mode) == 0o600
    assert [path.name for path in key.file.parent.iterdir()] == ["k"]


@needs_posix
def test_a_file_that_others_can_read_is_reported(start, tmp_path):
    service = start(tmp_path / "m.db")
    file = made(service, tmp_path / "m.db").file
    file.chmod(0o640)
    assert made(service, tmp_path / "m.db").is_readable_by_others


def test_the_file_of_a_database_is_named_by_host_port_and_name(monkeypatch):
    pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")
    for name in ("PGHOST", "PGPORT", "PGDATABASE"):
        monkeypatch.delenv(name, raising=False)
    names = {
        url: module._key_file(ServeOptions(store=url)).name
        for url in (
            "postgresql://ada:s3cr3t@db.internal:6432/memories?sslmode=require&pool_size=5",
            "postgresql://ada@/x?host=/run/pg&port=1&password=s3cr3t",
            "postgresql://a@[::1],b/..%2F..%2Fetc",
            f"postgresql://a@{'h' * 300}/d",
        )
    }
    assert list(names.values()) == [
        "db.internal-6432-memories.key",
        "run-pg-1-x.key",
        "1-b---..-..-etc.key",
        f"{'h' * 200}.key",
    ]
    monkeypatch.setenv("PGHOST", "elsewhere")
    assert module._key_file(ServeOptions(store="postgresql:///d")).name == "elsewhere-5432-d.key"


@pytest.mark.both_stores
def test_the_key_of_an_earlier_store_is_replaced(start, place, tmp_path):
    file = tmp_path / "k"
    file.write_text(f"{OLD_KEY}\n", encoding="ascii")
    service = start(place)
    assert made(service, place, key_file=str(file)).new_key == text_of(file).strip() != OLD_KEY


@pytest.mark.both_stores
@pytest.mark.parametrize(
    "kind", ["text", "hosted", "empty", "binary", "folder", "link", "dangling", "pipe"]
)
def test_nothing_else_is_replaced_and_then_there_is_no_key(start, place, tmp_path, kind):
    if kind == "pipe" and not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    file, other = tmp_path / "k", tmp_path / "other"
    other.write_text(OLD_KEY, encoding="ascii")
    contents = {"text": b"Dear Ada", "empty": b"", "binary": b"\xff" * 5000}
    contents["hosted"] = OLD_KEY.replace("mos_test_", "mos_live_").encode()
    if kind in contents:
        file.write_bytes(contents[kind])
    elif kind == "folder":
        file.mkdir()
    elif kind == "pipe":
        os.mkfifo(file)
    else:
        file.symlink_to(other if kind == "link" else tmp_path / "nowhere")
    service = start(place)
    with pytest.raises(StartError, match="exists and holds no API key; name another file"):
        made(service, place, key_file=str(file))
    assert service.list_keys() == []
    assert kind not in contents or file.read_bytes() == contents[kind]
    assert text_of(other) == OLD_KEY
    assert not (tmp_path / "nowhere").exists()
    made(service, place, key_file=str(tmp_path / "better"))


@pytest.mark.both_stores
def test_where_the_file_can_not_be_written_there_is_no_key(start, place, tmp_path, monkeypatch):
    def replace(*_):
        raise OSError(28, "No space left on device")

    service = start(place)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        with pytest.raises(StartError, match=r"to .*keys.k: No space left on device; name another"):
            made(service, place, key_file=str(tmp_path / "keys" / "k"))
    assert list((tmp_path / "keys").iterdir()) == []
    assert service.list_keys() == []
    (tmp_path / "file").touch()
    with pytest.raises(StartError, match=r"can't write the API key to .*file.k: "):
        made(service, place, key_file=str(tmp_path / "file" / "k"))
    assert service.list_keys() == []


@pytest.mark.both_stores
def test_a_start_that_is_killed_before_the_key_is_stored_does_no_harm(start, place, tmp_path):
    """The file then holds a key that is none; the next start replaces it."""
    program = (
        "import os, signal, sys\n"
        "from memoryos_server.__main__ import main\n"
        "from memoryos_server.commands import first_key\n"
        "write = first_key._write\n"
        "def killed(*arguments):\n"
        "    write(*arguments)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "first_key._write = killed\n"
        "sys.exit(main())\n"
    )
    option = "--store" if is_address(str(place)) else "--data"
    words = ["serve", "--port", "0", "--embedder", "hashing", option, str(place)]
    words += ["--key-file", str(tmp_path / "k")]
    done = subprocess.run(
        [sys.executable, "-c", program, *words], timeout=PATIENCE_SECONDS, check=False
    )
    assert done.returncode == -getattr(signal, "SIGKILL", 9)
    left = text_of(tmp_path / "k").strip()
    service = start(place)
    assert service.authenticate(left) is None
    key = made(service, place, key_file=str(tmp_path / "k"))
    assert service.authenticate(text_of(key.file).strip()) is not None
    assert len(service.list_keys()) == 1


@pytest.mark.both_stores
def test_of_servers_that_start_at_once_on_a_new_store_one_makes_the_key(start, place):
    """All tell its file."""
    with ExitStack() as stack:
        processes = [serving(stack, data=place) for _ in range(4)]
        told = [json.loads(process.stdout.readline()) for process in processes]
        for process in processes:
            process.terminate()
            assert process.communicate(timeout=PATIENCE_SECONDS)[0] == ""
    (file,) = {each["api_key_file"] for each in told}
    service = start(place, embedder=None)
    assert service.authenticate(text_of(file).strip()) is not None
    assert len(service.list_keys()) == 1


def test_a_file_whose_key_is_not_valid_is_not_named(start, tmp_path):
    """Deleted, revoked, of another store, or unreadable: an operator makes another key."""
    service = start(tmp_path / "m.db")
    key = made(service, tmp_path / "m.db")
    other = tmp_path / "other"
    for text in (OLD_KEY, "no key"):
        other.write_text(text, encoding="ascii")
        found = made(service, tmp_path / "m.db", key_file=str(other))
        assert (found.file, found.valid_keys, text_of(other)) == (None, 1, text)
    service.revoke_key(service.list_keys()[0].id)
    assert made(service, tmp_path / "m.db").file is None
    key.file.unlink()
    found = made(service, tmp_path / "m.db")
    assert (found.file, found.valid_keys, key.file.exists()) == (None, 0, False)


def test_no_key_is_made_if_none_is_wanted(start, tmp_path):
    service = start(tmp_path / "m.db")
    assert made(service, tmp_path / "m.db", no_key=True).file is None
    assert service.list_keys() == []


def test_the_file_of_a_store_in_memory_is_private_and_removed(start):
    with first_key(start(), ServeOptions(data=":memory:")) as key:
        assert text_of(key.file).strip() == key.new_key
        if os.name == "posix":
            assert stat.S_IMODE(key.file.parent.stat().st_mode) == 0o700
    assert not key.file.parent.exists()


def test_the_lines_to_copy_work_for_any_name(tmp_path):
    """With spaces, quotes and a dollar sign."""
    if os.name != "posix":
        pytest.skip("names of files have fewer characters here")
    data = tmp_path / """Ada's "best" $HOME `notes`; x""" / "m.db"
    with ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen(
                [sys.executable, *PROGRAM, "serve", "--port=0", "--data", str(data), "--print-key"],
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        stack.callback(process.terminate)
        text = "".join(iter(process.stdout.readline, "Press Ctrl-C to stop.\n"))
    lines = [line.strip() for line in text.splitlines() if line.startswith("  export ")]
    script = "\n".join([*lines, 'echo "$MEMORY_OS_API_KEY"'])
    for shell in ("sh", "bash", "dash", "zsh"):
        with suppress(FileNotFoundError):
            shown = subprocess.run([shell, "-euc", script], capture_output=True, check=True)
            assert shown.stdout.decode() == text_of(f"{data}.key")
    assert text_of(f"{data}.key").strip() in text


@needs_posix
def test_a_user_without_a_home_folder_is_told_what_to_name(tmp_path):
    """As in a service of systemd with a user of its own: nothing is written to a folder named ~."""
    program = (
        "import pwd, sys\n"
        "def nobody(_):\n"
        "    raise KeyError\n"
        "pwd.getpwuid = nobody\n"
        "from memoryos_server.__main__ import main\n"
        "sys.exit(main())\n"
    )
    homes = ("HOME", "XDG_DATA_HOME")
    settings = {
        "env": {name: value for name, value in os.environ.items() if name not in homes},
        "cwd": tmp_path,
        "program": ["-c", program],
    }
    assert outcome(**settings) == (
        "memoryos serve: this user has no home folder, and XDG_DATA_HOME is not set; name a file "
        "with --data and its whole path\n"
    )
    assert "this user has no home folder" in outcome("--data", "~/m.db", **settings)
    assert list(tmp_path.iterdir()) == []
    with ExitStack() as stack:
        process = serving(stack, data="m.db", **settings)
        told = json.loads(process.stdout.readline())
    assert told["api_key_file"] == str(tmp_path / "m.db.key")


@pytest.mark.both_stores
def test_without_a_home_folder_only_the_first_key_of_a_database_needs_a_name(
    start, place, monkeypatch
):
    def no_home():
        raise RuntimeError

    monkeypatch.setattr(module, "default_data_path", no_home)
    service = start(place)
    assert made(service, place, no_key=True).valid_keys == 0
    if is_address(str(place)):
        with pytest.raises(StartError, match="no home folder to write the API key to; name anoth"):
            made(service, place)
        assert service.list_keys() == []
    service.create_key()
    assert made(service, place).valid_keys == 1
