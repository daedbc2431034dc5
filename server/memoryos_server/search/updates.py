"""Updates: a later memory that replaces what an earlier one says of the same subject.

Only the words of the two texts are compared, in English. A pair counts as an update if both are
short statements of the same subject, the later one tells of no plan and the earlier one of no
event, and one of these is true:

- They differ in one value only, of which there can be but one: `lives in …`, `the rent is …`.
- Both say where the subject lives or works, or another thing of which there is but one.
- The later one says that something has changed (`no longer`, `moved to`, `instead of`, `now`, …),
  and the earlier one names what that is: `sold the Skoda` replaces nothing about a sofa.
- One denies what the other says.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from memoryos_server.text.statements import USER, read_statement, value_kind
from memoryos_server.text.stemming import stem
from memoryos_server.text.update_cues import (
    IS,
    MANY_AT_ONCE,
    PAST_QUESTION,
    PAST_TENSE,
    PREPOSITIONS,
    SINGLE_NOUNS,
    SINGLE_VERBS,
    WORD,
)

from .combined_score import SCORE_DECIMALS
from .event_dates import time_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memoryos_server.model.records import Memory
    from memoryos_server.text.statements import Change, Statement

    from .combined_score import RankedMemory

__all__ = ["is_update", "replaced_memories", "with_updates"]

LIKELY_UPDATE_RANKS = 5
"""Number of the first results among which a likely update comes first."""

MIN_SHARE_TO_MOVE = 0.35
"""Share of the best score among versions of a memory that each of them has, or none is moved."""

MIN_SHARE_OF_SCORE = 0.6
"""Share of the better one's score that the other of them has at least."""

MAX_VALUE_WORDS = 4
"""Number of words of a value in which two statements may differ."""

MIN_SHARED_BY_CHANGE = 2
"""Number of informative words that a statement shares with one that says `now` or `new`."""

MIN_SHARED_BY_DENIAL = 0.6
"""Share of their words that a statement and its denial have in common."""

MIN_SHARED_BY_NUMBERS = 0.75
"""Share of their words that two statements with different numbers or times have in common."""

_SCORE_STEP = 10.0**-SCORE_DECIMALS
_WEEKDAY = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|weekends?)\b", re.IGNORECASE
)


_DAYS_OF_WEEK = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days\b", re.IGNORECASE)


def is_update(old: Statement, new: Statement) -> bool:
    """Return whether the later of two statements replaces the earlier one."""
    if not _may_be_update(old, new):
        return False
    return _differ_in_one_value(old, new) or _have_other_value(old, new) or _is_changed(old, new)


def with_updates(query: str | None, ranked: Sequence[RankedMemory]) -> list[RankedMemory]:
    """Return ranked memories with each update above what it replaces, and with a note of it.

    The update gets at least the score of what it replaces, which comes just below. For a question
    about the past it is the other way round. Scores, in descending order, stay the sort key.

    Args:
        query: The query, or None if it is an embedding alone.
        ranked: The best memories, best first.
    """
    statements = [read_statement(item.memory.content) for item in ranked]
    times = [time_order(item.memory) for item in ranked]
    next_ones: dict[int, int] = {}
    likely_ones: dict[int, int] = {}
    for place, old in enumerate(statements):
        if old is None:
            continue
        later = _later(place, statements, times)
        updates = [other for other, new in later if is_update(old, new)]
        likely = [
            other
            for other, new in later
            if not updates and _answer_alike(ranked, place, other) and _is_likely_update(old, new)
        ]
        if updates:
            next_ones[place] = min(updates, key=times.__getitem__)
        if updates or likely:
            likely_ones[place] = min(updates or likely, key=times.__getitem__)
    result = [
        replace(item, replaced_by=ranked[next_ones[place]].memory) if place in next_ones else item
        for place, item in enumerate(ranked)
    ]
    for chain in _chains(likely_ones):
        versions = [statement for place in chain if (statement := statements[place])]
        order = _wanted_order(query, versions)
        scores = [ranked[place].score for place in chain]
        if order and min(scores) >= MIN_SHARE_TO_MOVE * max(scores):
            _rescore(result, chain[::order])
    result.sort(key=lambda item: item.score, reverse=True)
    return _not_below(min((item.score for item in ranked), default=0.0), result)


def _not_below(lowest: float, ranked: Iterable[RankedMemory]) -> list[RankedMemory]:
    """Return ranked memories of which none fell below those that come after them."""
    return [
        item
        if item.score >= lowest
        else replace(item, score=lowest, update=item.update + lowest - item.score)
        for item in ranked
    ]


def replaced_memories(items: Iterable[RankedMemory]) -> dict[str, Memory]:
    """Return what replaces those of some memories that another one of them replaces, by ID."""
    memories = list({item.memory.id: item.memory for item in items}.values())
    statements = [read_statement(memory.content) for memory in memories]
    times = [time_order(memory) for memory in memories]
    replaced: dict[str, Memory] = {}
    for place, old in enumerate(statements):
        later = _later(place, statements, times) if old else []
        updates = [other for other, new in later if old and is_update(old, new)]
        if updates:
            replaced[memories[place].id] = memories[min(updates, key=times.__getitem__)]
    return replaced


def _later(
    place: int, statements: Sequence[Statement | None], times: Sequence[Any]
) -> list[tuple[int, Statement]]:
    """Return the places of the later statements, and the statements."""
    return [
        (other, new) for other, new in enumerate(statements) if new and times[other] > times[place]
    ]


def _answer_alike(ranked: Sequence[RankedMemory], *places: int) -> bool:
    """Return whether memories are no messages, and among the first with similar scores."""
    if max(places) >= LIKELY_UPDATE_RANKS:
        return False
    scores = [ranked[place].score for place in places]
    is_message = any(ranked[place].memory.content_type == "conversation" for place in places)
    return min(scores) >= MIN_SHARE_OF_SCORE * max(scores) and not is_message


def _chains(next_ones: dict[int, int]) -> list[list[int]]:
    """Return the places of memories that replace one another, in order of time."""
    chains: list[list[int]] = []
    for place in next_ones.keys() - next_ones.values():
        chain = [place]
        while chain[-1] in next_ones:
            chain.append(next_ones[chain[-1]])
        chains.append(chain)
    return chains


def _wanted_order(query: str | None, versions: Sequence[Statement]) -> int:
    """Return -1 if the query wants the latest version first, 1 for the earliest, 0 for neither."""
    if query is None:
        return -1
    if PAST_QUESTION.search(query.lower()):
        return 1
    words = frozenset(WORD.findall(query.lower()))
    named = words & versions[0].last_value
    return 0 if named - versions[-1].last_value or PAST_TENSE.search(query.lower()) else -1


def _rescore(result: list[RankedMemory], places: Sequence[int]) -> None:
    """Give memories the scores that put them into this order, the best of theirs to the first."""
    scores = [result[place].score for place in places]
    highest = max(scores)
    for step, place in enumerate(places):
        item, score = result[place], round(min(highest, max(scores[step:])), SCORE_DECIMALS)
        result[place] = replace(item, score=score, update=item.update + score - item.score)
        highest = max(score - _SCORE_STEP, 0.0)


def _is_likely_update(old: Statement, new: Statement) -> bool:
    """Return whether a statement may replace another one that answers the same question.

    This decides only which of the two comes first.
    """
    if old.words == new.words or not (_can_change(old, new) and new.can_be_update):
        return False
    if old.subject in new.words or new.subject == old.subject:
        names = old.names
    elif new.subject in old.words:
        names = new.names - {new.subject} if old.subject == USER else new.names
    else:
        return False
    shared = (old.topic & new.topic) - frozenset(map(stem, names))
    if new.has_cue or new.is_completion:
        return bool(shared)
    are_numbers = old.numbers and new.numbers and old.numbers != new.numbers
    return bool(are_numbers) and len(shared) >= MIN_SHARED_BY_CHANGE


def _may_be_update(old: Statement, new: Statement) -> bool:
    """Return whether the statements have the same subject, and tell of what can change."""
    is_new = sorted(old.words) != sorted(new.words) and new.can_be_update
    if not (is_new and _have_same_subject(old, new)):
        return False
    return _can_change(old, new) and (old.is_plan or not new.is_plan)


def _can_change(old: Statement, new: Statement) -> bool:
    """Return whether the earlier statement is a state, or a plan that the later one calls off."""
    if old.is_plan or old.is_event:
        are_of_thing = old.is_of_thing and new.is_of_thing
        return new.calls_off and (are_of_thing or not old.calls_off)
    return True


def _have_same_subject(old: Statement, new: Statement) -> bool:
    """Return whether each statement is about what the other names."""
    if old.label != new.label:
        return False
    if old.subject == new.subject:
        return old.possessed <= new.content and new.possessed <= old.content
    return _names_subject(old, new) and _names_subject(new, old)


def _names_subject(statement: Statement, other: Statement) -> bool:
    """Return whether a statement may be about what another one is about."""
    subject = other.subject
    if subject == USER:  # and not about somebody with a name
        return statement.is_of_thing or statement.subject in other.tokens
    if not other.possessed <= statement.content:
        return bool(other.possessed) and stem(statement.subject) in other.possessed
    return subject in statement.words or stem(subject) in statement.content


def _differ_in_one_value(old: Statement, new: Statement) -> bool:
    before, values, other_values = _difference(old, new)
    longest = max(len(values), len(other_values))
    if not (values and other_values and longest <= MAX_VALUE_WORDS and len(before) > 1):
        return False
    if _DAYS_OF_WEEK.search(" ".join([*values, *other_values])) and not new.has_cue:
        return False
    kind = value_kind(values)
    if kind != value_kind(other_values):
        return False
    stems = frozenset(map(stem, before))
    is_said = _stands_before_value(before[-1]) and bool(stems & (IS | SINGLE_VERBS))
    if kind not in ("name", "word"):
        return is_said
    shared = (old.content & new.content) - MANY_AT_ONCE - old.possessed - old.proper_names
    if new.has_cue and shared:
        return True
    return before[-1] not in SINGLE_VERBS and is_said and bool(stems & SINGLE_NOUNS)


def _stands_before_value(word: str) -> bool:
    return word in IS or word in PREPOSITIONS or stem(word) in SINGLE_VERBS


def _difference(old: Statement, new: Statement) -> tuple[tuple[str, ...], ...]:
    """Return the words before the first difference, and the different words of each."""
    first, second = old.lower_frame, new.lower_frame
    start = _common_start(first, second)
    end = _common_start(first[start:][::-1], second[start:][::-1])
    changed = (one.frame[start : len(one.frame) - end] for one in (old, new))
    return (first[:start], *changed)


def _common_start(first: Sequence[str], second: Sequence[str]) -> int:
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count


def _have_other_value(old: Statement, new: Statement) -> bool:
    """Return whether both tell where the subject lives or works, or give other numbers of it."""
    for one, other in zip(old.relations, new.relations, strict=True):
        if one is None or other is None or _WEEKDAY.search(old.text + new.text):
            continue
        same_form = one["how"] == other["how"] and _are_names(one["value"], other["value"])
        differs = one["value"].casefold() != other["value"].casefold()
        if differs and (same_form or new.has_cue):
            return True
    return _have_other_numbers(old, new)


def _are_names(*values: str) -> bool:
    return all(value[0].isupper() or value.startswith(("a ", "an ")) for value in values)


def _have_other_numbers(old: Statement, new: Statement) -> bool:
    """Return whether two statements are about the same, but have other numbers or times."""
    if not (old.numbers and new.numbers) or old.numbers == new.numbers:
        return False
    if not (old.is_sentence and new.is_sentence) or old.periods != new.periods:
        return False
    if new.has_cue and old.content & new.content - MANY_AT_ONCE:
        return True
    shared, either = old.topic & new.topic, old.topic | new.topic
    return (
        len(shared) >= MIN_SHARED_BY_NUMBERS * len(either) > 1
        and all(_stands_before_value(word) for one in (old, new) for word in one.before_numbers)
        and old.is_negative == new.is_negative
        and ("for" in old.words) == ("for" in new.words)
        and not _DAYS_OF_WEEK.search(f"{old.text} {new.text}")
    )


def _names_what_changed(old: Statement, new: Statement, change: Change) -> bool:
    """Return whether the earlier statement is about what the later one says has changed."""
    if change.of_subject:
        before = change.before - new.possessed
        are_of_thing = old.is_of_thing and new.is_of_thing and before <= old.content
        return bool(before & old.content) or (are_of_thing and bool(old.numbers))
    names = old.proper_names & new.proper_names
    return bool(old.content.intersection(change.changed[-1:]) or names.intersection(change.changed))


def _is_changed(old: Statement, new: Statement) -> bool:
    if old.states & new.changes:
        return True
    shared = old.content & new.content
    if new.strong_cue is not None:
        return any(_names_what_changed(old, new, change) for change in new.stated_changes)
    if old.is_negative != new.is_negative:
        same_numbers = new.has_cue or old.numbers == new.numbers
        either = old.content | new.content
        return same_numbers and len(shared) >= MIN_SHARED_BY_DENIAL * len(either)
    if new.is_completion:
        return old.is_passing
    return new.has_cue and len(shared - MANY_AT_ONCE) >= MIN_SHARED_BY_CHANGE
