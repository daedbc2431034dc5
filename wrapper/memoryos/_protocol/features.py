"""Features of a service: what it supports beyond the documented API.

The contract's additions are marked `x-feature`. A service names the features that it supports in a
response header. The SDK sends an addition only to a service that names its feature.
"""

from __future__ import annotations

from typing import FrozenSet, Iterable, Mapping, Optional

from memoryos.exceptions import NotSupportedError

from .tag_filtering import TagFiltering

__all__ = ["HEADER", "NO_FEATURES", "ServiceFeatures", "not_supported"]

HEADER = "x-memory-os-features"

NO_FEATURES: FrozenSet[str] = frozenset()


class ServiceFeatures:
    """The features that a service named last. All sessions of a client share one object.

    Attributes:
        names: The features; None before the first response.
        tag_filtering: What scopes have found out about the service's filters by tags.
    """

    def __init__(self) -> None:
        self.names: Optional[FrozenSet[str]] = None
        self.tag_filtering = TagFiltering()
        self._header: Optional[str] = None

    def learn(self, status: int, headers: Mapping[str, str]) -> None:
        """Read the features in a response, by lower-case header names.

        An error without the header says nothing: it may be from a proxy.
        """
        header = headers.get(HEADER)
        if header is None:
            if not 200 <= status < 300:
                return
            header = ""
        if header != self._header:
            self._header = header
            self.names = frozenset(name.strip().lower() for name in header.split(",")) - {""}


def not_supported(features: Iterable[str], arguments: Iterable[str]) -> NotSupportedError:
    """Return the error for arguments whose features the service doesn't name."""
    names = ", ".join(sorted(arguments))
    listed = sorted(features)
    plural = "feature" if len(listed) == 1 else "features"
    message = (
        f"The service doesn't support {names}: it doesn't name the {plural} {', '.join(listed)} in "
        f"its responses. Nothing was sent; leave out {names}"
    )
    return NotSupportedError("NOT_SUPPORTED", message, 501, details={"features": listed})
