"""Whom to trust: the roots by which a service's certificate is verified."""

from __future__ import annotations

import ssl
from typing import Mapping, Optional

# OpenSSL's codes (X509_V_ERR_…): self-signed, itself or in the chain; the issuer is not known; the
# first certificate can't be verified. And: another host name, another IP address.
_UNKNOWN_ISSUER = frozenset({18, 19, 20, 21})
_OTHER_HOST = frozenset({62, 64})


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


def certificate_error(cause: BaseException) -> Optional[ssl.SSLCertVerificationError]:
    """Return the refusal of a certificate that a failed connection goes back to, if it does."""
    seen: Optional[BaseException] = cause
    while seen is not None and not isinstance(seen, ssl.SSLCertVerificationError):
        seen = seen.__cause__ or seen.__context__
    return seen


def advice(refusal: ssl.SSLCertVerificationError) -> str:
    """Return what the caller can do about a refused certificate, to follow the reason."""
    if refusal.verify_code in _OTHER_HOST:
        return "; is base_url right?"
    if refusal.verify_code in _UNKNOWN_ISSUER:
        return (
            "; to trust an authority of your own, pass ssl_context=… or name its certificate in "
            "the environment variable SSL_CERT_FILE"
        )
    return ""
