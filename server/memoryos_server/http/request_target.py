"""Request targets and hosts (RFC 9112, section 3.2): the path that a request line names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .http_errors import invalid_target, malformed_request, method_not_allowed
from .request_limits import MAX_PATH_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["has_valid_host", "parse_target"]

_SUPPORTED_METHODS = ("GET", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS")
# A name, an IPv4 address or an IPv6 address in brackets, and a port. No user name: RFC 9110,
# section 4.2.4, tells recipients to reject it.
_AUTHORITY = r"(?:\[[0-9a-f:.]+\]|[^\x00-\x20/?#@:\[\]\\]+)(?::[0-9]*)?"
_ABSOLUTE = re.compile(
    rf"https?://{_AUTHORITY}(?P<path>/.*)?", re.ASCII | re.IGNORECASE | re.DOTALL
)
# A client whose target has no authority sends an empty host.
_HOST = re.compile(rf"(?:{_AUTHORITY})?".encode(), re.IGNORECASE)


def parse_target(method: str, target: str) -> str:
    """Return the percent-encoded path of a request target without its query; `*` for `OPTIONS *`.

    A client that believes the server to be a proxy sends the whole URL. The server has no virtual
    hosts, so it accepts any host, in the target as in the `Host` header.

    Args:
        method: HTTP method.
        target: Request target up to the question mark.

    Raises:
        HTTPError: 405 for CONNECT, which only proxies support; 414 for a long path; 400 for a
            malformed target.
    """
    if method == "CONNECT":
        raise method_not_allowed(method, _SUPPORTED_METHODS)
    if len(target) > MAX_PATH_BYTES:
        raise malformed_request(414)
    if target.startswith("/"):
        return target
    if target == "*" and method == "OPTIONS":
        return target
    match = _ABSOLUTE.fullmatch(target)
    if match is None:
        raise invalid_target()
    # RFC 9112, section 3.2.4: OPTIONS for a URL without a path is about the whole server.
    return match["path"] or ("*" if method == "OPTIONS" else "/")


def has_valid_host(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Return whether each `Host` header is a host with an optional port."""
    return all(
        _HOST.fullmatch(value.strip(b" \t")) for name, value in headers if name.lower() == b"host"
    )
