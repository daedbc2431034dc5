"""`memoryos backup`: its output and its exit status."""

from __future__ import annotations

from memoryos._cli.main import main


def test_the_command_says_what_it_made_or_why_not(start, user_of, tmp_path, capsys):
    """One line, and the exit status for scripts."""
    source, target = tmp_path / "m.db", tmp_path / "m.bak"
    user_of(start(source)).create("Ada", tier="long")
    arguments = ["backup", str(target), "--data", str(source)]
    assert main(arguments) == 0
    assert f"{target}: 1 memories, 0 keys" in capsys.readouterr().out
    assert main(arguments) == 1
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert "--force" in told.err
    assert main([*arguments, "--force"]) == 0
