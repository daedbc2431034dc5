"""Decay of relevance over time."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_server.search.decay import DECAY_RATES_PER_HOUR, refreshed_since, relevance

NOW = datetime(2026, 11, 22, tzinfo=timezone.utc)
TIERS = st.sampled_from(sorted(DECAY_RATES_PER_HOUR))


@pytest.mark.parametrize(
    ("tier", "age", "expected"),
    [
        ("short", timedelta(hours=1), 0.9),
        ("short", timedelta(hours=2), 0.81),
        ("medium", timedelta(days=7.2), 0.5),
        ("long", timedelta(days=96), 0.5),
    ],
)
def test_each_tier_fades_at_its_documented_speed(tier, age, expected):
    assert relevance(tier, NOW - age, NOW) == pytest.approx(expected, abs=0.01)


@given(TIERS)
def test_decay_rate_is_the_share_lost_in_the_first_hour(tier):
    lost = 1 - relevance(tier, NOW - timedelta(hours=1), NOW)
    assert lost == pytest.approx(DECAY_RATES_PER_HOUR[tier], abs=0.0001)


@given(TIERS, st.timedeltas(timedelta(0), timedelta(days=20_000)))
def test_relevance_is_1_at_first_and_never_leaves_0_to_1(tier, age):
    assert relevance(tier, NOW, NOW) == 1
    assert 0 <= relevance(tier, NOW - age, NOW) <= 1


def test_an_access_in_the_future_of_a_wrong_clock_counts_as_now():
    assert relevance("short", NOW + timedelta(hours=3), NOW) == 1


@given(TIERS, st.floats(0, 1), st.timedeltas(timedelta(0), timedelta(days=700)))
def test_the_earliest_time_for_a_minimum_divides_as_the_relevance_does(tier, minimum, age):
    enough = NOW - age >= refreshed_since(tier, minimum, NOW)
    margin = 0.0001  # the last digit that relevance is rounded to
    if relevance(tier, NOW - age, NOW) >= minimum + margin:
        assert enough
    if relevance(tier, NOW - age, NOW) <= minimum - margin:
        assert not enough


@given(TIERS, st.timedeltas(timedelta(0), timedelta(days=3_000)))
def test_a_memory_has_the_relevance_that_is_shown_for_it(tier, age):
    """A search with that minimum finds it, also where the relevance was rounded up."""
    refreshed_at = NOW - age
    assert refreshed_at >= refreshed_since(tier, relevance(tier, refreshed_at, NOW), NOW)


@pytest.mark.parametrize("tier", sorted(DECAY_RATES_PER_HOUR))
@pytest.mark.parametrize("minimum", [0.1234, 0.5, 0.9])
def test_from_the_earliest_time_on_the_relevance_that_is_shown_is_enough(tier, minimum):
    earliest, second = refreshed_since(tier, minimum, NOW), timedelta(seconds=1)
    assert (
        relevance(tier, earliest - second, NOW) < minimum <= relevance(tier, earliest + second, NOW)
    )


def test_relevance_has_four_decimals():
    assert relevance("medium", NOW - timedelta(hours=10), NOW) == 0.9607
