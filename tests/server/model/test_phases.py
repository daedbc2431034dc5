"""The phases of an operation: whose time counts for which, and when none is measured."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import pytest

from memoryos_server.model.phases import ASSEMBLY, EMBEDDING, PHASES, READING, measured_phases


@pytest.fixture
def pass_time(monkeypatch):
    """A clock that only this function moves."""
    now = [100.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def pass_time(seconds):
        now[0] += seconds

    return pass_time


def test_time_in_an_inner_phase_does_not_count_for_the_outer_one(pass_time):
    with measured_phases() as seconds:
        pass_time(1)
        with ASSEMBLY:
            pass_time(2)
            with READING:
                pass_time(4)
                with READING:
                    pass_time(8)
            pass_time(16)
        pass_time(32)
        with READING:
            pass_time(64)
    assert seconds == {"assembly": 18, "reading": 76}


def test_a_phase_ends_with_an_exception(pass_time):
    with measured_phases() as seconds:
        with suppress(LookupError), EMBEDDING:
            pass_time(1)
            raise LookupError
        pass_time(2)
    assert seconds == {"embedding": 1}


def test_without_a_measurement_a_phase_does_nothing(pass_time):
    """Nor does it after one, nor in another thread."""
    with measured_phases() as seconds:
        thread = threading.Thread(target=EMBEDDING.__enter__)
        thread.start()
        thread.join()
        pass_time(1)
    with EMBEDDING:
        pass_time(1)
    assert seconds == {}


def test_a_measurement_within_another_has_its_own_seconds(pass_time):
    with measured_phases() as outer, ASSEMBLY:
        pass_time(1)
        with measured_phases() as inner, READING:
            pass_time(2)
    assert (outer, inner) == ({"assembly": 3}, {"reading": 2})


def test_each_phase_has_a_name_of_its_own():
    assert len({phase.name for phase in PHASES}) == len(PHASES)
