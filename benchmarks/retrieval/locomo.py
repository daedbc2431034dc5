"""LoCoMo: long conversations, and questions with the turns that answer them.

Maharana et al., "Evaluating Very Long-Term Conversational Memory of LLM Agents", ACL 2024. Its
licence is non-commercial: none of its texts is stored here.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Turn", "read_conversation"]

_CATEGORIES = {1: "several turns", 2: "time", 3: "inference", 4: "one turn"}
"""What a question takes; the fifth category, questions without an answer, is left out."""

_SESSION = re.compile(r"session_(\d+)")
_TURN = re.compile(r"D\d+:\d+")


class Turn(NamedTuple):
    """A line of a conversation, with the name and the time of its session."""

    id: str
    text: str
    session: str
    at: str


def read_conversation(path: Path) -> tuple[list[Turn], list[tuple[str, frozenset[str], str]]]:
    """Return the turns in order, and each question with the ids of its turns and its kind."""
    data = json.loads(path.read_text(encoding="utf-8"))
    numbers = sorted(int(match[1]) for name in data if (match := _SESSION.fullmatch(name)))
    sessions = [f"session_{number}" for number in numbers]
    turns = [
        Turn(turn["dia_id"], _text(turn), session, data[f"{session}_date_time"])
        for session in sessions
        for turn in data[session]
    ]
    ids = {turn.id for turn in turns}
    questions = [
        (item["question"], _evidence(item) & ids, _CATEGORIES[item["category"]])
        for item in data["qa"]
        if item["category"] in _CATEGORIES
    ]
    return turns, [question for question in questions if question[1]]


def _text(turn: dict[str, Any]) -> str:
    caption = turn.get("blip_caption")
    return f"{turn['speaker']}: {turn['text']}" + (f" [shares {caption}]" if caption else "")


def _evidence(item: dict[str, Any]) -> frozenset[str]:
    return frozenset(_TURN.findall(" ".join(item["evidence"])))
