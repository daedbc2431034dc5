"""Request targets (RFC 9112, section 3.2): the path that a request line names."""

from __future__ import annotations

import re

from .http_errors import invalid_target, malformed_request, method_not_allowed
from .request_limits import MAX_PATH_BYTES

__all__ = ["parse_target"]

_SUPPORTED_METHODS = ("GET", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS")
# A name, an IPv4 address or an IPv6 address in brackets, and a port. No user name: RFC 9110,
# section 4.2.4, tells recipients to reject it.
_ABSOLUTE = re.compile(
    r"https?://(?:\[[0-9a-f:.]+\]|[^\x00-\x20/?#@:\[\]\\]+)(?::[0-9]*)?(?P<path>/.*)?",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)


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
