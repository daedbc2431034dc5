"""Sentences of a life from templates and a seed, and their vectors by the real model.

The vectors of the first sentences are computed once and kept in a folder of the user's cache. A
larger corpus continues with copies: the sentence with a remark at its end, the vector with noise.
"""

from __future__ import annotations

import os
from functools import cache
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

__all__ = ["DIMENSION", "Corpus", "Sentence", "corpus", "queries"]

DIMENSION = 384
EMBEDDED = 50_000
"""How many sentences the model embeds."""

_SEED = 16
_TEXTS_AT_ONCE = 1000
# The cosine of a sentence and its copy is about 0.93, as of a sentence and its paraphrase.
_NOISE = 0.4

_NAMES = (
    "Ada Ben Clara Dario Elif Farid Greta Hugo Ines Jonas Kira Leo Mara Nils Olga Pavel Quinn Rosa "
    "Samir Tilda Umar Vera Wanda Xenia Yusuf Zoe Anouk Bruno Carmen Dmitri Esther Fiona Gideon "
    "Hanna Ivo Jana Karim Lena Milo Nadia Oskar Petra Rafael Selma Tomas Ursula Viktor Wim"
)
_SURNAME_BEGINNINGS = "Berg Lind Has Mor Kal Ven Rost Tam Fal Grim Hol Jar Kest Lor Nev Ost Pel Rav"
_SURNAME_ENDS = "quist mann sen ova etti ides ström wick ford ley aro enko berger dal"
_PLACES = (
    "Lisbon Ghent Oslo Porto Lyon Bergen Turin Leeds Bremen Malaga Tallinn Cork Split Basel "
    "Utrecht Graz Vilnius Nantes Bilbao Aarhus Zagreb Bruges Dresden Toulouse Naples Krakow "
    "Seville Riga Tampere Galway Bologna Leipzig Rotterdam Salzburg Valencia Dundee Freiburg "
    "Trieste Umea Perugia"
)
_JOBS = (
    "nurse baker architect carpenter translator pharmacist electrician teacher florist programmer "
    "accountant photographer gardener plumber librarian lawyer dentist journalist welder surveyor"
)
_FOODS = (
    "lasagne,lentil soup,paella,pancakes,goulash,ratatouille,dumplings,mushroom risotto,apple pie,"
    "chickpea curry,fish stew,potato salad,rhubarb cake,ramen,stuffed peppers,onion tart,couscous,"
    "plum jam,rye bread,carrot cake"
)
_ALLERGENS = (
    "walnuts,shellfish,penicillin,birch pollen,cat hair,strawberries,latex,soy,sesame,wasp stings"
)
_HOBBIES = (
    "plays the cello,collects stamps,climbs boulders,sings in a choir,restores old radios,"
    "keeps bees,paints watercolours,rows on the river,dances tango,repairs clocks,bakes sourdough,"
    "writes crime stories,builds model ships,runs marathons,plays chess,grows orchids,knits socks,"
    "studies Greek,photographs birds,juggles"
)
_THINGS = (
    "bicycle,sewing machine,piano,camera,tent,coffee grinder,dishwasher,violin,telescope,laptop,"
    "lawn mower,printer,canoe,record player,cargo bike,bookshelf,heat pump,sofa,microscope,drill"
)
_PETS = "cat,dog,parrot,tortoise,rabbit,hamster,goldfish,horse,canary,ferret"
_PET_NAMES = "Biscuit Pepper Mochi Socks Clover Ziggy Pickle Bandit Truffle Waffles Nimbus Pebble"
_BOOKS = (
    "a history of tea,a novel about lighthouses,a guide to mosses,a biography of a tailor,"
    "a book on bridges,poems about rivers,a manual for beekeepers,an atlas of islands,"
    "a thriller set in a bakery,essays on silence"
)
_MONTHS = "January February March April May June July August September October November December"
_PROJECTS = (
    "heating,website,budget,kitchen,newsletter,garden,warehouse,payroll,exhibition,playground,"
    "timetable,archive,orchestra,library,harbour"
)
_REMARKS = (
    "as {name} told me in {month},{name} was surprised,so said {full},said twice at {place},"
    "noted on {day} {month},at least since {year},which {full} doubts,heard in {place}"
)

# What a memory says, and how one asks for it.
_TEMPLATES = (
    ("{full} works as a {job} in {place}", "Where does {full} work?"),
    ("{name} is allergic to {allergen}", "What must {name} not touch or eat?"),
    (
        "{full} moved from {place} to {place2} in {month} {year}",
        "When did {full} move to {place2}?",
    ),
    (
        "{name} bought a {thing} in {place} for {number} euros",
        "How much was the {thing} of {name}?",
    ),
    ("The birthday of {full} is on {day} {month}", "When is the birthday of {full}?"),
    ("{name} {hobby} every {weekday} evening", "What does {name} do on {weekday} evenings?"),
    ("{full} cooked {food} for {number} guests", "What did {full} serve to the guests?"),
    ("{name} has a {pet} called {petname}", "What is the {pet} of {name} called?"),
    ("{full} lent me {book} in {month}", "Which book did I borrow from {full}?"),
    (
        "The meeting about the {project} moves to {weekday} at {clock}",
        "When do we discuss the {project}?",
    ),
    ("{name} and {name2} met in {place} in {year}", "How do {name} and {name2} know each other?"),
    (
        "The door code of the office in {place} is {number}{number2}",
        "What opens the office in {place}?",
    ),
    (
        "{name} can't come on {weekday}, because of a {job} who repairs the {thing}",
        "Why is {name} away on {weekday}?",
    ),
    ("{full} prefers {food} to {food2}", "What does {full} like to eat?"),
    (
        "Flight {code} to {place} leaves on {day} {month} at {clock}",
        "When do I fly to {place} in {month}?",
    ),
    (
        "{name} wants to learn how one {hobby} before {month} {year}",
        "What does {name} want to learn?",
    ),
    (
        "The {thing} has been broken since {day} {month}, {name} knows a {job}",
        "Who can help with the broken {thing}?",
    ),
    ("{full} is the {job} of {name}", "Who is the {job} of {name}?"),
    ("I promised {name} to bring {food} to {place}", "What should I bring for {name}?"),
    ("{full} leads the {project} project from {month} on", "Who is responsible for the {project}?"),
    ("{name} lives near the station of {place}, at number {number}", "Where does {name} live?"),
    (
        "Invoice {code} for the {thing} was paid on {day} {month} {year}",
        "Has the {thing} been paid?",
    ),
    ("{name} thinks that {place} is too hot in {month}", "What does {name} say about {place}?"),
    ("The {pet} {petname} eats no {food}", "What must {petname} not be fed?"),
    ("{full} studied in {place} and {hobby}", "What do I know about {full}?"),
)


class Sentence(NamedTuple):
    """What a memory says, and a question for it."""

    content: str
    question: str


class Corpus(NamedTuple):
    """Sentences and the vector of each."""

    sentences: Sequence[str]
    vectors: Vectors


def corpus(count: int) -> Corpus:
    """Return the first `count` sentences, which are always the same."""
    originals = [sentence.content for sentence in _sentences()]
    sentences = originals[:count]
    vectors = _embedded(originals)[:count]
    return (
        _with_copies(sentences, vectors, count) if count > EMBEDDED else Corpus(sentences, vectors)
    )


def queries(count: int) -> Corpus:
    """Return `count` questions for sentences among the first 10,000."""
    asked = Random(_SEED).sample(_sentences()[:10_000], count)
    questions = [sentence.question for sentence in asked]
    return Corpus(questions, _embedded(questions))


def _with_copies(sentences: Sequence[str], vectors: Vectors, count: int) -> Corpus:
    chosen, generator = Random(_SEED), np.random.default_rng(_SEED)
    remarks = _REMARKS.split(",")
    copies = [
        f"{sentences[number % EMBEDDED]}, {chosen.choice(remarks).format(**_fillers(chosen))}"
        for number in range(EMBEDDED, count)
    ]
    joined = np.empty((count, DIMENSION), np.float32)
    joined[:EMBEDDED] = vectors
    for start in range(EMBEDDED, count, EMBEDDED):
        part = vectors[: count - start]
        noise = generator.standard_normal(part.shape, np.float32) * np.float32(DIMENSION**-0.5)
        part = part + np.float32(_NOISE) * noise
        joined[start : start + len(part)] = part / np.linalg.norm(part, axis=1, keepdims=True)
    return Corpus([*sentences, *copies], joined)


@cache
def _sentences() -> list[Sentence]:
    chosen = Random(_SEED)
    made: dict[str, Sentence] = {}
    while len(made) < EMBEDDED:
        content, question = chosen.choice(_TEMPLATES)
        fillers = _fillers(chosen)
        sentence = Sentence(content.format(**fillers), question.format(**fillers))
        made[sentence.content] = sentence
    return list(made.values())


def _fillers(chosen: Random) -> dict[str, str]:
    """Return a word for each blank; the first ones of each list are the most frequent."""

    def one(words: str, separator: str | None = None) -> str:
        given = words.split(separator)
        return given[int(len(given) * chosen.random() ** 1.5)]

    return {
        "full": f"{one(_NAMES)} {one(_SURNAME_BEGINNINGS)}{one(_SURNAME_ENDS)}",
        "name": one(_NAMES),
        "name2": one(_NAMES),
        "place": one(_PLACES),
        "place2": one(_PLACES),
        "job": one(_JOBS),
        "allergen": one(_ALLERGENS, ","),
        "food": one(_FOODS, ","),
        "food2": one(_FOODS, ","),
        "hobby": one(_HOBBIES, ","),
        "thing": one(_THINGS, ","),
        "pet": one(_PETS, ","),
        "petname": one(_PET_NAMES),
        "book": one(_BOOKS, ","),
        "project": one(_PROJECTS, ","),
        "month": one(_MONTHS),
        "weekday": chosen.choice(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]),
        "day": str(chosen.randint(1, 28)),
        "year": str(chosen.randint(2005, 2026)),
        "clock": f"{chosen.randint(8, 19)}:{chosen.choice(['00', '15', '30', '45'])}",
        "number": str(chosen.randint(2, 400)),
        "number2": str(chosen.randint(2, 400)),
        "code": f"{chosen.choice('KLMRSX')}{chosen.choice('ABCDE')}{chosen.randint(100, 9999)}",
    }


def _embedded(texts: Sequence[str]) -> Vectors:
    """Return the vectors of texts by MiniLM, from the cache as far as it has them."""
    parts = [
        texts[start : start + _TEXTS_AT_ONCE] for start in range(0, len(texts), _TEXTS_AT_ONCE)
    ]
    return np.concatenate([*_parts(parts)])


def _parts(parts: Sequence[Sequence[str]]) -> Iterator[Vectors]:
    from memoryos_server.embedders.registry import named_embedder

    embedder = named_embedder("minilm")
    folder = _folder()
    for texts in parts:
        name = sha256("\n".join([embedder.name, *texts]).encode()).hexdigest()[:24]
        path = folder / f"{name}.npy"
        if not path.exists():
            written = path.with_suffix(f".{os.getpid()}.part")
            with written.open("wb") as file:
                np.save(file, embedder.embed(texts))
            written.replace(path)
        yield np.load(path)


def _folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base, "memoryos-benchmarks")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
