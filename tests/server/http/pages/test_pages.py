"""The endpoints that tell about the server: what they say, and what a browser may do with them."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from importlib.resources import files

import httpx
import openapi_spec_validator
import pytest

from memoryos_server.http.app import create_app
from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.http.pages import default_endpoints, version
from memoryos_server.service.warm_up import WarmUp
from tests.server.http.conftest import operations
from tests.server.http.sockets import error_of, parsed, request

PATHS = (
    "/", "/docs", "/openapi.json", "/admin/openapi.json", "/version", "/healthz", "/readyz"
)  # fmt: skip
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PATIENCE_SECONDS = 60


def client(service, **options):
    endpoints = default_endpoints(service, WarmUp(None), **options)
    app = create_app(Dispatcher(service), endpoints=endpoints)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


@pytest.mark.anyio
@pytest.mark.parametrize("path", PATHS)
async def test_each_answers_without_a_key_and_a_redirect(service, path):
    """HEAD like GET; with the path in an absolute target, a query, or a key too."""
    async with client(service) as http:
        got = await http.get(path)
        assert (got.status_code, got.headers["cache-control"]) == (200, "no-store")
        assert re.fullmatch("req_[0-9a-f]{16}", got.headers["x-request-id"])
        head = await http.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == got.headers["content-length"]
        assert (await http.options(path)).headers["allow"] == "GET, HEAD, OPTIONS"
        refused = await http.post(path)
        assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
        key = {"Authorization": "Bearer mos_test_wrong"}
        assert (await http.get(path + "?a=b", headers=key)).content == got.content


@pytest.mark.parametrize("path", PATHS)
def test_each_answers_a_target_that_is_a_whole_url(socket_server, path):
    """As clients send it that take the server for a proxy."""
    line = f"GET http://other.example{path} HTTP/1.1".encode()
    assert parsed(socket_server.exchange(request(line)))[0] == 200


@pytest.mark.parametrize("target", [b"http://x", b"http://x?a=b", b"HTTPS://x:1/"])
def test_a_url_without_a_path_is_the_index(socket_server, target):
    """RFC 9112, section 3.2.2."""
    status, _, body = parsed(socket_server.exchange(request(b"GET " + target + b" HTTP/1.1")))
    assert (status, json.loads(body)["name"]) == (200, "Memory OS")


@pytest.mark.parametrize(
    "path",
    ["/docs/", "//docs", "/Docs", "/%64ocs", "/docs%2F", "/./docs", "/v1/../docs", "/docs;x", "/x"],
)
def test_other_spellings_of_a_path_do_not_exist(socket_server, path):
    """A redirect would be one more thing for a proxy to get wrong."""
    answer = socket_server.exchange(request(f"GET {path} HTTP/1.1".encode()))
    assert error_of(answer) == (404, "NOT_FOUND")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("path", "base_path", "name"),
    [("/openapi.json", "/v1", "contract.json"), ("/admin/openapi.json", "/admin", "admin.json")],
)
async def test_the_contracts_are_served_as_this_server_has_them(service, path, base_path, name):
    """Their only server is this one, wherever it is reached."""
    async with client(service) as http:
        document = (await http.get(path)).json()
    assert document["servers"] == [{"url": base_path}]
    openapi_spec_validator.validate(document)
    text = files("memoryos_server.contract").joinpath(name).read_text(encoding="utf-8")
    assert {**json.loads(text), "servers": document["servers"]} == document


@pytest.mark.anyio
async def test_the_version_is_that_of_the_distribution(service, monkeypatch):
    async with client(service) as http:
        told = (await http.get("/version")).json()
    assert (told["name"], told["version"]) == ("memoryos", version.program_version())
    assert "filters" in told["features"]
    monkeypatch.setattr("importlib.metadata.version", _not_installed)
    assert version.program_version() == "unknown"
    # As of a distribution whose files are half removed.
    monkeypatch.setattr("importlib.metadata.version", lambda _name: None)
    assert version.program_version() == "unknown"


def _not_installed(name):
    from importlib.metadata import PackageNotFoundError

    raise PackageNotFoundError(name)


@pytest.mark.anyio
async def test_the_index_is_a_page_for_browsers_and_json_for_programs(service):
    """Both list what this server has."""
    async with client(service) as http:
        page = await http.get("/", headers=BROWSER)
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        for accepted in ("*/*", "application/json"):
            document = await http.get("/", headers={"Accept": accepted})
            assert document.headers["vary"] == page.headers["vary"] == "Accept"
            listed = document.json()["endpoints"]
        for path in re.findall('href="(/[^"]*)"', page.text):
            assert (await http.get(path)).status_code == 200
            assert path in listed
    assert {"/mcp", "/metrics"}.isdisjoint(listed)
    assert {"/v1", "/docs", "/readyz"} <= listed.keys()


@pytest.mark.anyio
async def test_the_index_lists_what_options_add(service):
    class Mcp:
        path, methods, needs_key = "/mcp", ("POST",), True

    async with client(service, more=[Mcp()]) as http:
        assert "/mcp" in (await http.get("/")).json()["endpoints"]
        assert "/mcp" in (await http.get("/", headers=BROWSER)).text


class Page(HTMLParser):
    """What a page consists of."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.links, self.loaded, self.code = [], [], [], [], []
        self._inside = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        assert not [name for name in given if name == "style" or name.startswith("on")]
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.links.append(given["href"])
        self.loaded += [given[name] for name in ("src", "srcset", "data") if name in given]
        self.loaded += [given["href"]] if tag == "link" else []
        self._inside = given.get("class") if tag == "pre" else None
        if self._inside:
            self.code.append((self._inside, ""))

    def handle_endtag(self, tag):
        self._inside = None if tag == "pre" else self._inside

    def handle_data(self, data):
        if self._inside:
            kind, text = self.code.pop()
            self.code.append((kind, text + data))


@pytest.fixture(scope="module")
def docs():
    text = files("memoryos_server.http.pages").joinpath("docs.html").read_text(encoding="utf-8")
    return Page(text)


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/", "/docs"])
async def test_a_page_uses_nothing_but_itself(service, path):
    """No script, nothing from elsewhere; the policy lets the browser use the page's style only."""
    async with client(service) as http:
        response = await http.get(path, headers=BROWSER)
    page = Page(response.text)
    assert page.loaded == ["data:,"]
    assert {"script", "iframe", "object", "form", "img"}.isdisjoint(page.tags)
    policy = response.headers["content-security-policy"]
    [style] = re.findall("<style>(.*?)</style>", response.text, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in policy
    assert response.headers["x-content-type-options"] == "nosniff"


def test_the_documentation_has_every_operation_and_schema(docs, document):
    """And each link leads somewhere."""
    text = files("memoryos_server.contract").joinpath("admin.json").read_text(encoding="utf-8")
    for contract, name in ((document, "v1"), (json.loads(text), "admin")):
        expected = {node["operationId"] for _, _, node in operations(contract)}
        expected |= {f"{name}-{schema.lower()}" for schema in contract["components"]["schemas"]}
        assert expected <= set(docs.ids)
    assert len(docs.ids) == len(set(docs.ids))
    internal = {link[1:] for link in docs.links if link.startswith("#")}
    assert internal <= set(docs.ids)
    assert {link for link in docs.links if link[0] != "#"} <= set(PATHS)


def test_the_documentation_has_the_names_of_headers(document):
    """A request has them, not the names of the arguments of Python."""
    page = files("memoryos_server.http.pages").joinpath("docs.html").read_text(encoding="utf-8")
    parameters = document["components"]["parameters"].values()
    headers = [each["name"] for each in parameters if each["in"] == "header"]
    assert headers
    assert all(f"header <code>{name}</code>" in page for name in headers)


class TestTheExamples:
    """They run as they are, against a server that answers with the contracts' examples."""

    @pytest.fixture
    def environment(self, socket_server):
        host, port = socket_server.address
        return {
            **os.environ,
            "MEMORY_OS_BASE_URL": f"http://{host}:{port}/v1",
            "MEMORY_OS_API_KEY": "mos_test_everything",
        }

    def test_in_python(self, docs, environment, service):
        code = "\n".join(text for kind, text in docs.code if kind == "python")
        self._run([sys.executable, "-c", code], environment)
        assert {name for name, *_ in service.calls} == self._operations(docs)

    @pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
    def test_with_curl(self, docs, environment, service):
        commands = [text for kind, text in docs.code if kind == "curl"]
        script = "\n".join(text.replace("curl ", "curl -fsS ", 1) for text in commands)
        self._run(["sh", "-ec", script], environment)
        assert {name for name, *_ in service.calls} == self._operations(docs)

    @staticmethod
    def _run(command, environment):
        outcome = subprocess.run(
            command,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
        assert outcome.returncode == 0, outcome.stderr

    @staticmethod
    def _operations(docs):
        return {name for name in docs.ids if "_" in name}
