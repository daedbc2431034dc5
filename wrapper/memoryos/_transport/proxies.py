"""Whether requests have to go through a proxy."""

from __future__ import annotations

import sys
from typing import Mapping


def is_proxy_configured(environ: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Return whether the environment, or the system's settings, name a proxy.

    Whether it is for this address is httpx's to decide, which knows `NO_PROXY` and its forms.
    """
    named = any(
        value and name.lower() in ("http_proxy", "https_proxy", "all_proxy")
        for name, value in environ.items()
    )
    if named or platform not in ("darwin", "win32"):
        return named
    from urllib.request import getproxies

    return bool(getproxies())
