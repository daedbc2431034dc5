"""Settings from arguments and variables."""

from __future__ import annotations

from memoryos._protocol.settings import (
    resolve_settings,
)

KEY = "mos_test_argument"


OTHER_KEY = "mos_test_environment"


# Stands in every unusable key below, and must stand in no error.
TELLTALE = "TELLTALE"


def resolve(environ=None, **arguments):
    """Resolve these settings; what is not named is as the constructor has it by default."""
    defaults = {
        "api_key": KEY,
        "base_url": None,
        "timeout": 30,
        "max_retries": 3,
        "headers": None,
        "deadline": None,
    }
    return resolve_settings(environ or {}, **{**defaults, **arguments})
