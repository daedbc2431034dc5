"""What HTML pages of the server have in common: no script, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import re

__all__ = ["HTML", "page_headers"]

HTML = "text/html; charset=utf-8"

_STYLE = re.compile(rb"<style>(.*?)</style>", re.DOTALL)


def page_headers(page: bytes) -> dict[str, str]:
    """Return headers that let a browser use nothing but the page and its own `<style>`s."""
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(style).digest()).decode()}'"
        for style in _STYLE.findall(page)
    ]
    policy = (
        f"default-src 'none'; style-src {' '.join(hashes)}; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
