"""Whom to trust: the roots by which a service's certificate is verified."""

from __future__ import annotations

import ssl
from typing import Mapping, Optional


def default_context(environ: Mapping[str, str]) -> ssl.SSLContext:
    """Return a context that verifies certificate and host name.

    Args:
        environ: `SSL_CERT_FILE` and `SSL_CERT_DIR` in it name roots in place of certifi's.
    """
    cafile, capath = environ.get("SSL_CERT_FILE"), environ.get("SSL_CERT_DIR")
    if not cafile and not capath:
        import certifi

        cafile = certifi.where()
    context = ssl.create_default_context(cafile=cafile or None, capath=capath or None)
    context.set_alpn_protocols(["http/1.1"])
    return context


def context_for(
    base_url: str, given: Optional[ssl.SSLContext], environ: Mapping[str, str]
) -> Optional[ssl.SSLContext]:
    """Return the context for connections to an address; None where it is not a TLS one."""
    if given is not None or not base_url.startswith("https:"):
        return given
    return default_context(environ)


def is_permanent(cause: BaseException) -> bool:
    """Return whether a connection failed since a certificate was refused: it would be again."""
    seen: Optional[BaseException] = cause
    while seen is not None and not isinstance(seen, ssl.SSLCertVerificationError):
        seen = seen.__cause__ or seen.__context__
    return seen is not None
