"""Whom to trust: the roots by which a service's certificate is verified."""

from __future__ import annotations

import ssl
from typing import Mapping

import certifi


def default_context(environ: Mapping[str, str]) -> ssl.SSLContext:
    """Return a context that verifies certificate and host name.

    Args:
        environ: `SSL_CERT_FILE` and `SSL_CERT_DIR` in it name roots in place of certifi's.
    """
    cafile, capath = environ.get("SSL_CERT_FILE"), environ.get("SSL_CERT_DIR")
    if not cafile and not capath:
        cafile = certifi.where()
    context = ssl.create_default_context(cafile=cafile or None, capath=capath or None)
    context.set_alpn_protocols(["http/1.1"])
    return context
