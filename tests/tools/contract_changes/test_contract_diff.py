"""`make contract-diff`: two revisions, or one and the work tree, as text and as JSON."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("openapi_python_client", reason="needs requirements/generator.txt")
pytest.importorskip("ruff", reason="needs requirements/generator.txt")

import contract_diff

ROOT = Path(__file__).resolve().parents[3]


def git(folder, *arguments):
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    """A repository with two commits: in the second, lists are shorter by default."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    shutil.copytree(ROOT / "wrapper", tmp_path / "wrapper")
    contract = tmp_path / "openapi.yaml"
    shutil.copy(ROOT / "openapi.yaml", contract)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    git(tmp_path, "tag", "first")
    contract.write_text(contract.read_text().replace("default: 50", "default: 20"))
    git(tmp_path, "commit", "--quiet", "--all", "--message", "second")
    return tmp_path


def diff(repository, *arguments):
    return contract_diff.main(arguments, root=repository)


def test_two_revisions_and_a_break(repository, capsys):
    assert diff(repository, "--base=first", "--head=HEAD") == 1
    said = capsys.readouterr().out
    assert "limit in the query: `50` → `20` — list_memories, list_tags, list_entities" in said
    assert "_async/resources.py:" in said


def test_the_work_tree_is_compared_where_no_head_is_named(repository, capsys):
    assert diff(repository, "--base=HEAD", "--head=") == 0
    assert "The contract has not changed." in capsys.readouterr().out
    contract = repository / "openapi.yaml"
    contract.write_text(contract.read_text().replace("enum: [asc, desc]", "enum: [asc, desc, any]"))
    assert diff(repository, "--base=HEAD") == 0
    assert 'value added             SortOrder (requests): `"any"`' in capsys.readouterr().out


def test_json(repository, capsys):
    assert diff(repository, "--base=first", "--head=HEAD", "--format=json") == 1
    document = json.loads(capsys.readouterr().out)
    assert document["breaks"] is True
    assert [change["kind"] for change in document["changes"]] == ["default changed"]
    assert {item["file"] for item in document["disagreements"]} == {
        "wrapper/memoryos/_async/resources.py"
    }


def test_an_unknown_revision_is_a_mistake_not_a_break(repository, capsys):
    assert diff(repository, "--base=nowhere") == 2
    assert "nowhere" in capsys.readouterr().err


@pytest.mark.parametrize(
    "revision", ["v1.0.0", "-x", "HEAD~99", "no such tag", "HEAD:openapi.yaml"]
)
def test_an_unknown_revision_is_one_sentence(repository, capsys, revision):
    assert diff(repository, f"--base={revision}") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"There is no revision {revision} in this repository; ")
    assert err.count("\n") == 1


def test_an_empty_base_is_not_compared_with_itself(repository, capsys):
    """As in `make contract-diff BASE=$TAG` without TAG."""
    assert contract_diff.main(["--base", ""], repository) == 2
    assert "--base must name a git revision" in capsys.readouterr().err


def test_a_folder_without_git_is_one_sentence(tmp_path, capsys):
    assert diff(tmp_path, "--base=HEAD") == 2
    assert capsys.readouterr().err == f"{tmp_path} is not a git repository.\n"


def test_a_revision_with_a_broken_contract_is_named(repository, capsys):
    contract = repository / "openapi.yaml"
    text = contract.read_text()
    contract.write_text(text.replace("\n  title", "\n\ttitle"))
    git(repository, "commit", "--quiet", "--all", "--message", "third")
    contract.write_text(text)
    assert diff(repository, "--base=HEAD") == 2
    assert capsys.readouterr().err.startswith("HEAD:openapi.yaml:3: ")


def test_a_revision_without_a_contract_is_named(repository, capsys):
    git(repository, "rm", "--quiet", "--cached", "openapi.yaml")
    git(repository, "commit", "--quiet", "--message", "third")
    assert diff(repository, "--base=HEAD") == 2
    assert "HEAD has no openapi.yaml" in capsys.readouterr().err


def test_a_broken_contract_is_a_mistake_not_a_break(repository, capsys):
    contract = repository / "openapi.yaml"
    contract.write_text(contract.read_text().replace("#/components/schemas/TagSort", "#/nowhere"))
    assert diff(repository, "--base=HEAD") == 2
    assert "#/nowhere refers to nothing" in capsys.readouterr().err
