"""The faults are tried on every operation of the contract."""

from __future__ import annotations

from ..operation_calls import assert_calls_every_operation
from .callers import OPERATIONS


def test_the_calls_carry_out_every_operation():
    """A new operation of the contract is missed here until a call of it joins the list."""
    assert_calls_every_operation(OPERATIONS)
