"""`memoryos serve` with limits and with an embedder of one's choice, as a process."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import httpx
import pytest

from memoryos import AuthenticationError, MemoryOS, RateLimitError
from memoryos_server.service.operations import open_service

from .served import Served, refusal, serving


def usage_error(*options):
    """Run a start with an option that can't be read; return what it says."""
    result = subprocess.run(
        [sys.executable, "-m", "memoryos", "serve", *options],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stdout) == (2, "")
    return result.stderr


def test_each_key_is_held_to_its_rate(tmp_path):
    """The third request in a minute is told to come back; another key is not."""
    with serving(tmp_path / "m.db", "--rate-limit", "2/min") as server:
        with closing(server.client()) as client:
            statuses = [client.call("GET", "/tags")[0] for _ in range(4)]
            assert statuses == [200, 200, 429, 429]
        with MemoryOS(server.api_key, f"http://{server.address}/v1", max_retries=0) as sdk:
            with pytest.raises(RateLimitError) as refused:
                sdk.tags.list()
            assert refused.value.code == "RATE_LIMIT_EXCEEDED"
            assert 1 <= refused.value.retry_after <= 30
        command = [sys.executable, "-m", "memoryos", "keys", "create", "--json", "--data"]
        made = subprocess.run([*command, str(server.data)], capture_output=True, check=True)
        server.api_key = json.loads(made.stdout)["api_key"]
        with closing(server.client()) as client:
            client.done("GET", "/tags")


def test_a_revoked_key_is_refused_by_the_next_request(tmp_path):
    """The server runs on, and so do its other keys."""
    with serving(tmp_path / "m.db") as server, closing(server.client()) as client:
        client.done("GET", "/tags")
        command = [sys.executable, "-m", "memoryos", "keys"]
        data = ["--data", str(server.data), "--json"]
        listed = subprocess.run([*command, "list", *data], capture_output=True, check=True)
        (served,) = json.loads(listed.stdout)
        subprocess.run([*command, "revoke", served["id"], *data], capture_output=True, check=True)
        status, envelope = client.call("GET", "/tags")
        assert (status, envelope["error"]["code"]) == (401, "UNAUTHORIZED")


def test_keys_made_over_http_hold_in_every_server_at_once(tmp_path):
    """One server makes them, another one takes them until the first one revokes them."""
    with serving(tmp_path / "m.db") as one, serving(tmp_path / "m.db") as two:
        with closing(open_service(one.data, embedder=None)) as service:
            admin = service.create_key(scopes=["admin", "memories:read"], scope={"user": "ada"})
        url = f"http://{one.address}/admin/keys"
        headers = {"Authorization": f"Bearer {admin}"}
        body = {"scopes": ["memories:read"], "name": "reader"}
        made = httpx.post(url, json=body, headers=headers).json()["data"]
        assert made["tags"] == {"user": "ada"}
        listed = httpx.get(f"http://{two.address}/admin/keys", headers=headers).json()
        assert [key["name"] for key in listed["data"]] == [None, "reader"]
        with MemoryOS(made["api_key"], f"http://{two.address}/v1", max_retries=0) as sdk:
            assert sdk.tags.list()["data"] == []
            revoked = httpx.delete(f"{url}/{made['id']}", headers=headers).json()["data"]
            assert revoked["state"] == "revoked"
            with pytest.raises(AuthenticationError):
                sdk.tags.list()


def test_wrong_keys_are_checked_so_often_and_no_more(tmp_path):
    """The key in use goes on, and so do requests that need none."""
    with serving(tmp_path / "m.db", "--failed-auth-limit", "5/h") as server:
        base_url = f"http://{server.address}"
        with closing(server.client()) as client:
            client.done("GET", "/tags")
            headers = {"Authorization": "Bearer mos_test_guess"}
            for status in (401,) * 5 + (429,) * 3:
                refused = httpx.get(f"{base_url}/v1/tags", headers=headers)
                assert refused.status_code == status
            assert 1 <= int(refused.headers["retry-after"]) <= 720
            client.done("GET", "/tags")
            assert httpx.get(f"{base_url}/healthz").status_code == 200
        server.api_key = "mos_test_guess"
        with closing(server.client()) as client:
            assert client.call("POST", "/memories", {"content": "x"})[0] == 429


def test_the_size_of_a_body_can_be_set(tmp_path):
    """One byte decides."""
    body = {"content": "x" * 100, "tier": "long"}
    size = len(json.dumps(body))
    for limit, status in ((size, 200), (size - 1, 413)):
        options = ("--max-body-bytes", str(limit))
        with serving(tmp_path / "m.db", *options) as server, closing(server.client()) as client:
            assert client.call("POST", "/memories", body)[0] == status


def test_past_the_bound_of_requests_under_way_there_are_503s_and_no_fall(tmp_path):
    """Forty writers where four may be under way: each gets a success or a 503."""
    with serving(tmp_path / "m.db", "--max-requests", "4") as server:

        def create(number):
            with closing(server.client()) as client:
                body = {"content": f"memory {number}", "tier": "long"}
                return [client.call("POST", "/memories", body) for _ in range(10)]

        with ThreadPoolExecutor(40) as threads:
            answers = [answer for some in threads.map(create, range(40)) for answer in some]
        statuses = [status for status, _ in answers]
        assert set(statuses) == {200, 503}
        refused = next(envelope for status, envelope in answers if status == 503)
        assert refused["error"]["code"] == "UNAVAILABLE"
        with closing(server.client()) as client:
            total = client.call("GET", "/memories")[1]["meta"]["total"]
        assert total == statuses.count(200)


def test_the_sdk_gets_its_calls_through_a_busy_server(tmp_path):
    """It waits as long as told, and tries again."""
    with serving(tmp_path / "m.db", "--max-requests", "2") as server, MemoryOS(
        server.api_key, f"http://{server.address}/v1", max_retries=50
    ) as sdk:
        with ThreadPoolExecutor(8) as threads:
            made = list(threads.map(lambda n: sdk.memories.create(f"m {n}"), range(40)))
        assert len({memory["id"] for memory in made}) == 40
        assert sdk.memories.list()["meta"]["total"] == 40


FEW_FILES = """
import resource, sys
from memoryos._cli.main import main
resource.setrlimit(resource.RLIMIT_NOFILE, (100, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
sys.exit(main(["serve", *sys.argv[1:]]))
"""


@pytest.mark.skipif(os.name != "posix", reason="this system does not limit open files")
def test_many_idle_connections_keep_nobody_out(tmp_path):
    """More than the soft limit on open files would allow; and not a word on standard error."""
    with serving(tmp_path / "m.db", program=("-c", FEW_FILES)) as server:
        host, _, port = server.address.partition(":")
        with ExitStack() as stack:
            for _ in range(200):
                stack.enter_context(socket.create_connection((host, int(port))))
            with closing(server.client()) as client:
                client.done("POST", "/memories", {"content": "Ada", "tier": "long"})
        assert server.stop() == ""


@pytest.mark.parametrize(
    "options",
    [
        ("--rate-limit", "fast"),
        ("--rate-limit", "0/s"),
        ("--max-requests", "0"),
        ("--max-body-bytes", "-1"),
        ("--embedder", "gpt"),
    ],
)
def test_a_limit_that_is_none_is_a_usage_error(options):
    """Exit status 2, and the option is named."""
    assert options[0] in usage_error(*options)


def test_the_embedder_can_be_chosen(tmp_path):
    """By words, or by equal words; the answer to a search says which."""
    for embedder, search_type in (("none", "text"), ("hashing", "semantic")):
        data = tmp_path / f"{embedder}.db"
        with serving(data, embedder=embedder) as server, closing(server.client()) as client:
            found = client.done("POST", "/search", {"query": "Ada"})
            assert found["search_type"] == search_type


def test_a_file_stays_with_the_embedder_that_filled_it(tmp_path):
    """Another is refused at the start, with both names and no new key; none may search by words."""
    data = tmp_path / "m.db"
    with serving(data, embedder="hashing") as server, closing(server.client()) as client:
        client.done("POST", "/memories", {"content": "Ada", "tier": "long"})
    other = Served(data, embedder="minilm")
    out, line = other.process.communicate(timeout=60)
    assert (other.process.returncode, out, line.count("\n")) == (1, "", 1)
    if "is not installed" not in line:
        assert "hashing-384" in line
        assert "minilm" in line.lower()
    with serving(data, embedder="none") as server, closing(server.client()) as client:
        (found,) = client.done("POST", "/search", {"query": "Ada", "threshold": 0})["results"]
        assert found["content"] == "Ada"
        new = client.done("POST", "/memories", {"content": "Bo", "tier": "long"})
    with serving(data, embedder="hashing") as server, closing(server.client()) as client:
        (found,) = client.done("POST", "/search", {"query": "Bo", "threshold": 0.9})["results"]
        assert found["id"] == new["id"]


def test_a_data_file_that_is_a_folder_is_refused_in_one_line(tmp_path):
    """Whatever the embedder."""
    assert str(tmp_path) in refusal(tmp_path)
