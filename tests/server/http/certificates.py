"""Certificates for the tests, as files."""

from __future__ import annotations

import ssl
from datetime import datetime, timedelta, timezone

import trustme

NOW = datetime.now(timezone.utc)
YEAR = timedelta(days=365)


class Authority:
    """Signs certificates, and makes contexts for clients that trust it."""

    def __init__(self, folder):
        self.folder = folder
        self._authority = trustme.CA()

    def client_context(self):
        context = ssl.create_default_context()
        self._authority.configure_trust(context)
        return context

    def issue(self, *names, name="server", not_before=NOW - YEAR, not_after=NOW + YEAR, **options):
        """Write a certificate and its key into one file each and into both; return the stem."""
        validity = {"not_before": not_before, "not_after": not_after}
        issued = self._authority.issue_cert(*names, **validity, **options)
        chain = b"".join(part.bytes() for part in issued.cert_chain_pems)
        stem = self.folder / name
        stem.with_suffix(".crt").write_bytes(chain)
        stem.with_suffix(".key").write_bytes(issued.private_key_pem.bytes())
        stem.with_suffix(".pem").write_bytes(issued.private_key_pem.bytes() + chain)
        return stem
