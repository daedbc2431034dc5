"""The certificate of the server: read from files, checked, and read anew while the server runs."""

from __future__ import annotations

import re
import ssl
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Certificate", "CertificateError"]

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")

# OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which the module ssl doesn't name.
_NO_CHECK_TIME = ssl.VerifyFlags(0x200000)


class CertificateError(Exception):
    """A certificate can't be used; the message says why, in one line."""


class Certificate:
    """The certificate of the server and its private key.

    Args:
        chain_file: The certificate in PEM format, followed by the intermediate certificates.
        key_file: The private key in PEM format. Default: it is in `chain_file`.

    Raises:
        CertificateError: The files can't be used. An expired certificate can.
    """

    def __init__(self, chain_file: str, key_file: str | None = None) -> None:
        self._chain_file, self._key_file = chain_file, key_file
        self._loaded = _load(chain_file, key_file)

    @property
    def context(self) -> ssl.SSLContext:
        """The context for a new connection."""
        return self._loaded.context

    @property
    def dns_names(self) -> tuple[str, ...]:
        """The names of hosts that it is valid for, possibly with a wildcard."""
        return self._names("DNS")

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses that it is valid for."""
        return self._names("IP Address")

    @property
    def expires_at(self) -> float:
        """The time from which it is no longer valid, in seconds since 1970."""
        return self._loaded.seconds("notAfter")

    @property
    def problem(self) -> str | None:
        """The reason for which clients don't accept it at this time, or None."""
        return self._loaded.problem(self._chain_file)

    def reload(self) -> None:
        """Read the files anew, for new connections.

        Raises:
            CertificateError: They can't be used, or the certificate is not valid at this time. The
                one in use stays.
        """
        loaded = _load(self._chain_file, self._key_file)
        if problem := loaded.problem(self._chain_file):
            raise CertificateError(problem)
        self._loaded = loaded

    def _names(self, kind: str) -> tuple[str, ...]:
        alternatives = self._loaded.facts.get("subjectAltName", ())
        return tuple(name for kind_of_name, name in alternatives if kind_of_name == kind)


class _Loaded(NamedTuple):
    context: ssl.SSLContext
    facts: dict[str, Any]

    def seconds(self, name: str) -> float:
        return float(ssl.cert_time_to_seconds(self.facts[name]))

    def problem(self, file: str) -> str | None:
        if self.seconds("notAfter") <= time.time():
            return f"the TLS certificate {file} has expired on {self.facts['notAfter']}"
        if self.seconds("notBefore") > time.time():
            return f"the TLS certificate {file} is valid from {self.facts['notBefore']} only"
        if not self.facts.get("subjectAltName"):
            return f"the TLS certificate {file} names no host as subjectAltName"
        return None


def _load(chain_file: str, key_file: str | None) -> _Loaded:
    chain = _read(chain_file, "certificate")
    certificate = _CERTIFICATE.search(chain)
    if certificate is None:
        raise CertificateError(
            f"the TLS certificate {chain_file} has no line BEGIN CERTIFICATE; it must be in PEM "
            "format"
        )
    key = chain if key_file is None else _read(key_file, "private key")
    if not _PRIVATE_KEY.search(key):
        raise CertificateError(
            f"the TLS certificate {chain_file} has no private key; name its file with --tls-key"
            if key_file is None
            else f"the TLS private key {key_file} has no line BEGIN PRIVATE KEY; it must be in PEM "
            "format"
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    password = _Password(key_file or chain_file)
    try:
        context.load_cert_chain(chain_file, key_file, password)
        return _Loaded(context, _inspect(context, certificate[0]))
    except OSError as error:  # which ssl.SSLError is
        raise CertificateError(_explain(error, chain_file, key_file)) from error


class _Password:
    """Refuses to decrypt a private key: OpenSSL would ask for the password on the terminal."""

    def __init__(self, file: str) -> None:
        self._file = file

    def __call__(self) -> str:
        raise CertificateError(
            f"the TLS private key {self._file} is encrypted with a password; write it without one "
            f"with `openssl pkey -in {self._file} -out FILE`, in a file that only you can read"
        )


def _read(file: str, what: str) -> str:
    try:
        return Path(file).read_text(encoding="ascii", errors="replace")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or error
        raise CertificateError(f"the TLS {what} {file} can't be read: {reason}") from error


def _explain(error: OSError, chain_file: str, key_file: str | None) -> str:
    reason = getattr(error, "reason", None)
    if reason in ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED"):
        return (
            f"the private key in {key_file or chain_file} doesn't belong to the first certificate "
            f"in {chain_file}"
        )
    detail = getattr(error, "verify_message", None) or reason or error.strerror or error
    return f"the TLS certificate {chain_file} and its private key can't be used: {detail}"


def _inspect(context: ssl.SSLContext, certificate: str) -> dict[str, Any]:
    """Return the facts of a certificate that a client learns from a handshake in memory.

    Args:
        context: The context of the server.
        certificate: The server's own certificate, in PEM format, which the client trusts.
    """
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname = False
    trusting.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | _NO_CHECK_TIME
    trusting.load_verify_locations(cadata=certificate)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(to_client, to_server)
    server = context.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server, client):
        with suppress(ssl.SSLWantReadError):
            side.do_handshake()
    return dict(client.getpeercert() or {})
