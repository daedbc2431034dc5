"""`make release-check`: the changelog, the wheel's contents, and how it is installed."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("griffe", reason="needs requirements/release.txt (make release-check)")

import release_check
from memoryos import __version__
from release import baseline, changelog, installs, surface, wheel
from release import repository as state
from release.surface import Difference

ROOT = Path(__file__).resolve().parents[2]
CHANGELOG = f"""# Changelog

## [0.2.0] - Unreleased

### Added

- `memories.archive` puts a memory
  away.
- A second thing.

Some words.

## [{__version__}] - 2026-11-02

- The first.
"""


def test_the_entries_of_a_changelog_are_read_whole():
    assert changelog.entries(CHANGELOG) == [
        "`memories.archive` puts a memory away.",
        "A second thing.",
        "The first.",
    ]


def test_a_new_name_must_be_mentioned():
    names = ["memoryos.MemoryOS.memories.archive", "memoryos.AsyncMemoryOS.memories.archive"]
    difference = Difference(added=names, removed=[], changed=[])
    assert changelog.unmentioned(difference, ["Fewer requests."]) == ["memories.archive"]
    assert changelog.unmentioned(difference, ["`archive` puts a memory away."]) == []
    assert changelog.unmentioned(difference, ["We rearchived it."]) == ["memories.archive"]


def test_a_class_covers_its_members_and_the_constructor_the_class():
    names = ["memoryos.MemoryOS.__init__", "memoryos.types.Tag", "memoryos.types.Tag.color"]
    difference = Difference(added=[], removed=names[2:], changed=names[:2])
    assert changelog.unmentioned(difference, ["`MemoryOS` and `Tag` changed."]) == []
    assert changelog.unmentioned(difference, []) == ["Tag.color", "MemoryOS", "types.Tag"]


@pytest.fixture
def project(tmp_path):
    """A copy of what the surface is read from, in a repository of its own."""
    ignore = shutil.ignore_patterns("__pycache__", "api", "models")
    for folder in ("wrapper", "generated"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignore)
    (tmp_path / "tools/release").mkdir(parents=True)
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    return tmp_path


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def add_an_argument(project):
    old, new = "max_tokens: int = 4000,", "max_tokens: int = 9,"
    for path in (project / "wrapper/memoryos").glob("_*/resources.py"):
        if old in path.read_text(encoding="utf-8"):
            edit(path, old, new)


def test_the_surface_has_what_people_write():
    names = surface.read(ROOT)
    assert "limit: int = 20" in names["memoryos.MemoryOS.search"]
    assert "importance_score: Optional[float] = None" in names["memoryos.MemoryOS.memories.create"]
    assert names["memoryos.types.Memory.tier"] == "Tier"
    assert names["memoryos.types.Tier"] == "Literal['short', 'medium', 'long']"
    assert names["memoryos.exceptions.NotFoundError"] == "class(MemoryOSError)"
    assert "memoryos.NotFoundError.retry_after" in names
    private = [name for name in names if "._" in name and "__" not in name]
    assert private == []


def test_an_unchanged_surface_needs_no_entry(project, capsys):
    baseline.store(project, baseline.of_files("version 0.2.0", project))
    assert release_check.changelog_problems(project) == []
    assert "0 were added, 0 removed, 0 changed" in capsys.readouterr().out


def test_a_changed_surface_needs_an_entry(project, capsys):
    baseline.store(project, baseline.of_files("version 0.2.0", project))
    add_an_argument(project)
    (problem,) = release_check.changelog_problems(project)
    assert "since version 0.2.0" in problem
    assert "add an entry that names MemoryOS.get_context" in problem
    edit(project / "CHANGELOG.md", "- A second", "- `get_context` takes 9 tokens.\n- A second")
    assert release_check.changelog_problems(project) == []
    assert "0 were added, 0 removed, " in capsys.readouterr().out


def test_an_old_entry_does_not_count(project):
    edit(project / "CHANGELOG.md", "- The first.", "- The first `get_context`.")
    baseline.store(project, baseline.of_files("version 0.2.0", project))
    add_an_argument(project)
    assert len(release_check.changelog_problems(project)) == 1


def test_a_tag_comes_before_the_snapshot_and_asks_for_another_version(project):
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    commands = (
        "init -q",
        "add .",
        "commit -q -m first",
        f"-c tag.gpgsign=false tag v{__version__}",
    )
    for command in commands:
        subprocess.run(["git", "-C", str(project), *identity, *command.split()], check=True)
    assert baseline.last_tag(project) == f"v{__version__}"
    assert release_check.changelog_problems(project) == []
    add_an_argument(project)
    edit(project / "CHANGELOG.md", "- A second", "- `get_context` takes 9 tokens.\n- A second")
    (problem,) = release_check.changelog_problems(project)
    assert f"has changed since v{__version__}, and the version has not: raise it" in problem


@pytest.fixture
def repository(tmp_path):
    """A function that runs git in a repository with a package and a changelog, both committed."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]

    def git(*arguments):
        command = ["git", "-C", str(tmp_path), *identity, "-c", "tag.gpgsign=false", *arguments]
        subprocess.run(command, check=True, capture_output=True)

    (tmp_path / "wrapper/memoryos").mkdir(parents=True)
    version = tmp_path / "wrapper/memoryos/_version.py"
    version.write_text('__version__ = "0.2.0"\n', encoding="utf-8")
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    return git


def test_a_committed_tree_without_its_tag_is_ready(repository, tmp_path):
    assert state.problems(tmp_path, "0.2.0") == []
    repository("tag", "v0.2.0")
    assert state.problems(tmp_path, "0.2.0") == []


@pytest.mark.parametrize("kind", ["changed", "deleted", "staged", "untracked", "in a new folder"])
def test_a_file_that_is_not_committed_is_named(repository, tmp_path, kind):
    name = {"untracked": "notes on it.txt", "in a new folder": "new/è.py"}.get(kind, "CHANGELOG.md")
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.unlink() if kind == "deleted" else path.write_text("other", encoding="utf-8")
    if kind == "staged":
        repository("add", ".")
    (problem,) = state.problems(tmp_path, "0.2.0")
    assert problem.startswith("1 file is not committed: ")
    assert name in problem


def test_a_tag_of_another_commit_asks_for_another_version(repository, tmp_path):
    repository("tag", "v0.2.0")
    repository("commit", "-q", "--allow-empty", "-m", "second")
    (problem,) = state.problems(tmp_path, "0.2.0")
    assert problem.startswith("The tag v0.2.0 is at another commit: raise the version")


def test_a_folder_without_git_can_not_be_released(tmp_path):
    (problem,) = state.problems(tmp_path, "0.2.0")
    assert "is not a git repository" in problem


@pytest.mark.parametrize("section", ["", "### Added\n", "\nSome words.\n", "- \n- \n"])
def test_a_version_without_an_entry_is_not_ready(project, section):
    baseline.store(project, baseline.of_files("version 0.2.0", project))
    edit(project / "wrapper/memoryos/_version.py", f'"{__version__}"', '"0.3.0"')
    edit(project / "CHANGELOG.md", "## [0.2.0]", f"## [0.3.0]\n{section}\n## [0.2.0]")
    found = release_check.changelog_problems(project)
    assert found == ["CHANGELOG.md has no entry for 0.3.0: say what users notice."]


def test_a_change_since_the_tag_needs_a_new_entry(repository, tmp_path):
    repository("tag", f"v{__version__}")
    changed = tmp_path / "wrapper/memoryos/client.py"
    changed.write_text("", encoding="utf-8")
    repository("add", ".")
    repository("commit", "-q", "-m", "second")
    old = release_check._missing_entries(tmp_path, f"v{__version__}", [])
    assert old == [
        f"CHANGELOG.md has no new entry since v{__version__}, and the package has changed."
    ]
    assert release_check._missing_entries(tmp_path, f"v{__version__}", ["A second thing."]) == []
    assert release_check._missing_entries(tmp_path, None, []) == []


def test_a_folder_without_git_has_no_tag(tmp_path):
    assert baseline.last_tag(tmp_path) is None


def test_the_stored_snapshot_can_be_read():
    stored = baseline.stored(ROOT)
    assert stored.name.startswith("version ")
    assert "memoryos.MemoryOS.search" in stored.surface
    assert json.loads((ROOT / baseline.SNAPSHOT).read_text(encoding="utf-8"))["entries"]


@pytest.fixture
def built(tmp_path):
    """A wheel and an sdist that have all that is needed, and nothing else."""

    def make(*more, size=0, without=()):
        archive = tmp_path / "memoryos-1.2.3-py3-none-any.whl"
        names = [name for name in (*wheel.NEEDED, *more) if name not in without]
        with zipfile.ZipFile(archive, "w") as files:
            for name in names:
                files.writestr(name, b"x" * size)
        sdist = tmp_path / "memoryos-1.2.3.tar.gz"
        with tarfile.open(sdist, "w:gz") as files:
            for name in wheel.CONTRACTS:
                files.addfile(tarfile.TarInfo(f"memoryos-1.2.3/{name}"), io.BytesIO())
        return wheel.Built(archive, sdist)

    return make


def test_a_whole_wheel_is_right(built):
    assert wheel.problems(built("memoryos-1.2.3.dist-info/METADATA"), "1.2.3") == []


def test_a_wheel_that_lacks_a_file_or_has_a_stray_one_is_named(built):
    found = wheel.problems(built("tests/test_it.py", without=("memoryos/py.typed",)), "1.2.3")
    assert found == [
        "The wheel lacks memoryos/py.typed.",
        "The wheel has tests/test_it.py, which is no part of it.",
    ]


def test_a_wheel_that_is_too_large_is_named(built):
    (problem,) = wheel.problems(built(size=500_000), "1.2.3")
    assert problem.endswith("bytes; 2000000 are allowed.")


def test_a_wheel_of_another_version_is_named(built):
    found = wheel.problems(built(), "1.2.4")
    assert "The sdist lacks openapi.yaml." in found
    assert "The sdist lacks openapi-admin.yaml." in found
    assert "memoryos-1.2.3-py3-none-any.whl is not of version 1.2.4." in found


def test_the_oldest_python_gets_the_lowest_and_the_newest_the_highest_versions():
    found = {"3.8": "a", "3.10": "b", "3.13": "c"}
    assert [str(install) for install in installs.planned(found)] == [
        "Python 3.8, lowest dependencies, memoryos",
        "Python 3.13, highest dependencies, memoryos",
        "Python 3.10, lowest dependencies, memoryos[local]",
        "Python 3.13, highest dependencies, memoryos[local]",
    ]


def test_without_a_newer_python_the_local_memory_os_is_not_planned():
    assert {install.extra for install in installs.planned({"3.8": "a", "3.9": "b"})} == {""}


def test_the_quick_start_of_the_readme_is_found(tmp_path):
    program = installs._quick_start(ROOT, tmp_path).read_text(encoding="utf-8")
    compile(program, "quick_start.py", "exec")
    assert "memory.get_context(" in program
