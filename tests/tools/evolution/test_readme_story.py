"""The README's example of an API change: its output is current, and its change works."""

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
    memory.memories.list(updated_after="2026-11-02T08:15:00Z")
    try:
        memory.memories.list(updated_after=5)
    except ValidationError as error:
        print(json.dumps(str(error)))
"""


@pytest.fixture(scope="module")
def replayed(tmp_path_factory):
    """A copy of the project after the change, and the README with the current output."""
    folder = tmp_path_factory.mktemp("story")
    readme_story.copy(ROOT, folder)
    return folder, readme_story.replayed(README, folder)


def test_the_readme_shows_the_current_output(replayed):
    _, readme = replayed
    assert readme == README, "run `python tools/readme_story.py --write`"


def test_the_example_shows_the_change_from_start_to_end():
    _, heading, story = README.partition(readme_story.HEADING)
    assert heading
    first, second = story.split("$ make regenerate")[1:3]
    assert "1 change, which does not break users" in first
    assert "The code disagrees with the contract" in first
    assert "The contract has not changed.\n```" in second


def test_the_sdk_agrees_with_the_contract_in_the_end(replayed, capsys):
    folder, _ = replayed
    assert wrapper_check.main(folder) == 0
    assert "agree" in capsys.readouterr().out


def test_the_new_argument_is_sent_and_checked_by_the_synchronous_client_too(replayed):
    folder, _ = replayed
    done = subprocess.run(
        [sys.executable, "-c", CALL], cwd=folder, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    sent, refused = map(json.loads, done.stdout.splitlines())
    assert sent == {"limit": "50", "offset": "0", "updated_after": "2026-11-02T08:15:00Z"}
    assert "updated_after" in refused


def test_a_diff_that_does_not_apply_is_rejected(tmp_path):
    (tmp_path / "a.txt").write_text("one\none\n")
    diff = "--- a.txt\n+++ a.txt\n@@ here @@\n-one\n+two\n"
    with pytest.raises(readme_story.StoryError, match="2 times"):
        readme_story.apply(diff, tmp_path)
    readme_story.apply(diff.replace("-one\n+two\n", " one\n-one\n+two\n"), tmp_path)
    assert (tmp_path / "a.txt").read_text() == "one\ntwo\n"


def test_an_unknown_command_is_rejected(tmp_path):
    story = f"{readme_story.HEADING}\n```console\n$ rm -rf /\n```\n"
    with pytest.raises(readme_story.StoryError, match="does not know"):
        readme_story.replayed(story, tmp_path)
