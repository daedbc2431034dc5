"""What a change of the contract means to the people who use the API."""

from contract_changes.change import Change
from contract_changes.comparison import compare

__all__ = ["Change", "compare"]
