"""`make check` notices when the version stands in a second place, or not in the changelog."""

from __future__ import annotations

import pytest

import version


@pytest.fixture
def project(tmp_path):
    """A project whose version, 1.2.3, stands in one place and in the changelog."""
    package = tmp_path / "wrapper" / "memoryos"
    package.mkdir(parents=True)
    (package / "_version.py").write_text('__version__ = "1.2.3"\n', encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[project]\ndynamic = ["version"]\n', encoding="utf-8")
    (tmp_path / "CHANGELOG.md").write_text("## [1.2.3] - Unreleased\n", encoding="utf-8")
    return tmp_path


def test_one_place_is_right(project):
    assert version.problems(project) == []


def test_a_second_place_is_named(project):
    (project / "wrapper" / "client.py").write_text("AGENT = 'x/' + '1.2.3'\n", encoding="utf-8")
    (sentence,) = version.problems(project)
    assert "wrapper/client.py repeats the version 1.2.3" in sentence


def test_a_version_in_pyproject_is_named(project):
    (project / "pyproject.toml").write_text('[project]\nversion = "9"\n', encoding="utf-8")
    (sentence,) = version.problems(project)
    assert "pyproject.toml" in sentence


def test_a_changelog_without_the_version_is_named(project):
    (project / "CHANGELOG.md").write_text("## [1.2.2]\n", encoding="utf-8")
    (sentence,) = version.problems(project)
    assert "CHANGELOG.md has no heading" in sentence


def test_what_tools_made_is_not_the_project(project):
    elsewhere = project / ".venv" / "lib"
    elsewhere.mkdir(parents=True)
    (elsewhere / "copy.py").write_text('VERSION = "1.2.3"\n', encoding="utf-8")
    assert version.problems(project) == []
