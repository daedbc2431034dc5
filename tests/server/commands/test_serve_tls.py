"""`memoryos serve` with TLS and behind a proxy, as a process."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from memoryos import MemoryOS
from tests.server.http.certificates import NOW, YEAR, Authority

PATIENCE_SECONDS = 60
SERVE = [sys.executable, "-W", "error", "-m", "memoryos", "serve", "--port", "0"]
IN_MEMORY = ["--data", ":memory:", "--embedder", "none"]

pytestmark = pytest.mark.local_server


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@contextlib.contextmanager
def running(*options, log="debug", **popen):
    process = subprocess.Popen(
        [*SERVE, *IN_MEMORY, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "MEMORY_OS_LOG": log, "FORWARDED_ALLOW_IPS": "*"},
        **popen,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def facts(process):
    line = process.stdout.readline()
    assert line, process.stderr.read()
    told = json.loads(line)
    told["api_key"] = Path(told["api_key_file"]).read_text().strip()
    return told


def stop(process):
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, errors
    return errors


def failure(*options):
    result = subprocess.run(
        [*SERVE, *IN_MEMORY, *options],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_the_sdk_reaches_it_at_the_address_that_it_announces(authority):
    stem = authority.issue("localhost")
    files = [
        "--tls-cert",
        str(stem.with_suffix(".crt")),
        "--tls-key",
        str(stem.with_suffix(".key")),
    ]
    with running("--json", *files) as process:
        told = facts(process)
        assert told["base_url"].startswith("https://localhost:")
        with MemoryOS(
            base_url=told["base_url"],
            api_key=told["api_key"],
            ssl_context=authority.client_context(),
        ) as client:
            client.memories.create(content="Ada drinks her coffee black")
            assert len(client.memories.list()["data"]) == 1
        errors = stop(process)
    assert told["api_key"] not in errors


@pytest.mark.skipif(os.name != "posix", reason="this system has no SIGHUP")
def test_sighup_reads_the_certificate_anew_and_keeps_the_old_one_if_that_fails(authority):
    file = authority.issue("localhost").with_suffix(".pem")
    with running("--json", "--tls-cert", str(file)) as process:
        address = urlsplit(facts(process)["base_url"])

        def wait_for(text):
            line = ""
            while text not in line:
                line = process.stderr.readline()
                assert line

        def names():
            url = f"https://localhost:{address.port}/healthz"
            with httpx.Client(verify=authority.client_context()) as client, client.stream(
                "GET", url
            ) as response:
                stream = response.extensions["network_stream"]
                found = stream.get_extra_info("ssl_object").getpeercert()["subjectAltName"]
                return [name for _, name in found]

        authority.issue("localhost", "renewed.example")
        process.send_signal(signal.SIGHUP)
        wait_for("The TLS certificate was read anew")
        assert names() == ["localhost", "renewed.example"]
        file.write_text("nothing")
        process.send_signal(signal.SIGHUP)
        wait_for("The certificate in use stays: the TLS certificate")
        assert names() == ["localhost", "renewed.example"]
        stop(process)


@pytest.mark.skipif(os.name != "posix", reason="this system has no SIGHUP")
def test_sighup_without_tls_changes_nothing():
    """A unit of systemd may send it to any server, also while that logs a request."""
    with running("--json") as process:
        url = facts(process)["base_url"].replace("/v1", "/healthz")
        with httpx.Client(timeout=PATIENCE_SECONDS) as client:
            for _ in range(200):
                process.send_signal(signal.SIGHUP)
                assert client.get(url).status_code == 200
        assert "nothing to read anew" in stop(process)


@pytest.mark.skipif(os.name != "posix", reason="this system has no terminals")
def test_a_server_whose_terminal_is_closed_stops():
    """As any program does that a person started in it."""
    terminal, end = os.openpty()
    with running("--json", stdin=end, preexec_fn=take_terminal) as process:
        os.close(end)
        facts(process)
        os.close(terminal)
        _, errors = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 0, errors


def take_terminal():
    import fcntl
    import termios

    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def test_an_expired_certificate_is_told_at_the_start(authority):
    stem = authority.issue("localhost", not_before=NOW - 2 * YEAR, not_after=NOW - YEAR)
    with running("--json", "--tls-cert", str(stem.with_suffix(".pem"))) as process:
        url = facts(process)["base_url"].replace("/v1", "/healthz")
        with pytest.raises(httpx.ConnectError, match="certificate has expired"):
            httpx.get(url, verify=authority.client_context())
        assert f"{stem}.pem has expired on" in stop(process)


def test_a_certificate_that_can_not_be_used_is_told_in_one_line(tmp_path):
    missing = tmp_path / "missing.pem"
    assert f"the TLS certificate {missing} can't be read" in failure("--tls-cert", str(missing))
    assert "--tls-key needs --tls-cert" in failure("--tls-key", str(missing))


def test_other_machines_are_let_in_only_on_purpose_and_told_whether_it_is_encrypted(authority):
    tls = ["--tls-cert", str(authority.issue("memory.example").with_suffix(".pem"))]
    line = failure("--host", "0.0.0.0", *tls)
    assert "--allow-remote" in line
    assert "not encrypted" not in line
    assert "--tls-cert" in failure("--host", "0.0.0.0")
    with running("--host", "0.0.0.0", "--allow-remote", *tls, log="warning") as process:
        text = "".join(iter(process.stdout.readline, "Press Ctrl-C to stop.\n"))
        assert "export MEMORY_OS_BASE_URL=https://memory.example:" in text
        assert "Other machines can reach it.\n" in text
        assert "not encrypted" not in text
        assert stop(process) == ""


@pytest.mark.parametrize(
    ("options", "client"), [((), "127.0.0.1"), (("--trusted-proxies", "127.0.0.1"), "203.0.113.7")]
)
def test_the_log_has_the_address_that_a_trusted_proxy_forwards(options, client):
    """Nothing in the environment makes one trusted."""
    with running("--json", *options) as process:
        url = facts(process)["base_url"].replace("/v1", "/healthz")
        headers = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7"}
        assert httpx.get(url, headers=headers).status_code == 200
        (line,) = [line for line in stop(process).splitlines() if "/healthz" in line]
    assert re.search(rf" client={re.escape(client)}(:\d+)? ", line)


def test_proxies_that_are_no_addresses_are_a_usage_error():
    result = subprocess.run(
        [*SERVE, *IN_MEMORY, "--trusted-proxies", "127.0.0.1,proxy.example"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert result.returncode == 2
    assert "--trusted-proxies" in result.stderr
    assert "not proxy.example" in result.stderr
