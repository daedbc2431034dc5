"""How well a search answers a user's own questions. Pure."""

from __future__ import annotations

import json
import unicodedata
from typing import (
    Any,
    Dict,
    Iterable,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Sequence,
    Set,
    Tuple,
    cast,
)

from memoryos._protocol.json_texts import RepeatedKeyError, parsed_json

from .error_messages import InputError
from .output.formatting import number, one_line, truncate

__all__ = ["CUTOFFS", "Answer", "Expectations", "Question", "measures", "parse_questions"]

CUTOFFS = (1, 5, 10)
"""The k of each R@k."""

_EXAMPLE = '{"query": "Where does Ada live?", "expected": ["Ada moved to Ghent"]}'
_MAX_SHOWN_CHARACTERS, _MAX_NAMED_LINES = 60, 5

Key = Tuple[str, str]
"""Content and time of creation of a memory: what a search result tells of it in every copy."""


class Question(NamedTuple):
    """A question of a file: the number of its line, the query, and what should be found.

    Each of `expected` is an id, an external id or a part of the content of a memory.
    """

    line: int
    query: str
    expected: Tuple[str, ...]


class Answer(NamedTuple):
    """What a search found for a question.

    Attributes:
        question: The question.
        ranks: For each of `expected`, the place of the first such result, from 1; None if there is
            none.
        first: The results before the first expected one, or all.
    """

    question: Question
    ranks: Tuple[Optional[int], ...]
    first: Sequence[Mapping[str, Any]]

    @property
    def best(self) -> Optional[int]:
        """The place of the first expected result."""
        return min((rank for rank in self.ranks if rank is not None), default=None)


def parse_questions(text: str, name: str) -> List[Question]:
    """Return the questions of a file, one JSON object for each line.

    Args:
        text: The text of the file.
        name: What the file is called, for errors.

    Raises:
        InputError: A line is no question, or there is none.
    """
    lines = enumerate(text.split("\n"), start=1)
    questions = [_question(line, f"{name}: line {at}", at) for at, line in lines if line.strip()]
    if not questions:
        raise InputError(f"{name} has no questions; write one for each line, such as {_EXAMPLE}")
    return questions


def _question(line: str, where: str, at: int) -> Question:
    try:
        value = parsed_json(line)
    except RepeatedKeyError as error:
        raise InputError(f"{where} {error}") from None
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise InputError(f"{where} is not a JSON object; write a question such as {_EXAMPLE}")
    given = cast("Dict[str, Any]", value)
    query, expected = given.get("query"), given.get("expected")
    if not _is_text(query):
        raise InputError(f'{where} needs a "query" that is a text; got {_shown(query)}')
    texts: Any = cast("Any", expected) if isinstance(expected, list) else [expected]
    if not (texts and all(map(_is_text, texts))):
        raise InputError(
            f'{where} needs "expected": an id, an external id or a part of the content of the '
            f"memory to find, or a list of these; got {_shown(expected)}"
        )
    return Question(at, cast("str", query), tuple(dict.fromkeys(texts)))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return "nothing" if value is None else truncate(one_line(text), _MAX_SHOWN_CHARACTERS)


class Expectations:
    """Which memories are meant by what the questions expect.

    Args:
        questions: The questions.

    Attributes:
        questions: The questions.
        count: The number of memories looked at.
    """

    def __init__(self, questions: Sequence[Question]) -> None:
        self.questions = questions
        self.count = 0
        texts = [text for question in questions for text in question.expected]
        self._texts = {text: _folded(text) for text in texts}
        self._keys: Dict[str, Set[Key]] = {text: set() for text in texts}

    def look_at(self, memory: Mapping[str, Any]) -> None:
        """Note which of the expected ones a memory is."""
        self.count += 1
        content = _folded(memory["content"])
        names = (memory["id"], memory["external_id"])
        for text, folded in self._texts.items():
            if text in names or folded == names[0] or folded in content:
                self._keys[text].add(_key(memory))

    def check(self, name: str) -> None:
        """Check that there is a memory for all that is expected.

        Raises:
            InputError: There isn't.
        """
        missing = [
            (question.line, text)
            for question in self.questions
            for text in question.expected
            if not self._keys[text]
        ]
        if not missing:
            return
        line, text = missing[0]
        others = [str(line) for line, _ in missing[1:]]
        named = ", ".join(dict.fromkeys(others[:_MAX_NAMED_LINES]))
        more = f" (lines {named} as well)" if others else ""
        raise InputError(
            f"{name}: line {line}: none of the {number(self.count)} memories has the id or the "
            f"external id {_shown(text)}, or contains this text{more}; correct what is expected, "
            "or choose the store, the scope and the filters in which it is"
        )

    def answer(self, question: Question, results: Sequence[Mapping[str, Any]]) -> Answer:
        """Return how a search answered a question."""
        keys = [_key(result) for result in results]
        ranks = tuple(
            next((at for at, key in enumerate(keys, 1) if key in self._keys[text]), None)
            for text in question.expected
        )
        answer = Answer(question, ranks, ())
        return answer._replace(first=results[: answer.best - 1 if answer.best else None])


def measures(answers: Sequence[Answer]) -> Dict[str, float]:
    """Return R@k for each of `CUTOFFS`, and MRR: means over all questions, from 0 to 1.

    R@k is the share of what is expected that is among the first k results. MRR is the mean of 1
    divided by the place of the first expected result, 0 if there is none.
    """

    def mean(values: Iterable[float]) -> float:
        return sum(values) / len(answers)

    found = {f"R@{k}": mean(_share(answer, k) for answer in answers) for k in CUTOFFS}
    return {**found, "MRR": mean(1 / one.best if one.best else 0.0 for one in answers)}


def _share(answer: Answer, cutoff: int) -> float:
    return sum(rank is not None and rank <= cutoff for rank in answer.ranks) / len(answer.ranks)


def _key(memory: Mapping[str, Any]) -> Key:
    return memory["content"], memory["created_at"]


def _folded(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    return " ".join(composed.casefold().split())
