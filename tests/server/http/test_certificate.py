"""The certificate of a server: what can't be used is told in one line, without a prompt."""

from __future__ import annotations

import os
import ssl

import pytest
from cryptography.hazmat.primitives import serialization
from trustme import KeyType

from memoryos_server.http.certificate import Certificate, CertificateError

from .certificates import NOW, YEAR, Authority

pytestmark = pytest.mark.local_server


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


def reason(*files):
    with pytest.raises(CertificateError) as caught:
        Certificate(*map(str, files))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_key_and_chain_may_be_in_one_file_or_two(authority):
    stem = authority.issue("memory.example", "*.memory.example", "127.0.0.1", "::1")
    for files in [(".pem",), (".crt", ".key"), (".pem", ".key")]:
        certificate = Certificate(*(str(stem.with_suffix(suffix)) for suffix in files))
        assert certificate.dns_names == ("memory.example", "*.memory.example")
        assert certificate.addresses[0] == "127.0.0.1"
        assert abs(certificate.expires_at - (NOW + YEAR).timestamp()) < 2
        assert certificate.problem is None


def test_a_file_that_can_not_be_read_is_named(authority, tmp_path):
    stem = authority.issue("localhost")
    missing = tmp_path / "missing.pem"
    assert (
        reason(missing) == f"the TLS certificate {missing} can't be read: No such file or directory"
    )
    assert "Is a directory" in reason(tmp_path)
    assert f"the TLS private key {missing} can't be read" in reason(
        stem.with_suffix(".crt"), missing
    )
    assert "can't be read" in reason("a\0b")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read any file")
def test_a_file_without_permission_is_named(authority):
    key = authority.issue("localhost").with_suffix(".key")
    key.chmod(0)
    assert "Permission denied" in reason(key.with_suffix(".crt"), key)


def test_a_file_in_another_format_or_without_its_part_is_an_error(authority, tmp_path):
    stem = authority.issue("localhost")
    der = tmp_path / "server.der"
    der.write_bytes(ssl.PEM_cert_to_DER_cert(stem.with_suffix(".crt").read_text().split("\n\n")[0]))
    assert "must be in PEM format" in reason(der)
    assert "has no private key; name its file with --tls-key" in reason(stem.with_suffix(".crt"))
    assert "no line BEGIN PRIVATE KEY" in reason(stem.with_suffix(".crt"), stem.with_suffix(".crt"))
    broken = tmp_path / "broken.pem"
    broken.write_text(stem.with_suffix(".pem").read_text().replace("MII", "!!!"))
    assert "can't be used" in reason(broken)


def test_a_key_of_another_certificate_is_an_error(authority):
    stem = authority.issue("localhost")
    other = authority.issue("localhost", name="other")
    found = reason(stem.with_suffix(".crt"), other.with_suffix(".key"))
    assert "other.key doesn't belong to the first certificate in" in found


@pytest.mark.parametrize(("kind", "other"), [("RSA", "ECDSA"), ("ECDSA", "RSA")])
def test_a_key_of_another_kind_is_an_error(authority, kind, other):
    stem = authority.issue("localhost", key_type=KeyType[kind])
    key = authority.issue("localhost", name="other", key_type=KeyType[other]).with_suffix(".key")
    found = reason(stem.with_suffix(".crt"), key)
    assert "other.key doesn't belong to the first certificate in" in found


def test_a_certificate_without_a_host_is_used_and_told(authority):
    """Clients don't read the host from the subject."""
    stem = authority.issue(common_name="localhost")
    problem = Certificate(str(stem.with_suffix(".pem"))).problem
    assert problem.endswith("server.pem names no host as subjectAltName")


def test_an_encrypted_key_is_an_error_and_no_prompt(authority):
    stem = authority.issue("localhost")
    key = stem.with_suffix(".key")
    loaded = serialization.load_pem_private_key(key.read_bytes(), None)
    key.write_bytes(
        loaded.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    found = reason(stem.with_suffix(".crt"), key)
    assert f"{key} is encrypted with a password" in found
    assert "openssl pkey" in found


@pytest.mark.parametrize(
    ("validity", "problem"),
    [
        ({"not_before": NOW - 2 * YEAR, "not_after": NOW - YEAR}, "has expired on"),
        ({"not_before": NOW + YEAR, "not_after": NOW + 2 * YEAR}, "is valid from"),
    ],
)
def test_one_that_is_not_valid_now_is_used_and_told(authority, validity, problem):
    """The clock of this machine may be wrong, and no server at all would help nobody."""
    certificate = Certificate(str(authority.issue("localhost", **validity).with_suffix(".pem")))
    assert problem in certificate.problem
    assert certificate.context


def test_a_new_certificate_is_loaded_and_a_bad_one_is_not(authority):
    stem = authority.issue("old.example")
    certificate = Certificate(str(stem.with_suffix(".pem")))
    authority.issue("new.example")
    certificate.reload()
    context = certificate.context
    assert certificate.dns_names == ("new.example",)
    for spoil in (
        lambda: stem.with_suffix(".pem").write_text("nothing"),
        lambda: authority.issue("x.example", not_before=NOW - 2 * YEAR, not_after=NOW - YEAR),
        lambda: stem.with_suffix(".pem").unlink(),
    ):
        spoil()
        with pytest.raises(CertificateError):
            certificate.reload()
        assert (certificate.context, certificate.dns_names) == (context, ("new.example",))


def test_old_versions_of_tls_are_not_spoken(authority):
    certificate = Certificate(str(authority.issue("localhost").with_suffix(".pem")))
    assert certificate.context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert certificate.context.options & ssl.OP_NO_RENEGOTIATION
