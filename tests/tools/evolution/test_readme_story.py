"""The README's story of a change of the API: what it prints came, and what it changes works."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("openapi_python_client", reason="needs requirements/generator.txt")
pytest.importorskip("ruff", reason="needs requirements/generator.txt")

import readme_story
import wrapper_check

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")

CALL = """
import json, sys
sys.path[:0] = ["wrapper", "generated"]
import httpx
from memoryos import MemoryOS
from memoryos.exceptions import ValidationError

def answer(request):
    print(json.dumps(dict(request.url.params)))
    meta = {"total": 0, "limit": 50, "offset": 0, "has_more": False, "request_id": "r"}
    return httpx.Response(200, json={"data": [], "meta": meta})

with httpx.Client(transport=httpx.MockTransport(answer)) as http_client:
    memory = MemoryOS("mos_test_key", http_client=http_client)
    memory.memories.list(created_after="2026-11-02T08:15:00Z")
    try:
        memory.memories.list(created_after=5)
    except ValidationError as error:
        print(json.dumps(str(error)))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A copy of the project after the story, and the README with what was printed."""
    folder = tmp_path_factory.mktemp("story")
    readme_story.copy(ROOT, folder)
    return folder, readme_story.told(README, folder)


def test_the_readme_prints_what_came(told):
    _, readme = told
    assert readme == README, "run `python tools/readme_story.py --write`"


def test_the_story_is_told_from_a_change_to_its_end():
    _, heading, story = README.partition(readme_story.HEADING)
    assert heading
    first, second = story.split("$ make regenerate")[1:3]
    assert "1 change, which does not break users" in first
    assert "The code disagrees with the contract" in first
    assert "The contract has not changed.\n```" in second


def test_the_sdk_agrees_with_the_contract_in_the_end(told, capsys):
    folder, _ = told
    assert wrapper_check.main(folder) == 0
    assert "agree" in capsys.readouterr().out


def test_the_new_argument_is_sent_and_checked_by_the_synchronous_client_too(told):
    folder, _ = told
    done = subprocess.run(
        [sys.executable, "-c", CALL], cwd=folder, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    sent, refused = map(json.loads, done.stdout.splitlines())
    assert sent == {"limit": "50", "offset": "0", "created_after": "2026-11-02T08:15:00Z"}
    assert "created_after" in refused


def test_a_diff_that_does_not_fit_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("one\none\n")
    diff = "--- a.txt\n+++ a.txt\n@@ here @@\n-one\n+two\n"
    with pytest.raises(readme_story.StoryError, match="2 times"):
        readme_story.apply(diff, tmp_path)
    readme_story.apply(diff.replace("-one\n+two\n", " one\n-one\n+two\n"), tmp_path)
    assert (tmp_path / "a.txt").read_text() == "one\ntwo\n"


def test_a_command_that_is_not_known_is_refused(tmp_path):
    story = f"{readme_story.HEADING}\n```console\n$ rm -rf /\n```\n"
    with pytest.raises(readme_story.StoryError, match="does not know"):
        readme_story.told(story, tmp_path)
