"""Changes of the contract, and their effect on users of the API."""

from contract_changes.change import Change
from contract_changes.comparison import compare

__all__ = ["Change", "compare"]
