"""The best passages of long texts, in every script."""

# ruff: noqa: RUF001 - full-width punctuation

from __future__ import annotations

import pytest

from memoryos_server.search.passages import MAX_CHUNK_BYTES, PassageFinder

# The query, the passage that answers it, and what surrounds that.
SCRIPTS = {
    "latin": (
        "Where is the cellar key?",
        "The cellar key hangs by the stove.",
        "It was a calm day. ",
    ),
    "german": (
        "Wo ist der Kellerschlüssel?",
        "Der Kellerschlüssel hängt am Ofen.",
        "Es war ruhig. ",
    ),
    "chinese": ("地下室的钥匙在哪里？", "地下室的钥匙挂在炉子旁边。", "今天天气很好。"),
    "japanese": (
        "地下室の鍵はどこ？",
        "地下室の鍵はストーブの横にある。",
        "とても静かな日でした。",
    ),
    "korean": ("지하실 열쇠가 어디 있어?", "지하실 열쇠는 난로 옆에 있다.", "조용한 하루였다. "),
    "thai": ("กุญแจห้องใต้ดินอยู่ที่ไหน", "กุญแจห้องใต้ดินแขวนอยู่ข้างเตา ", "วันนี้อากาศดีมาก "),
    "hindi": ("तहखाने की चाबी कहाँ है?", "तहखाने की चाबी चूल्हे के पास है।", "दिन शांत था। "),
    "arabic": ("أين مفتاح القبو؟", "مفتاح القبو معلق بجانب الموقد. ", "كان اليوم هادئا. "),
}


def no_cosines(texts):
    return [0.0] * len(texts)


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("repetitions", [40, 1500])
def test_the_passage_with_the_words_is_found_in_every_script(script, repetitions):
    query, answer, other = SCRIPTS[script]
    text = other * repetitions + answer + other * repetitions
    first = next(PassageFinder(query, no_cosines).passages(text).excerpts(with_words=True))
    assert answer.strip() in first
    assert first in text
    assert len(first.encode()) <= MAX_CHUNK_BYTES


def test_the_meaning_decides_where_no_word_matches():
    def cosines(texts):
        return [float("hound" in text) for text in texts]

    filler = "It was a calm day on the island. " * 30
    text = f"{filler}Our old hound sleeps a lot. {filler}"
    passages = PassageFinder("dog", cosines).passages(text)
    assert "hound" in next(passages.excerpts())
    assert not list(passages.excerpts(with_words=True))
