"""LoCoMo: long conversations, and questions with the turns that answer them.

Maharana et al., "Evaluating Very Long-Term Conversational Memory of LLM Agents", ACL 2024. Its
licence is non-commercial: the folder is an argument, and none of its texts is stored here.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CATEGORIES", "Conversation", "Question", "conversations"]

CATEGORIES = {1: "several turns", 2: "time", 3: "inference", 4: "one turn"}
"""What a question takes; the fifth category, questions without an answer, is left out."""

_SESSION = re.compile(r"session_(\d+)")
_TURN = re.compile(r"D\d+:\d+")


class Question(NamedTuple):
    """A question, its category, and the memories that answer it."""

    text: str
    category: int
    evidence: frozenset[int]


class Conversation(NamedTuple):
    """A conversation: the arguments of `create` for each memory, in order, and its questions."""

    name: str
    memories: list[dict[str, Any]]
    questions: list[Question]


def conversations(folder: Path) -> list[Conversation]:
    """Read the conversations in `folder`, one file each.

    Raises:
        FileNotFoundError: There are none.
    """
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise FileNotFoundError(f"{folder} holds no conversation")
    return [_conversation(path) for path in paths]


def _conversation(path: Path) -> Conversation:
    data = json.loads(path.read_text(encoding="utf-8"))
    numbers = sorted(int(match[1]) for name in data if (match := _SESSION.fullmatch(name)))
    turns = [
        (f"session_{number}", turn) for number in numbers for turn in data[f"session_{number}"]
    ]
    places = {turn["dia_id"]: place for place, (_, turn) in enumerate(turns)}
    memories = [_memory(turn, name, data[f"{name}_date_time"]) for name, turn in turns]
    questions = [_question(item, places) for item in data["qa"] if item["category"] in CATEGORIES]
    return Conversation(path.stem, memories, [item for item in questions if item.evidence])


def _memory(turn: dict[str, Any], session: str, at: str) -> dict[str, Any]:
    caption = turn.get("blip_caption")
    return {
        "content": f"{turn['speaker']}: {turn['text']}"
        + (f" [shares {caption}]" if caption else ""),
        "tier": "long",
        "content_type": "conversation",
        "memory_nature": "episodic",
        "metadata": {"session": session, "at": at},
    }


def _question(item: dict[str, Any], places: dict[str, int]) -> Question:
    named = _TURN.findall(" ".join(item["evidence"]))
    evidence = frozenset(places[turn] for turn in named if turn in places)
    return Question(item["question"], item["category"], evidence)
