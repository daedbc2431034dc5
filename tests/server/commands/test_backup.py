"""`memoryos backup`: its output and its exit status."""

from __future__ import annotations

import os

import pytest

from memoryos._cli.main import main


def test_the_command_says_what_it_made_or_why_not(start, user_of, tmp_path, capsys):
    """One line, and the exit status for scripts."""
    source, target = tmp_path / "m.db", tmp_path / "m.bak"
    user_of(start(source)).create("Ada", tier="long")
    arguments = ["backup", str(target), "--data", str(source)]
    assert main(arguments) == 0
    assert f"{target}: 1 memory, 0 keys" in capsys.readouterr().out
    assert main(arguments) == 1
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert "--force" in told.err
    assert main([*arguments, "--force"]) == 0


@pytest.mark.parametrize(
    ("target", "data", "message"),
    [
        ("no folder/copy.db", "m.db", "there is no folder no folder; create it first"),
        ("folder", "m.db", "folder is a folder; name a file in it"),
        (":memory:", "m.db", "FILE: :memory: is lost when the process ends; name a file"),
        ("", "m.db", "FILE must not be empty"),
        ("-", "m.db", "FILE needs the name of a file; - is standard output"),
        ("copy.db", ":memory:", "--data: :memory: is lost when the process ends; name a file"),
        ("copy.db", "", "--data must not be empty"),
        ("copy.db", "none.db", "there is no file {folder}/none.db; did you mean {folder}/m.db?"),
        ("copy.db", "folder", "{folder}/folder is a folder"),
    ],
)
def test_a_path_that_can_not_be_used_is_named_with_the_reason(
    start, tmp_path, monkeypatch, capsys, target, data, message
):
    """And with what to do, where the message doesn't imply it."""
    start(tmp_path / "m.db").create_key()
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["backup", target, "--data", data]) == 1
    expected = message.format(folder=tmp_path).replace("/", os.sep)
    assert capsys.readouterr().err == f"memoryos backup: {expected}\n"
    assert sorted(path.name for path in tmp_path.glob("*copy*")) == []


def test_the_variables_of_serve_name_the_store_for_other_commands_too(
    start, tmp_path, monkeypatch, capsys
):
    """An option comes first; restore and keys read the variables as backup does."""
    for name in ("variable", "option"):
        start(tmp_path / f"{name}.db").create_key(name=name)
    monkeypatch.setenv("MEMORY_OS_DATA", str(tmp_path / "variable.db"))
    monkeypatch.setenv("MEMORY_OS_STORE", "")
    assert main(["keys", "list"]) == 0
    assert "variable" in capsys.readouterr().out
    assert main(["keys", "list", "--data", str(tmp_path / "option.db")]) == 0
    assert "option" in capsys.readouterr().out
    assert main(["backup", str(tmp_path / "copy.db")]) == 0
    monkeypatch.setenv("MEMORY_OS_DATA", str(tmp_path / "new.db"))
    assert main(["restore", str(tmp_path / "copy.db")]) == 0
    assert f"{tmp_path / 'new.db'}: 0 memories and 1 key restored" in capsys.readouterr().out


def test_the_file_of_serve_names_the_store_for_other_commands_too(
    start, tmp_path, monkeypatch, capsys
):
    """Or a backup would be one of the default file. The variables come before it."""
    for name in ("file", "variable"):
        start(tmp_path / f"{name}.db").create_key(name=name)
    file = tmp_path / "serve.toml"
    file.write_text("[serve]\ndata = 'file.db'\nport = 1\n", encoding="utf-8")
    monkeypatch.setenv("MEMORY_OS_CONFIG", str(file))
    assert main(["keys", "list", "--json"]) == 0
    assert '"name": "file"' in capsys.readouterr().out
    assert main(["backup", str(tmp_path / "copy.db")]) == 0
    assert main(["keys", "list", "--json", "--data", str(tmp_path / "copy.db")]) == 0
    assert '"name": "file"' in capsys.readouterr().out
    monkeypatch.setenv("MEMORY_OS_DATA", str(tmp_path / "variable.db"))
    assert main(["keys", "list", "--json"]) == 0
    assert '"name": "variable"' in capsys.readouterr().out
    monkeypatch.delenv("MEMORY_OS_DATA")
    for text, message in (
        ("store = 'mysql://u:s3cret@h/d'", f"{file}: [serve] store: must begin with postgresql://"),
        ("store = 'postgresql://h/d'\ndata = 'x'", "exclude each other"),
        ("data = 1.5", "[serve] data: must be a text or a number"),
    ):
        file.write_text(f"[serve]\n{text}\n", encoding="utf-8")
        assert main(["keys", "list"]) == 1
        error = capsys.readouterr().err
        assert message in error
        assert "s3cret" not in error
    monkeypatch.setenv("MEMORY_OS_CONFIG", "https://ada:s3cret@db.internal/serve.toml")
    assert main(["keys", "list"]) == 1
    error = "memoryos keys: MEMORY_OS_CONFIG: must be a path, not a URL\n"
    assert capsys.readouterr().err == error


@pytest.mark.parametrize(
    ("data", "store", "message"),
    [
        (
            "m.db",
            "postgresql://db.internal/m",
            "MEMORY_OS_DATA and MEMORY_OS_STORE are both set; unset one of them",
        ),
        ("", "mysql://ada:s3cret@db.internal", "MEMORY_OS_STORE must begin with postgresql://"),
    ],
)
@pytest.mark.parametrize("command", [["backup", "m.bak"], ["restore", "m.bak"], ["keys", "list"]])
def test_variables_that_can_not_be_used_are_named(
    monkeypatch, capsys, command, data, store, message
):
    """Without their values, which may contain a password."""
    monkeypatch.setenv("MEMORY_OS_DATA", data)
    monkeypatch.setenv("MEMORY_OS_STORE", store)
    assert main(command) == 1
    assert message in capsys.readouterr().err
