"""The notice that most texts are in a language that the default embedder doesn't know."""

from __future__ import annotations

import pytest

from memoryos_server.embedders import english_only
from memoryos_server.embedders.english_only import ENOUGH_TEXTS, LanguageCount, are_mostly_foreign

GERMAN = "Der Zug fährt nicht am Sonntag"
ENGLISH = "The train does not run on Sundays"
UNKNOWN = "4711"


def records_after(caplog, *batches):
    count = LanguageCount()
    for batch in batches:
        count.add(batch)
    return [record.getMessage() for record in caplog.records]


def test_the_notice_comes_once_and_names_the_extra_and_the_commands(caplog):
    (message,) = records_after(caplog, *[[GERMAN]] * (3 * ENOUGH_TEXTS))
    for part in ("'.[local,multilingual]'", "memoryos reembed --embedder multilingual"):
        assert part in message
    assert GERMAN not in message


@pytest.mark.parametrize(
    "batches",
    [
        [[GERMAN] * (ENOUGH_TEXTS - 1)],
        [[ENGLISH] * ENOUGH_TEXTS, [GERMAN] * ENOUGH_TEXTS],
        [[UNKNOWN] * ENOUGH_TEXTS, [GERMAN] * (ENOUGH_TEXTS - 1)],
        [[ENGLISH] * english_only._TEXTS_COUNTED, [GERMAN] * 3 * english_only._TEXTS_COUNTED],
    ],
    ids=["too few", "half", "few with a known language", "late"],
)
def test_there_is_no_notice(caplog, batches):
    assert records_after(caplog, *batches) == []


def test_texts_are_judged_together():
    assert are_mostly_foreign([GERMAN] * ENOUGH_TEXTS)
    assert not are_mostly_foreign([GERMAN, ENGLISH] * ENOUGH_TEXTS)
    assert not are_mostly_foreign([GERMAN])
    assert not are_mostly_foreign([])


@pytest.mark.embedder
def test_the_default_embedder_counts_what_it_reads(caplog):
    from memoryos_server.embedders.minilm import MiniLM

    MiniLM().embed([GERMAN] * ENOUGH_TEXTS)
    (record,) = caplog.records
    assert english_only.FACT in record.getMessage()


@pytest.mark.embedder
@pytest.mark.parametrize("reads", ["search", "context"])
def test_what_was_stored_before_is_counted_when_it_is_found(
    start, user_of, tmp_path, caplog, reads
):
    from memoryos_server.embedders.minilm import MiniLM

    stored = user_of(start(tmp_path / "m.db", embedder=MiniLM()))
    for number in range(ENOUGH_TEXTS - 1):
        stored.create(f"{GERMAN} {number}", tier="long")
    assert not caplog.records
    later = user_of(start(tmp_path / "m.db", embedder=MiniLM()))
    getattr(later, reads)("Wann fährt der Zug nicht?")
    (record,) = caplog.records
    assert english_only.FACT in record.getMessage()
