"""All checks: hand-written ones, and those derived from the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, List

from .contexts import CHECKS as CONTEXTS
from .creating import CHECKS as CREATING
from .deleting import CHECKS as DELETING
from .entities import CHECKS as ENTITIES
from .features import CHECKS as FEATURES
from .idempotency import CHECKS as IDEMPOTENCY
from .keys import key_checks
from .limits import limit_checks
from .listing import CHECKS as LISTING
from .reading import CHECKS as READING
from .searching import CHECKS as SEARCHING
from .tags import CHECKS as TAGS
from .texts import CHECKS as TEXTS
from .updating import CHECKS as UPDATING

if TYPE_CHECKING:
    from memoryos.contract_testing.contract import Contract

    from .registry import Check

__all__ = ["all_checks"]

_HAND_WRITTEN = (
    *CREATING,
    *TEXTS,
    *READING,
    *LISTING,
    *UPDATING,
    *SEARCHING,
    *CONTEXTS,
    *TAGS,
    *ENTITIES,
    *IDEMPOTENCY,
    *FEATURES,
    *DELETING,
)


def all_checks(contract: Contract) -> List[Check]:
    """Return all checks for the features of the contract, in the order to run them."""
    features = contract.features()
    hand_written = [check for check in _HAND_WRITTEN if check.feature in {"", *features}]
    return [*hand_written, *limit_checks(contract), *key_checks(contract)]
