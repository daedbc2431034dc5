"""The benchmarks are programs beside the project: made importable, and given small made-up data."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

REPOSITORY = Path(__file__).resolve().parents[2]
if str(REPOSITORY) not in sys.path:
    sys.path.append(str(REPOSITORY))


def turn(number, speaker, text, **more):
    return {"dia_id": f"D1:{number}", "speaker": speaker, "text": text, **more}


CONVERSATION = {
    "speaker_a": "Ida",
    "session_1_date_time": "1:56 pm on 8 May, 2023",
    "session_1": [
        turn(1, "Ida", "Which instrument are you learning these days?"),
        turn(2, "Bo", "Cello, since March", blip_caption="a cello in its case"),
        turn(3, "Ida", "My car broke down again"),
    ],
    "session_2_date_time": "10:37 am on 9 June, 2023",
    "session_2": [
        {"dia_id": "D2:1", "speaker": "Bo", "text": "We saw an otter in the harbour"},
        {"dia_id": "D2:2", "speaker": "Ida", "text": "The bakery closes at noon"},
    ],
    "qa": [
        {"question": "What does Bo play?", "evidence": ["D1:2"], "category": 4},
        {"question": "When was Ida's car broken?", "evidence": ["D1:3", "D9:9"], "category": 2},
        {"question": "What did they see in June?", "evidence": ["D2:1; D2:2"], "category": 1},
        {"question": "What does Ida fly?", "evidence": ["D1:1"], "category": 5},
        {"question": "Who is rich?", "evidence": [], "category": 3},
    ],
}
OTHER = {
    "session_1_date_time": "7:00 pm on 1 July, 2023",
    "session_1": [
        turn(1, "Ada", "The lighthouse is open on Sundays"),
        turn(2, "Max", "My sister plays chess in a club"),
        turn(3, "Ada", "I have planted tomatoes and beans"),
    ],
    "qa": [
        {"question": "Which game does Max's sister play?", "evidence": ["D1:2"], "category": 4},
        {"question": "What grows in Ada's garden?", "evidence": ["D1:3"], "category": 4},
    ],
}


@pytest.fixture
def folder(tmp_path):
    """A folder with two made-up conversations in the format of LoCoMo."""
    conversations = tmp_path / "data" / "locomo"
    conversations.mkdir(parents=True)
    for name, conversation in (("one", CONVERSATION), ("two", OTHER)):
        (conversations / f"{name}.json").write_text(json.dumps(conversation), encoding="utf-8")
    return tmp_path


@pytest.fixture
def stub(monkeypatch):
    """An embedder of shared words, for every Memory OS that is opened in this process."""
    from memoryos_server.embedders.hashing_embedder import HashingEmbedder
    from memoryos_server.service import operations

    embedder = HashingEmbedder()
    monkeypatch.setattr(operations, "default_embedder", lambda: embedder)
    return embedder
