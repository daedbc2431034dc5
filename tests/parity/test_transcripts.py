"""The comparison itself: it sees what differs, and nothing in what may differ."""

from __future__ import annotations

import pytest

from memoryos import NotFoundError

from .transcripts import Transcript, differences

ONE = "550e8400-e29b-41d4-a716-446655440000"
OTHER = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"


def entries(*answers):
    transcript = Transcript()
    for answer in answers:
        transcript.add("call", answer)
    return transcript.entries


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"id": ONE}, {"id": OTHER}),
        ({"at": "2026-11-22T10:00:00.000001Z"}, {"at": "2026-11-22T11:00:00Z"}),
        ({"retrieval_time_ms": 1}, {"retrieval_time_ms": 7}),
        ({"relevance_score": 1.0}, {"relevance_score": 0.9999}),
        (
            NotFoundError("NOT_FOUND", f"no {ONE}", 404, "req_1"),
            NotFoundError("NOT_FOUND", f"no {OTHER}", 404, "req_2"),
        ),
    ],
)
def test_ids_times_and_what_a_score_loses_in_a_moment_are_no_differences(one, other):
    assert differences(entries(one), entries(other)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"content": "a"}, {"content": "b"}),
        ({"content": "a"}, {"content": "a", "tier": "long"}),
        ({"data": [{"id": ONE}]}, {"data": []}),
        ({"access_count": 1}, {"access_count": 2}),
        ({"access_count": 1}, {"access_count": True}),
        ({"importance_score": 1}, {"importance_score": 1.0}),
        ({"similarity": 0.71}, {"similarity": 0.72}),
        ({"expires_at": None}, {"expires_at": "2026-11-22T10:00:00Z"}),
        ({"id": ONE, "parent_memory_id": ONE}, {"id": ONE, "parent_memory_id": OTHER}),
        (NotFoundError("NOT_FOUND", "no", 404), NotFoundError("NOT_FOUND", "none", 404)),
        (NotFoundError("NOT_FOUND", "no", 404), ValueError("no")),
    ],
)
def test_everything_else_is_a_difference(one, other):
    assert differences(entries(one), entries(other)) != []


def test_a_call_too_few_is_a_difference():
    assert differences(entries({}, {}), entries({})) != []
