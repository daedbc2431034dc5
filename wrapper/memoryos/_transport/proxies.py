"""Which proxy requests to an address go through.

The SDK reads the environment itself: httpx rejects forms of NO_PROXY that other programs accept,
and loads what every named proxy needs even where none is used.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from typing import Dict, Mapping, Optional, Tuple
from urllib.parse import SplitResult, urlsplit

SYSTEM_SETTINGS = "the system's settings"

_MAX_LABEL_LENGTH = 63

SCHEMES = ("http", "https", "socks5", "socks5h")

_DEFAULT_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


class ProxyError(ValueError):
    """A proxy can't be used as it is configured."""


@dataclass(frozen=True)
class Proxy:
    """A proxy, and where it is configured.

    Attributes:
        url: Its URL, which may contain a password.
        address: Its URL without user and password.
        source: The environment variable that names it, or `SYSTEM_SETTINGS`.
    """

    url: str = field(repr=False)
    address: str
    source: str

    @property
    def host(self) -> str:
        """Its host, without brackets."""
        return _host(urlsplit(self.address))

    @property
    def port(self) -> int:
        """Its port."""
        return _port(urlsplit(self.address))

    @property
    def description(self) -> str:
        """The address and where it is configured, for messages."""
        return f"the proxy {self.address} of {self.source}"


def proxy_for(
    base_url: str, environ: Mapping[str, str], platform: str = sys.platform
) -> Optional[Proxy]:
    """Return the proxy for requests to an address; None if they are sent directly.

    Lower-case variables take precedence, and an empty one means none, as in Python's `urllib`. On
    macOS and Windows the system's settings apply if no variable is set.

    Args:
        base_url: The address.
        environ: The environment.
        platform: As `sys.platform`.

    Raises:
        ProxyError: The proxy's URL is invalid.
    """
    target = urlsplit(base_url)
    variables = _variables(environ)
    if variables:
        found = variables.get(target.scheme) or variables.get("all")
        if found is None or _is_exempt(target, variables.get("no", ("", ""))[1]):
            return None
        return _checked(*found)
    if platform not in ("darwin", "win32"):
        return None
    return _system_proxy(target)


def check_usable(proxy: Proxy) -> None:
    """Check that what a proxy needs is installed.

    Raises:
        ProxyError: It is not.
    """
    from importlib.util import find_spec

    if proxy.address.startswith("socks") and find_spec("socksio") is None:
        raise ProxyError(
            f"{proxy.source} names the SOCKS proxy {proxy.address}, which needs the package "
            "socksio; install it with: pip install 'httpx[socks]'"
        )


def _variables(environ: Mapping[str, str]) -> Dict[str, Tuple[str, str]]:
    """Return the name and value of the variable for each scheme, for `all` and for `no`."""
    found: Dict[str, Tuple[str, str]] = {}
    # Lower-case names come last, so that they replace others.
    for name in sorted(environ, key=lambda name: (name == name.lower(), name.isupper())):
        scheme = name.lower()[: -len("_proxy")]
        if not name.lower().endswith("_proxy") or scheme not in ("http", "https", "all", "no"):
            continue
        if scheme == "http" and name != "http_proxy" and "REQUEST_METHOD" in environ:
            continue  # in a CGI program, a client can set HTTP_PROXY by the header Proxy
        value = environ[name].strip()
        if value:
            found[scheme] = (name, value)
        elif name == name.lower():
            found.pop(scheme, None)
    return found


def _system_proxy(target: SplitResult) -> Optional[Proxy]:
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    url = proxies.get(target.scheme) or proxies.get("all")
    host = _host(target)
    if not url or proxy_bypass(f"[{host}]" if ":" in host else host):
        return None
    return _checked(SYSTEM_SETTINGS, url)


def _is_exempt(target: SplitResult, no_proxy: str) -> bool:
    if not no_proxy:
        return False
    from .no_proxy import is_exempt

    return is_exempt(_host(target), _port(target), target.scheme, no_proxy)


def _is_host(host: str) -> bool:
    if ":" in host:
        return True  # an IPv6 address, which `urlsplit` accepts in brackets only
    labels = host[:-1].split(".") if host.endswith(".") else host.split(".")
    is_too_long = any(not 0 < len(label) <= _MAX_LABEL_LENGTH for label in labels)
    return not is_too_long and not re.search(r"[<>\"\\^`{|}\[\]]", host)


def _host(target: SplitResult) -> str:
    return target.hostname or ""


def _port(target: SplitResult) -> int:
    return target.port or _DEFAULT_PORTS[target.scheme]


def _checked(source: str, value: str) -> Proxy:
    """Return the proxy of a setting.

    Raises:
        ProxyError: The URL is invalid. No part of it is shown that may be a password.
    """
    url = value if "://" in value else f"http://{value}"
    scheme = url.partition("://")[0].lower()
    if not re.fullmatch("[a-z][a-z0-9+.-]*", scheme):
        raise ProxyError(f"{source} is not the URL of a proxy, such as http://proxy:3128")
    if scheme not in SCHEMES:
        raise ProxyError(
            f"{source} names a proxy with the scheme {scheme}, which is not supported; use "
            f"{', '.join(SCHEMES[:-1])} or {SCHEMES[-1]}"
        )
    if re.search(r"[\x00-\x20\x7f]", url):
        raise ProxyError(f"{source} is not the URL of a proxy, such as http://proxy:3128")
    try:
        parts = urlsplit(url)
    except ValueError:  # such as an IPv6 address without the second bracket
        raise ProxyError(f"{source} is not the URL of a proxy, such as http://proxy:3128") from None
    host = _host(parts)
    after_host = url.partition("://")[2][len(parts.netloc) :]
    if "@" in after_host or ("@" in parts.netloc and not host):
        raise ProxyError(
            f"{source} is not the URL of a proxy; encode special characters of the user and the "
            "password, such as # as %23"
        )
    if not _is_host(host):
        raise ProxyError(f"{source} is not the URL of a proxy, such as http://proxy:3128")
    try:
        port = parts.port
    except ValueError:
        port = 0
    host = f"[{host}]" if ":" in host else host
    if port == 0:
        raise ProxyError(
            f"{source} names the proxy {scheme}://{host} with an invalid port; use a number from 1 "
            "to 65535"
        )
    address = f"{scheme}://{host}" + ("" if port is None else f":{port}")
    return Proxy(url, address, source)
