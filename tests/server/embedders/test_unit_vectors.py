"""Vectors are scaled to unit length, whatever the size of their numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from memoryos_server.embedders.unit_vectors import (
    MAX_DIMENSION,
    InvalidVectorsError,
    to_unit_vectors,
)


@pytest.mark.parametrize("size", [1e-300, 1e-200, 1.0, 1e200, 1e307])
def test_the_length_is_1_where_squares_would_overflow_or_vanish(size):
    (unit,) = to_unit_vectors([[3 * size, -4 * size]], count=1)
    assert unit == pytest.approx([0.6, -0.8])


def test_each_row_is_scaled_by_itself():
    units = to_unit_vectors([[1e200, 0], [0, 1e-200]], count=2, dimension=2)
    assert units.tolist() == [[1, 0], [0, 1]]
    assert units.dtype == np.float32


def test_no_texts_have_no_vectors():
    assert to_unit_vectors(np.zeros((0, 3)), count=0).shape == (0, 3)


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        ([[0.0, 0.0]], "a vector of zeros"),
        ([[math.nan, 1.0]], "NaN or infinity"),
        ([[math.inf, 1.0]], "NaN or infinity"),
        ([[1.0], [1.0]], "2 vectors for 1 texts"),
        (1.0, "0 vectors for 1 texts"),
        ([1.0], "something other than number vectors of one length"),
        (["text"], "something other than number vectors of one length"),
        ([[10**400]], "something other than number vectors of one length"),
        ([[]], "vectors of 0 numbers"),
        ([[1.0] * (MAX_DIMENSION + 1)], "choose another model"),
        ([[1.0]], "vectors of 1 numbers instead of 2"),
    ],
)
def test_other_vectors_are_rejected_with_what_they_are(vectors, message):
    with pytest.raises(InvalidVectorsError, match=message):
        to_unit_vectors(vectors, count=1, dimension=2 if vectors == [[1.0]] else None)
