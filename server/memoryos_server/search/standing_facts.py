"""Standing facts: what is lastingly true of a user and matters for requests.

`Suggest a dessert` shares no word with `I'm allergic to nuts`, and little meaning. For a request, a
context therefore also searches for what matters in its field (allergies and tastes for food, sizes
for clothes), and takes those of the results that are standing facts, in turn with the memories
that match the request itself. Requests and facts are recognized by their words, in English.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from memoryos_server.text.statements import read_statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .combined_score import RankedMemory

__all__ = ["is_request", "is_standing_fact", "query_for_facts", "with_standing_facts"]

MAX_STANDING_FACTS = 60
"""Number of standing facts that a context takes before others."""

MAX_REQUEST_CHARACTERS = 500
"""Number of characters at the start and at the end of a query in which a request is looked for."""

MEMORIES_IN_TURN = 10
"""Number of memories that match a request itself that come in turn with standing facts."""

_REQUEST = re.compile(
    r"(?:^|[.!?:\n]\s*)(?:(?:please|hey|hi|hello|ok|okay|so|and|now|then|well|just|can you"
    r"|could you"
    r"|would you|will you|i need you to|i want you to|i'd like you to|help me|let's|we need to"
    r"|i need to|i want to|i have to|i should)[,\s]+)*"
    r"(?:suggest|recommend|plan|book|write|draft|compose|give me|help|make|create|order|pick|choose"
    r"|organi[sz]e|arrange|schedule|prepare|propose|design|cook|bake|pack|buy|reserve|come up"
    r"|put together|set up|find|think of|reply|answer|respond|send|invite|improve|translate"
    r"|recommendations?|ideas?|tips|suggestions?|get me|look for|search for|teach|train|build"
    r"|decide|draw up|work out|sort|advise|fill|rent|hire|compare|show me|surprise|inspire)\b"
    r"|\b(?:what|where|which|how|who|when)(?: \w+){0,3} (?:should|could|can|shall|might) (?:i|we)\b"
    r"|\b(?:what|where|how|whom) to \w+|\bhelp me\b|\bwhat's for\b"
    r"|\b(?:any|some|a few|need|want|give me) (?:good |nice |new )?"
    r"(?:ideas?|suggestions?|tips|recommendations?|inspiration|advice)\b"
    r"|\bwhat(?:'s| is| would be) (?:a |the )?(?:good|nice|best)\b|\bi'?d like\b"
    r"|\b(?:how|what) about\b|\bshould (?:i|we)\b|\b(?:i|we) (?:need|want) (?:a|an|some|to)\b"
    r"|\b(?:can't decide|don't know (?:what|where|which|how)|no idea (?:what|where|how))\b"
)


class _Field(NamedTuple):
    """A field of requests: the words that tell it, and words of the facts that matter in it."""

    words: re.Pattern[str]
    facts: str


def _field(words: str, facts: str) -> _Field:
    return _Field(re.compile(rf"\b(?:{words})\b"), facts)


_FIELDS = (
    _field(
        r"desserts?|dinners?|lunch\w*|breakfast|brunch|meals?|recipes?|cook\w*|bak(?:e|ing)|cakes?"
        r"|snacks?|eat\w*|restaurants?|table for|menus?|food|drinks?|wines?|cocktails?|picnic|tapas"
        r"|barbecue|bbq|grocer\w+|take-?(?:away|out)|pizza|soup|salad|starter|caf[eé]s?|bar|supper"
        r"|dish(?:es)?|kitchen|curry|pasta|coffee|tea|party|potluck|guests?|feast",
        "allergic, allergy, intolerant, diet, vegetarian, vegan, halal, doesn't eat or drink, "
        "hates, "
        "loves and favourite food, alcohol, diabetic",
    ),
    _field(
        r"weekends?|evening|afternoon|day off|tonight|activit\w+|fun|outing|trips?|travel\w*"
        r"|holidays?|vacation|flights?|fly|hotel|itinerary|getaway|hik\w+|excursion|museums?|visit"
        r"|date night|tour|beach|park|trains?|journey|night out|day out|sunday|saturday|to do",
        "hobbies, likes, dislikes, afraid of, fear of heights, flying, water or crowds, children, "
        "family, partner, dog, health, wheelchair, knee, budget, no car, driving licence",
    ),
    _field(
        r"gifts?|presents?|birthday|anniversary|christmas|surprise|wedding",
        "likes, loves, hobbies, interests, favourite, collects, family, wife, husband, children, "
        "birthday, budget, allergic",
    ),
    _field(
        r"write|draft|e-?mails?|letters?|messages?|repl(?:y|ies)|text|post|speech|cv|note|bio"
        r"|summar\w+|slides|compose|invitation|toast|translate|answer",
        "always write, tone, formal, informal, short, language, native language, spelling, name, "
        "pronouns, signs with, job title, boss",
    ),
    _field(
        r"workouts?|exercis\w+|train(?:ing)?|runs?|running|gym|sports?|fit(?:ness)?|yoga|stretch\w*"
        r"|marathon|swim\w*|class|muscle|bike|ride",
        "injury, knee, back, shoulder, pain, heart, asthma, pregnant, doctor's orders, sport, goal",
    ),
    _field(
        r"schedul\w+|meetings?|appointments?|book|slot|time for|calendar|arrange|call|remind\w*"
        r"|plan|week|day|reserve|table",
        "works from, hours, mornings, evenings, never on, picks up the children, childcare, day "
        "off, "
        "every week, prefers aisle or window, night shifts, time zone",
    ),
    _field(
        r"wear|outfit|clothes|shoes?|boots|dress|jacket|coat|buy|order|size|furniture|laptop|phone"
        r"|gadget|shop\w*|glasses|bag|headphones|pick|choose",
        "shoe size, clothes size, wears, favourite colour, style, allergic to wool or nickel, no "
        "leather, budget, prefers brand, left-handed, colour-blind",
    ),
    _field(
        r"movies?|films?|series|books?|read(?:ing)?|music|songs?|playlist|podcasts?|games?|concert"
        r"|show|watch|listen|album|band|novel|theatre|play",
        "favourite films, books, music and games, genres, likes, hates, can't stand horror, "
        "languages, plays, children's age, hearing",
    ),
    _field(
        r"decorat\w+|flat|apartment|rooms?|garden\w*|balcony|plants?|pets?|clean\w*|mov(?:e|ing)"
        r"|furnish|paint|house|home|cat|dog|noise|repair",
        "lives in, rents, landlord forbids, pets, cat, dog, allergic, children, noise, neighbours, "
        "budget, balcony, no drill",
    ),
    _field(
        r"medicines?|painkillers?|pills?|doctor|dentist|headaches?|sleep\w*|cold|flu|remed\w+"
        r"|supplements?|vitamins?|skin|cream|sunscreen|cough|fever|stress|relax\w*|health\w*",
        "allergic to penicillin, takes medication, tablets, pregnant, diabetes, asthma, migraine, "
        "blood pressure, no aspirin, sensitive skin",
    ),
    _field(
        r"learn\w*|courses?|study|code|script|program\w*|function|explain|teach|lessons?"
        r"|practi[cs]e"
        r"|app|website|software|bug|test|exam|language|tutor",
        "programming language, uses, prefers, learns, beginner, speaks languages, works as, "
        "dyslexia, "
        "tabs or spaces, learns best",
    ),
    _field(
        r"money|budget|invest\w*|sav(?:e|ing)|loan|insurance|tax\w*|cheap|afford|expens\w+|donat\w+"
        r"|subscription|bill",
        "budget, income, saves, debts, rent, limits, religion, insurance",
    ),
)
_FACTS_OF_ALL_FIELDS = "always, never, prefers, allergic, likes, doesn't like"

_OF_THE_MOMENT = re.compile(
    r"\b(?:yesterday|last (?:night|week|month|year|time|\w+day)|ago|this (?:morning|week|evening)"
    r"|today|tonight|tomorrow|just now|was|were|had|went|asked|told|said|talked|saw|next (?:week|"
    r"month|\w+day)|again)\b"
)
_LASTING = re.compile(
    r"\b(?:allerg\w+|intoleran\w+|c(?:o)?eliac|diabet\w+|asthma|pregnan\w+|vegetarian|vegan|halal"
    r"|kosher|never|always|no longer|phobi\w+|prefers?|favou?rite)\b"
)


def is_request(query: str) -> bool:
    """Return whether an English query asks for a suggestion or an action.

    Of a long query only the start and the end are read: a request stands before or after what was
    pasted.
    """
    if len(query) > 2 * MAX_REQUEST_CHARACTERS:
        query = f"{query[:MAX_REQUEST_CHARACTERS]}\n{query[-MAX_REQUEST_CHARACTERS:]}"
    return _REQUEST.search(query.casefold().replace("’", "'")) is not None  # noqa: RUF001


def query_for_facts(query: str) -> str:
    """Return a query for the facts that matter for a request."""
    words = query.casefold()
    facts = [field.facts for field in _FIELDS if field.words.search(words)]
    return ". ".join([query, *(facts or [_FACTS_OF_ALL_FIELDS])])


def is_standing_fact(item: RankedMemory) -> bool:
    """Return whether a memory seems to tell what is lastingly true of somebody."""
    memory = item.memory
    statement = read_statement(memory.content)
    if statement is None or memory.content_type == "conversation":
        return False
    if _LASTING.search(statement.lower):
        return True
    if memory.memory_nature == "episodic" or _OF_THE_MOMENT.search(statement.lower):
        return False
    return not statement.is_event


def with_standing_facts(
    ranked: Iterable[RankedMemory], facts: Sequence[RankedMemory]
) -> Iterator[RankedMemory]:
    """Yield standing facts and ranked memories, each once, in the form that `ranked` has.

    The first ones come in turn, then the other facts, then the other memories. A fact gets at least
    the score of the memory that comes after it, so that the scores still are in descending order.
    """
    memories = iter(ranked)
    first = list(islice(memories, MEMORIES_IN_TURN))
    in_turn = chain.from_iterable(zip_longest(facts, first))
    seen: set[str] = set()
    items = [item for item in in_turn if item is not None]
    highest = first[-1].score if first else 0.0
    lifted: list[RankedMemory] = []
    for item in reversed(items):
        highest = max(highest, item.score)
        lifted.append(replace(item, score=highest))
    for item in chain(reversed(lifted), memories):
        if item.memory.id not in seen:
            seen.add(item.memory.id)
            yield item
