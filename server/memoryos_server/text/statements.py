"""Statements: what a short English text says of whom, as far as it shows in its words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from .stemming import stem
from .update_cues import (
    ADDITION,
    AT_THE_END,
    CALLED_OFF,
    COMPLETION,
    FORMER,
    PASSING,
    PASSIVE,
    PERIOD,
    RELATIONS,
    STRONG,
    TOPICS,
    WEAK,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .update_cues import Topic

__all__ = ["MAX_STATEMENT_CHARACTERS", "Statement", "read_statement"]

MAX_STATEMENT_CHARACTERS = 300
"""Length up to which a text counts as one statement."""

MAX_SENTENCES = 2
"""Number of sentences up to which a text counts as one statement."""

MAX_SENTENCES_OF_MESSAGE = 1
"""The same for a message, which often begins with something else."""

VALUE_WORDS = 2
"""Number of words at the end of a statement in which its value is looked for."""

USER = "user"
"""The subject of statements in the first person, and of those about `the user`."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TOKEN = re.compile(r"[^\W_]+(?:['’.@:/-][^\W_]+)*")  # noqa: RUF001
_SPEAKER = re.compile(r"\s*([^\W\d_][\w.'’-]{0,31}):\s+")  # noqa: RUF001
_LEADING = re.compile(
    r"(?:(?:since|from|as of|in|on|after|starting|update|correction|news|now)\b[^,:]{0,30}[,:]\s*)",
    re.IGNORECASE,
)
_BEHIND_OBJECT = re.compile(
    r"[;,.:]| (?:and|but|to|with|for|because|since|after|when|of|by|on|at|in|as|this|last)\b"
)
_CLAUSE_END = re.compile(r"[;,:]")
_NO_WORDS: frozenset[str] = frozenset()
_QUESTION = re.compile("[?\uff1f]")
_CODE = re.compile(r"[{}=<>\\_\n]|\w\(")
_SENTENCE_END = re.compile(r"(?<!\b[MD]r)(?<!\bMrs)(?<!\bSt)[.!…]+[\"')\]]*\s+(?=[\"'(\[]?[A-Z])")

_FIRST_PERSON = _words("i i'm i've i'd i'll my me we we're we've we'll our us")
_POSSESSIVE_PRONOUNS = _words("my our")
_ARTICLES = _words("the a an this that these those")
_ADJECTIVES = _words("new old current former present favourite favorite main own other")
_CHANGE_WORDS = _words(
    """
    now currently new nowadays lately recently today meanwhile finally actually instead has have
    been been's just already these days anymore still
    """
)
_FUNCTION_WORDS = _words(
    """
    a an the this that these those and or but nor so of in on at to for from with without by as
    into onto over under about up out off than then there here it its he she they them his her
    their him i i'm i've i'd my me we we've our us you your is are was were be been being am has
    have had having do does did done don't doesn't didn't not no never isn't aren't wasn't won't
    can can't cannot could will would shall should may might must if when while because since
    until who which what where how also too very much many more most some any all each every
    both only just still again already now new old longer anymore instead ago later user user's
    mr mrs ms dr yet after before during between behind through around against near per gave
    give gives given put puts set came come comes left let lets keep keeps kept get gets got go
    goes went gone going make makes made take takes took use uses used like likes liked love
    loves loved prefer prefers want wants wanted need needs say says said have start starts
    started begin began stop stopped quit day days week weeks month months year years time times
    today tomorrow yesterday last next first one two three
    """
)
_NUMBER_WORDS = _words(
    """
    monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays
    fridays saturdays sundays january february march april may june july august september october
    november december noon midnight two three four five six seven eight nine ten eleven twelve
    """
)
_TIME_WORDS = _NUMBER_WORDS | _words("am pm at on in the every of o'clock")

_PLAN = re.compile(
    r"\b(?:plan(?:s|ning)?|planned to|wants?|would|might|may (?:be|have|come|go|move|need|take)"
    r"|hop(?:es?|ing)|think(?:s|ing)|dreams?"
    r"|consider(?:s|ing)|intends?|wish(?:es)?|if|could|should|applied|looking (?:at|into)"
    r"|tries|trying|wonder(?:s|ing)|going to|maybe|perhaps|probably|remember|don't forget)\b"
)
_NOT_PAST = _words(
    """
    need bed red wed shed feed seed based married retired engaged divorced unemployed moved
    relocated joined started
    """
)
_PAST = _words(
    """
    was were had went ran paid bought read saw met ate drank took gave came made said told wrote
    sang won lost found felt slept drove flew swam fell broke spent sold left grew taught
    thought caught brought built held kept sent stood used
    """
)
_PRESENT = _words("is are am has have")
_NEGATION = re.compile(
    r"\b(?:not|never|no longer|no|cannot|\w+n['’]t|without|any ?more)\b"  # noqa: RUF001
)


class Change(NamedTuple):
    """What a statement says has changed.

    Attributes:
        of_subject: Whether it is the subject: `the canteen is closed`.
        before: The stems of the informative words before the words of the change.
        changed: Those of what else has changed, in their order.
    """

    of_subject: bool
    before: frozenset[str]
    changed: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """What a text says.

    Attributes:
        text: The text without its speaker.
        subject: The name or word that the text begins with, `user` for the first person.
        possessed: What of the subject the text is about: `sister` in `Bo's sister …`.
        tokens: The words, as they are written.
    """

    text: str
    subject: str
    possessed: frozenset[str]
    tokens: tuple[str, ...]

    @cached_property
    def lower(self) -> str:
        """The text in lower case."""
        return self.text.lower()

    @cached_property
    def names(self) -> frozenset[str]:
        """The words of the subject."""
        capitals = takewhile(lambda token: token[0].isupper(), self.tokens)
        return frozenset([self.subject, *map(_bare, capitals)])

    @cached_property
    def content(self) -> frozenset[str]:
        """The stems of the informative words, without the subject."""
        words = {word for word in self.words if not _is_number(word)}
        return frozenset(map(stem, words - _FUNCTION_WORDS - self.names))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words in lower case, without possessive endings."""
        return tuple(map(_bare, self.tokens))

    @cached_property
    def is_sentence(self) -> bool:
        """Whether the text is one sentence."""
        return _SENTENCE_END.search(self.text) is None

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The numbers, and the names of days and months."""
        return frozenset(word for word in self.words if _is_number(word))

    @property
    def label(self) -> str:
        """The number that belongs to the name of the subject, as in `Room 4 is …`, or ""."""
        second = self.words[1] if len(self.words) > 1 else ""
        return second if second[:1].isdigit() else ""

    @cached_property
    def periods(self) -> frozenset[str]:
        """The units of time behind `a`, `an` and `per`."""
        return frozenset(PERIOD.findall(self.lower))

    @cached_property
    def before_numbers(self) -> tuple[str, ...]:
        """The word before each number, "" before the first word."""
        pairs = zip(("", *self.words), self.words, strict=False)
        return tuple(
            before for before, word in pairs if _is_number(word) and not _is_number(before)
        )

    @cached_property
    def last_value(self) -> frozenset[str]:
        """The numbers and names at the end, where mostly the value stands, in lower case."""
        end = self.tokens[1:][-VALUE_WORDS:]
        return frozenset(
            _bare(token) for token in end if token[0].isupper() or _is_number(token.lower())
        )

    @cached_property
    def proper_names(self) -> frozenset[str]:
        """The stems of the words with a capital that don't begin the text."""
        return frozenset(stem(_bare(token)) for token in self.tokens[1:] if token[0].isupper())

    @cached_property
    def topic(self) -> frozenset[str]:
        """The informative words, subject included, without numbers and times."""
        words = {word for word in self.words if not _is_number(word)}
        return frozenset(map(stem, words - _FUNCTION_WORDS))

    @cached_property
    def frame(self) -> tuple[str, ...]:
        """The tokens without words that only say that something has changed."""
        return tuple(token for token in self.tokens if token.lower() not in _CHANGE_WORDS)

    @cached_property
    def lower_frame(self) -> tuple[str, ...]:
        """The same in lower case."""
        return tuple(token.lower() for token in self.frame)

    @property
    def is_of_thing(self) -> bool:
        """Whether the text begins with `the …` or with something that the subject has."""
        if self.subject == USER:
            return bool(self.possessed)
        return bool(self.possessed) or self.tokens[0].lower() in _ARTICLES

    @cached_property
    def is_plan(self) -> bool:
        """Whether the text tells of a plan, a wish or a possibility."""
        return _PLAN.search(self.lower) is not None

    @cached_property
    def strong_cue(self) -> re.Match[str] | None:
        """The first words that tell of a change."""
        return STRONG.search(self.lower)

    @cached_property
    def has_cue(self) -> bool:
        """Whether the text tells of a change, or says that something is new or so now."""
        return self.strong_cue is not None or WEAK.search(self.lower) is not None

    @cached_property
    def relations(self) -> tuple[re.Match[str] | None, ...]:
        """Where the subject lives and works, for each of `RELATIONS`."""
        return tuple(relation.search(self.text) for relation in RELATIONS)

    @cached_property
    def states(self) -> frozenset[Topic]:
        """The topics of which the text tells a state."""
        return frozenset(topic for topic in TOPICS if topic.state.search(self.lower))

    @cached_property
    def changes(self) -> frozenset[Topic]:
        """The topics of which the text tells a change."""
        return frozenset(topic for topic in TOPICS if topic.change.search(self.lower))

    @cached_property
    def calls_off(self) -> bool:
        """Whether the text tells that a plan has changed."""
        return CALLED_OFF.search(self.lower) is not None

    @cached_property
    def is_completion(self) -> bool:
        """Whether the text tells that a state has ended."""
        return COMPLETION.search(self.lower) is not None

    @cached_property
    def can_be_update(self) -> bool:
        """Whether the text tells neither of something more nor of something that has ended."""
        if ADDITION.search(self.lower):
            return False
        return self.has_cue or FORMER.search(self.lower) is None

    @cached_property
    def stated_changes(self) -> tuple[Change, ...]:
        """What the text says has changed, for each of the words of a change."""
        return tuple(map(self._change, STRONG.finditer(self.lower)))

    def _change(self, cue: re.Match[str]) -> Change:
        before = _CLAUSE_END.split(self.text[: cue.start()])[-1]
        behind = self.text[cue.end() :].lstrip().removeprefix("of ").removeprefix("from ")
        of_subject = PASSIVE.search(before.lower()) or PASSIVE.search(cue[0])
        is_at_end = AT_THE_END.search(cue[0]) is not None
        changed = before if is_at_end else _BEHIND_OBJECT.split(behind, maxsplit=1)[0]
        return Change(
            of_subject is not None and not cue[0].endswith(("longer", "more")),
            frozenset(self._informative(before)),
            self._informative(changed),
        )

    def _informative(self, text: str) -> tuple[str, ...]:
        """Return the stems of the informative words of a part of the text, as `content` has."""
        words = [_bare(token) for token in _TOKEN.findall(text)]
        return tuple(
            stem(word)
            for word in words
            if not (word in _FUNCTION_WORDS or word in self.names or _is_number(word))
        )

    @cached_property
    def is_passing(self) -> bool:
        """Whether the text tells of a state that is to end."""
        return PASSING.search(self.lower) is not None

    @cached_property
    def is_negative(self) -> bool:
        """Whether the text denies something."""
        return _NEGATION.search(self.lower) is not None

    @cached_property
    def is_event(self) -> bool:
        """Whether the first verb after the subject seems to be in the past tense."""
        verbs = [token.lower() for token in self.tokens[1:4]]
        return any(map(_is_past, verbs)) and not _PRESENT.intersection(verbs)


def read_statement(text: str) -> Statement | None:
    """Return what a text says, or None if it is a question, code, or says more than one thing."""
    text = text.strip()
    return None if len(text) > MAX_STATEMENT_CHARACTERS else _read(text)


@lru_cache(maxsize=4096)  # the best results of one search are often those of the next one
def _read(text: str) -> Statement | None:
    if _QUESTION.search(text) or _CODE.search(text):
        return None
    speaker = _SPEAKER.match(text)
    body = text[speaker.end() :] if speaker else text
    most = MAX_SENTENCES_OF_MESSAGE if speaker else MAX_SENTENCES
    if sum(1 for _ in _SENTENCE_END.finditer(body)) >= most:
        return None
    body = body[match.end() :] if (match := _LEADING.match(body)) else body
    tokens = tuple(_TOKEN.findall(body.replace("’", "'")))  # noqa: RUF001
    if not tokens:
        return None
    said_by = speaker[1].casefold() if speaker else USER
    return Statement(body, *_subject(tokens, said_by), tokens)


def value_kind(tokens: Sequence[str]) -> str:
    """Return the kind of a value: a number with its unit, a time or date, a name, or a word."""
    lower = [token.lower() for token in tokens]
    others = [word for word in lower if not word[0].isdigit()]
    if all(word in _TIME_WORDS for word in others) and (others or any(":" in w for w in lower)):
        return "time"
    if len(others) < len(lower):
        return " ".join(["number", *others])
    return "name" if all(token[0].isupper() for token in tokens) else "word"


def _subject(tokens: Sequence[str], said_by: str) -> tuple[str, frozenset[str]]:
    """Return the subject of a statement, and what of it the statement is about."""
    lower = [token.lower() for token in tokens]
    place = 0
    if lower[0] in _ARTICLES:
        rest = (number for number, word in enumerate(lower[1:], 1) if word not in _ADJECTIVES)
        place = next(rest, 0)
    first = lower[place]
    is_possessive = first in _POSSESSIVE_PRONOUNS or first.endswith("'s")
    owner = _bare(first)
    if first in _FIRST_PERSON:
        owner = said_by
    possessed = _heads(lower[place + 1 :]) if is_possessive else _NO_WORDS
    return owner, possessed


def _heads(words: Sequence[str]) -> frozenset[str]:
    """Return the stem of the first noun, and of the one that belongs to it."""
    heads: list[str] = []
    for word in words[:4]:
        if word not in _ADJECTIVES:
            heads.append(stem(_bare(word)))
            if not word.endswith("'s"):
                break
        elif word.startswith("favo"):
            heads.append("favourit")
    return frozenset(heads)


def _bare(token: str) -> str:
    return (
        token.lower().removesuffix("'s").replace("favorite", "favourite").replace("color", "colour")
    )


def _is_number(word: str) -> bool:
    return word[:1].isdigit() or word in _NUMBER_WORDS


def _is_past(word: str) -> bool:
    return word in _PAST or (word.endswith("ed") and word not in _NOT_PAST)
