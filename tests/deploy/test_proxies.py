"""The examples of nginx and Caddy, with a server behind them, and clients that try to pass them."""

from __future__ import annotations

import contextlib
import getpass
import http.client
import os
import shutil
import socket
import ssl
import subprocess
import time

import httpx
import pytest

from .conftest import PATIENCE_SECONDS
from .test_files import program
from .units import DEPLOY

SPOOFED = "203.0.113.66"
KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


class Proxy:
    """A running proxy.

    Attributes:
        client: Its HTTPS client.
        port: Its port.
        plain: The port without TLS.
        trusting: What trusts its certificate.
    """

    def __init__(self, client, port, plain, trusting):
        self.client, self.port, self.plain, self.trusting = client, port, plain, trusting


def nginx(folder, upstream):
    """Return a command for nginx, its two ports, and what trusts its certificate."""
    trustme = pytest.importorskip("trustme", reason="trustme is not installed")
    authority = trustme.CA()
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(
        folder / "both.pem"
    )
    plain, secure = free_port(), free_port()
    site = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    site = site.replace("127.0.0.1:8765", upstream).replace("memory.example.com;", "localhost;")
    site = site.replace("listen 80;", f"listen 127.0.0.1:{plain};")
    site = site.replace("listen 443 ssl;", f"listen 127.0.0.1:{secure} ssl;")
    lines = [line for line in site.splitlines() if "listen [::]" not in line]
    for number, line in enumerate(lines):
        if line.strip().startswith(("ssl_certificate ", "ssl_certificate_key ")):
            lines[number] = f"    {line.split()[0]} {folder / 'both.pem'};"
    paths = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = [f"{name}_temp_path {folder / name};" for name in paths]
    (folder / "nginx.conf").write_text(
        "\n".join(
            [
                f"daemon off; pid {folder / 'pid'}; error_log stderr; events {{}}",
                f"user {getpass.getuser()};" if os.geteuid() == 0 else "",
                "http { access_log off;",
                *temporary,
                *lines,
                "}",
            ]
        )
    )
    command = [program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    return command, plain, secure, lambda: trusting


def caddy(folder, upstream):
    """Return the same for Caddy, which makes its certificate itself."""
    plain, secure = free_port(), free_port()
    settings = f"local_certs\n\tskip_install_trust\n\tadmin off\n\thttp_port {plain}\n\t"
    site = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    site = site.replace("auto_https", f"{settings}auto_https")
    site = site.replace("{$MEMORY_OS_DOMAIN:memory.example.com}", f"https://localhost:{secure}")
    site = site.replace("{$MEMORY_OS_UPSTREAM:127.0.0.1:8765}", upstream)
    (folder / "Caddyfile").write_text(site)
    command = [program("caddy"), "run", "--adapter", "caddyfile", "--config"]
    root = folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    return (
        [*command, str(folder / "Caddyfile")],
        plain,
        secure,
        lambda: ssl.create_default_context(cafile=str(root)),
    )


@pytest.fixture(params=[nginx, caddy], ids=["nginx", "caddy"])
def proxy(request, start_service, tmp_path):
    """A proxy in front of the service, which trusts it."""
    if shutil.which("sh") is None:
        pytest.skip("the examples are for POSIX")
    folder = tmp_path / "proxy"
    folder.mkdir()
    service = start_service(MEMORY_OS_TRUSTED_PROXIES="127.0.0.1", MEMORY_OS_LOG="debug")
    command, plain, secure, trusting = request.param(folder, service.address.netloc)
    environment = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    environment.update(HOME=str(folder), XDG_DATA_HOME=str(folder), XDG_CONFIG_HOME=str(folder))
    with (folder / "log").open("w") as log, subprocess.Popen(
        command, env=environment, stderr=log, stdout=log
    ) as process:
        try:
            key = service.key_file.read_text(encoding="ascii").strip()
            wait_until_it_answers(process, secure, folder / "log", trusting)
            with httpx.Client(
                base_url=f"https://localhost:{secure}",
                verify=trusting(),
                headers={"Authorization": f"Bearer {key}"},
                trust_env=False,
            ) as client:
                yield Proxy(client, secure, plain, trusting()), service
        finally:
            process.terminate()


def wait_until_it_answers(process, port, log, trusting):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            plain = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            stack.enter_context(trusting().wrap_socket(plain, server_hostname="localhost"))
            return
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


def test_a_proxy_passes_requests_on_and_is_believed_about_the_client(proxy):
    """What a client says about its own address is not."""
    (proxy, service) = proxy
    for headers in ({}, {"X-Forwarded-For": SPOOFED, "Forwarded": f"for={SPOOFED}"}):
        made = proxy.client.post("/v1/memories", json={"content": "Ada"}, headers=headers)
        assert made.status_code == 200, made.text
        assert made.headers["X-Request-Id"]
    log = service.stop()
    assert log.count("POST /v1/memories 200") == 2
    assert log.count("client=127.0.0.1") >= 2
    assert SPOOFED not in log


@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "/metrics/",
        "/metrics?x",
        "/%6detrics",
        "//metrics",
        "/./metrics",
        "/v1/../metrics",
        "/v1/%2e%2e/metrics",
        "/METRICS",
        "/metrics;x",
        "/metrics%2f",
        "/metrics%20",
        "/%2fmetrics",
        "/x/..%2fmetrics",
        "/x/%2e%2e%2fmetrics",
        "/%2e/metrics",
        "/healthz/../metrics",
        "/metrics/%2e",
        "/%4detrics",
        "/\\metrics",
        "https://localhost/metrics",
    ],
)
def test_metrics_are_not_for_the_world(proxy, path):
    """However the path is written: they are for the operator's network."""
    (proxy, _) = proxy
    with contextlib.closing(
        http.client.HTTPSConnection("localhost", proxy.port, context=proxy.trusting)
    ) as connection:
        connection.putrequest("GET", path, skip_host=True)
        connection.putheader("Host", "localhost")
        connection.endheaders()
        answer = connection.getresponse()
        assert b"memoryos_requests" not in answer.read()
        assert answer.status in (400, 404)


def test_a_body_that_is_too_large_gets_the_error_of_the_server(proxy):
    """So that a client reads the limit in it."""
    (proxy, _) = proxy
    answer = proxy.client.post("/v1/memories", json={"content": "x" * 1_200_000})
    assert answer.status_code == 413
    assert "1048576" in answer.json()["error"]["message"]


def test_a_key_without_tls_is_not_helped_along(proxy):
    """There is no redirect that would hide that the key was sent in plain text."""
    (proxy, _) = proxy
    try:
        answer = httpx.get(f"http://127.0.0.1:{proxy.plain}/v1/memories", trust_env=False)
    except httpx.ConnectError:  # Caddy doesn't listen there
        return
    assert answer.status_code == 426
    assert "Location" not in answer.headers


def test_a_server_that_is_away_is_a_bad_gateway_at_once(proxy):
    """And is found again by itself, since the proxy asks it anew each time."""
    (proxy, service) = proxy
    service.stop()
    assert proxy.client.get("/v1/memories").status_code == 502
