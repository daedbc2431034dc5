"""What in an English text tells that something has changed, for `statements` and `updates`."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = [
    "ADDITION",
    "AT_THE_END",
    "CALLED_OFF",
    "COMPLETION",
    "FORMER",
    "IS",
    "MANY_AT_ONCE",
    "PASSING",
    "PASSIVE",
    "PAST_QUESTION",
    "PAST_TENSE",
    "PERIOD",
    "PREPOSITIONS",
    "RELATIONS",
    "SINGLE_NOUNS",
    "SINGLE_VERBS",
    "STRONG",
    "TOPICS",
    "WEAK",
    "WORD",
    "Topic",
]


def _words(pattern: str) -> re.Pattern[str]:
    """Return a pattern of words in lower case."""
    return re.compile(rf"\b(?:{pattern})\b")


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Topic(NamedTuple):
    """A side of a life of which one state holds at a time.

    Attributes:
        state: What tells of a state.
        change: What tells of a change to another one.
    """

    state: re.Pattern[str]
    change: re.Pattern[str]


_VEHICLE = r"(?:\w+ )?(?:car|bike|bicycle|scooter|van|moped|motorbike|bus|train|tram|metro|ferry)"

TOPICS = [
    Topic(  # where somebody lives
        _words(
            r"lives?|living|rents?|resides?|based in|stay(?:s|ing) (?:with|at|in)"
            r"|shares a (?:flat|house)"
            r"|(?:home|flat|apartment|house|studio|room) (?:is|in|at|on)|address"
        ),
        _words(
            r"moved (?:back )?(?:in|into|to|out|home|away)|relocated|settled (?:in|down in)"
            r"|now lives?"
            r"|(?:new|bought (?:a|an)|has (?:a|an) (?!holiday|summer|weekend|second)\w+)"
            r" (?:flat|apartment|house|home|place|address)"
        ),
    ),
    Topic(  # what somebody does for a living
        _words(
            r"works?|working|job|employed|unemployed|between jobs|career|freelances?|apprentice\w*"
            r"|intern\w*|runs? an?|manages?"
        ),
        _words(
            r"(?:left|quit|lost|resigned from) (?:the|her|his|my|their) (?:\w+ )?(?:job|post"
            r"|firm|company)"
            r"|new (?:job|position|employer)|(?:found|got|took|accepted|has) an? (?:\w+ )?(?:job"
            r"|position|post)"
            r"|took over|retired(?! (?:the|her|his|my|their)\b)|laid off|promoted|resigned"
            r"|was made (?:head|manager|partner|director|team)|(?:was|been|got) (?:hired"
            r"|fired)"
            r"|(?:started|works|working|work) now|now (?:works?|runs|manages|teaches)"
            r"|started (?:work\w*|at|as|his own|her own|my own)|set up (?:his|her|my) own"
            r"|joined \w+ as|opened (?:his|her|my|their) own|went freelance"
        ),
    ),
    Topic(  # with whom somebody lives
        _words(
            r"single|dating|seeing|going out|engaged|married|divorced|separated|widow(?:ed|er)?"
            r"|boyfriend|girlfriend|partner|fianc[eé]e?|husband|wife|together with|in love"
        ),
        _words(
            r"(?:broke|split|broken) up|split from|separated(?! the\b)"
            r"|got (?:married|engaged|divorced)|divorced"
            r"|married|now (?:single|married|with|dating)|single again|is engaged|ended things"
            r"|are (?:a couple|together|no longer)"
        ),
    ),
    Topic(  # how somebody gets around
        _words(
            r"drives?|cycles?|commutes?|rides?|(?:goes|takes|walks) .{0,15}to work|by (?:car"
            r"|bus)"
        ),
        _words(
            rf"(?:sold|gave up|got rid of|switched to) (?:the|her|his|my|their|an?) {_VEHICLE}"
            r"|now (?:drives?|cycles?|walks?)"
            rf"|(?:takes? (?:the|her|his|my|an?) {_VEHICLE}|drives?|cycles?|walks?)\b"
            r".{0,20}(?:now|since|these days|instead)"
        ),
    ),
    Topic(  # what somebody doesn't eat
        _words(
            r"vegetarian|vegan|pescatarian|(?:n't|not|never) eats?|no (?:meat|fish|dairy|sugar)"
            r"|diet"
        ),
        _words(
            r"(?:started|back to) eating|eats? .{0,20}again|no longer (?:an? )?(?:\w+ )?veg\w+"
            r"|(?:gave|given) up (?:meat|fish|dairy|sugar|being|(?:the|her|his|my) (?:\w+ )?diet)"
            r"|(?:became|turned|gone|went) (?:vegan|vegetarian)|stopped being"
        ),
    ),
    Topic(  # which school somebody goes to
        _words(
            r"kindergarten|nursery|pre-?school|(?:primary|high|secondary|middle) school|study"
            r"|studies|studying"
            r"|(?:first|second|third|fourth|fifth|sixth|\d+(?:st|nd|rd|th)) (?:grade|year|class)"
        ),
        _words(
            r"(?:started|starts) (?:\w+ )?(?:school|university|college)|graduated|dropped out"
            r"|finished (?:school|university)|changed schools?|moved up|enrolled"
        ),
    ),
]

# Relations with one value at a time, by the same preposition.
_VALUE = r"(?P<value>(?:the |a |an )?[\w.@'-]+(?: [A-Z][\w'-]*| of [A-Z]\w+)*)"
RELATIONS = [
    re.compile(rf"\b(?:{verbs}) (?P<how>{prepositions}) {_VALUE}")
    for verbs, prepositions in (
        (
            r"(?:lives?|living|resides?|based|settled|home is|moved|relocated)(?: back)?",
            "in|to|at|on|into",
        ),
        (
            r"(?:works?|working|employed|job|hired|joined|started)(?: (?:full|part)[- ]time)?",
            "at|for|by|with",
        ),
        ("works?|working|employed|job|promoted|hired", "as|to"),
    )
]

STRONG = _words(
    r"no longer|no more|any ?(?:more|longer)|quit|g[ai]ven? up|stopped|sold|(?:broke|split) up"
    r"|replaced|switched|swapped|exchanged|traded|changed|converted|upgraded|downgraded|migrated"
    r"|dropped|dropped out|instead|rather than|relocated|renamed|handed over|taken over|took over"
    r"|(?:is|are|been) (?:up|down) to|doubled|halved|moved (?:to|from|back|in|into|out)|raised"
    r"|got rid of|gave (?:away|back)|(?:went|gone|goes) (?:up|down|over|from)|rose to|fell to"
    r"|increased|lowered|reduced|extended|shortened|cut to|became|(?:has|have) become|turned into"
    r"|cancell?ed|called off|is off|resc?heduled|postponed|pushed (?:to|back)|brought forward"
    r"|ended|expired|closed down|outgrew|retired|is history|had enough of|lost interest|old one"
    r"|followed by|succeeded|fallen through|fell through|cut (?:down|back)|went back|promoted"
    r"|left (?:the|his|her|my|their|our|its)"
)
"""What tells of a change."""

CALLED_OFF = _words(
    r"cancell?ed|called off|no longer|instead|changed|postponed|resc?heduled|moved to"
    r"|pushed (?:to|back)"
    r"|brought forward|decided against|decided not|after all|gave up|fell through|fallen through"
    r"|is off|dropped|won't"
)
"""What tells of a change of a plan."""

PASSIVE = re.compile(
    r"\b(?:is|are|was|were|been|being|got)(?: now)? $|^(?:is|are|been|switched to)\b"
    r"|^(?:ended|expired|closed|retired|rose|fell|increased|went|gone|goes|became|resc|postp|moved)"
)
"""What, before or in the words of a change, tells that the subject itself has changed."""

AT_THE_END = _words(r"any ?(?:more|longer)")
"""Words of a change that come behind what has changed."""

PERIOD = re.compile(r"\b(?:an?|per|every) (hour|day|night|week|month|quarter|year)\b")

PASSING = _words(
    r"(?:is|are) (?:still )?(?:at|out|broken|missing|lost|late|ill|sick|not|due|pending|down|away"
    r"|in (?:the )?hospital|un\w+)"
)
"""What tells of a state that is to end."""

COMPLETION = _words(
    r"paid|fixed|repaired|mended|arrived|healed|recovered|returned|delivered|solved|passed"
    r"|signed|submitted|handed in|is back|are back|came (?:off|back|out)|is over|is done|finished"
    r"|is gone|is off|all clear|settled|sorted out"
)
"""What tells that a state has ended."""

WEAK = _words(
    r"now|new|these days|nowadays|currently|again|since|as of|from now on|lately|recently"
    r"|at the moment|started|actually|by now|meanwhile|finally|went back"
)
"""What tells of a change if the statements have more in common."""

FORMER = _words(r"used to|formerly|previously|once|back then|former")
"""What tells of a state that has already ended."""

PAST_QUESTION = _words(
    r"before|used to|previous(?:ly)?|former(?:ly)?|earlier|original(?:ly)?|at first|initially|ex"
    r"|old"
    r"|back then|in the past|in those days|once"
)
"""What tells that a question is about the past."""

PAST_TENSE = _words(r"did|was|were|had")
"""What a question about the past has, and many others too."""

WORD = re.compile(r"\w+")

ADDITION = _words(r"also|too|as well|another|second|in addition|besides")
"""What tells of something more."""

IS = frozenset(["is", "are", "am", "i'm"])

PREPOSITIONS = _set("at on in to for by until every the a an")

SINGLE_NOUNS = _set(
    """
    favourit manag boss landlord landladi tenant doctor dentist therapist teacher coach tutor
    trainer name nicknam colour password passcod code pin number address email mail username
    branch deadlin rent price salari owner leader lead titl major ceo chair presid supervisor
    mentor secretari roommat flatmat host provid bank insur size ringtone wallpap default goal
    budget captain editor theme statu plan subject room desk seat gate locker
    """
)
"""Stems of words of which there is one: in `my … is A`, A replaces B."""

SINGLE_VERBS = _set(
    """
    cost weigh open close leav start begin meet arriv depart end finish live work cover earn pay
    charg run take measur have has own need sleep
    """
)
"""Stems of verbs with one number or time: in `… costs A`, A replaces B."""

MANY_AT_ONCE = _set(
    """
    play speak read enjoy know visit learn collect watch listen eat drink cook own work live
    meet call bought buy sell sold
    """
)
"""Stems of verbs with many objects at once."""
