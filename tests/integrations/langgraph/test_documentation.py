"""The page and the example of this integration run, and print what they show."""

from __future__ import annotations

import contextlib
import io
import re
import runpy
from pathlib import Path

import pytest

from .fake_model import answering

pytestmark = pytest.mark.local_server

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "integrations" / "langgraph.md"
EXAMPLE = ROOT / "examples" / "integrations" / "langgraph_agent.py"
BLOCK = re.compile(r"^```(python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_page_runs_and_prints_what_it_shows(monkeypatch, tmp_path):
    """From top to bottom, as one program; the model's prompt is as shown, too."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("MEMORY_OS_EMBEDDER", "hashing")
    model = answering("Noted.", "Green tea.")
    monkeypatch.setattr("langchain.agents.factory.init_chat_model", lambda name: model)
    names = {"__name__": "page"}
    printed = ""
    for language, block in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if language == "python":
            with contextlib.redirect_stdout(io.StringIO()) as output:
                exec(compile(block, str(PAGE), "exec", dont_inherit=True), names)
            printed = output.getvalue()
        elif printed:
            assert printed == block
        else:
            shown = model.shown[1][0][1]
            assert shown == block.strip().replace("</memories>", "- assistant: Noted.\n</memories>")
    names["memory"].close()


def test_the_example_runs(monkeypatch, capsys):
    """Each user's answer has their own memories, and not the other's."""
    monkeypatch.delenv("MEMORY_OS_API_KEY", raising=False)
    monkeypatch.delenv("MODEL", raising=False)
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    alice, bob = capsys.readouterr().out.split("What do I drink?")[1:]
    assert "- user: I drink green tea" in alice
    assert "coffee" not in alice.split("bob: ")[0]
    assert "- user: I drink black coffee" in bob
    assert "tea" not in bob
