"""Types of request arguments and responses, generated from the contract."""

from memoryos_api.typed_dicts import *  # noqa: F403
