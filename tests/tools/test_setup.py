"""The first things that a newcomer meets: finding a Python, and seeing what a long step does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import step

ROOT = Path(__file__).resolve().parents[2]
SHELL = shutil.which("sh")


def find_python(path, *arguments):
    """Run tools/find_python.sh with this PATH."""
    return subprocess.run(
        [SHELL, str(ROOT / "tools/find_python.sh"), *arguments],
        env={"PATH": str(path)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def pretend(folder, name, *, refuses):
    """Put this Python into the folder, but one that fails where it runs code with `refuses`."""
    script = f'#!{SHELL}\ncase "$2" in *"{refuses}"*) exit 1;; esac\nexec "{sys.executable}" "$@"\n'
    (folder / name).write_text(script, encoding="utf-8")
    (folder / name).chmod(0o755)


def test_without_a_python_one_line_says_what_to_install(tmp_path):
    finished = find_python(tmp_path)
    assert finished.returncode == 1
    assert finished.stdout == ""
    assert "Python 3.11 or newer is needed" in finished.stderr
    assert finished.stderr.count("\n") == 1


def test_a_python_without_venv_is_named_with_the_package_that_it_lacks(tmp_path):
    pretend(tmp_path, "python3.12", refuses="ensurepip")
    finished = find_python(tmp_path)
    assert finished.returncode == 1
    assert "python3.12 has no venv: install it (Debian, Ubuntu: apt install" in finished.stderr
    assert finished.stderr.count("\n") == 1


def test_a_python_that_is_too_old_is_passed_over_for_one_that_is_not(tmp_path):
    pretend(tmp_path, "python3.13", refuses="version_info")
    pretend(tmp_path, "python3", refuses="nothing that is asked")
    finished = find_python(tmp_path)
    assert finished.returncode == 0
    assert Path(finished.stdout.strip()).samefile(sys.executable)


def test_a_python_that_was_asked_for_and_does_not_do_is_refused_by_name(tmp_path):
    pretend(tmp_path, "python3", refuses="nothing that is asked")
    finished = find_python(tmp_path, "/opt/no such/python")
    assert finished.returncode == 1
    assert "PYTHON=/opt/no such/python is not Python 3.11 or newer" in finished.stderr


def run_step(*command):
    return subprocess.run(
        [sys.executable, "-X", "utf8", str(ROOT / "tools/step.py"), "Working", "--", *command],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_a_step_that_works_takes_one_line_and_hides_what_it_printed():
    finished = run_step(sys.executable, "-c", "print('chatter')")
    assert finished.returncode == 0
    assert finished.stdout.startswith("Working … done (")
    assert "chatter" not in finished.stdout + finished.stderr


def test_a_step_that_fails_shows_what_it_printed_and_fails():
    finished = run_step(sys.executable, "-c", "print('the reason'); raise SystemExit(3)")
    assert finished.returncode == 1
    assert finished.stdout.startswith("Working … FAILED (")
    assert "the reason" in finished.stderr


@pytest.mark.parametrize("passed", [True, False])
def test_the_outcome_of_a_step_tells_what_the_command_did(passed, capsys):
    code = f"import os; print(os.environ['SAYS']); raise SystemExit({not passed:d})"
    outcome = step.run("Working", [sys.executable, "-c", code], {"SAYS": "hello"})
    assert (outcome.passed, outcome.output) == (passed, "hello\n")
    assert capsys.readouterr().out.startswith("Working …")


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_an_environment_behind_a_link_is_left_to_the_project_it_belongs_to(tmp_path):
    """A link is replaced by an environment of the project's own."""
    other, project = tmp_path / "other", tmp_path / "project"
    other.mkdir()
    (other / "file").touch()
    (project / "tools").mkdir(parents=True)
    for name in ("Makefile", "tools/find_python.sh", "tools/step.py"):
        shutil.copy(ROOT / name, project / name)
    (project / ".venv").symlink_to(other)
    made = ["make", ".venv/.made", f"PYTHON={sys.executable}"]
    subprocess.run(made, cwd=project, capture_output=True, check=True)
    assert (other / "file").exists()
    assert not (project / ".venv").is_symlink()
    assert (project / ".venv" / ".made").exists()
