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
