"""The types of what goes in and comes out, generated from the contract."""

from memoryos_api.typed_dicts import *  # noqa: F403
