"""`memoryos serve` with an embedder that is another service: what it says, and its outages."""

from __future__ import annotations

from contextlib import closing

import pytest

from .served import Served, refusal, serving

SENDING = "memoryos serve: The texts of memories and queries are sent to"


def started(data):
    return Served(data, embedder="openai").wait_until_ready()


def test_it_says_where_texts_go_and_at_the_end_what_they_cost(tmp_path, openai_service):
    """Programs read standard output; people read the rest."""
    server = started(tmp_path / "m.db")
    with closing(server.client()) as client:
        client.done("POST", "/memories", {"content": "Ada likes tea", "tier": "long"})
        (found,) = client.done("POST", "/search", {"query": "Ada likes tea"})["results"]
    assert found["content"] == "Ada likes tea"
    first, last = server.stop().splitlines()
    assert first == f"{SENDING} {openai_service.environment['OPENAI_BASE_URL']} to be embedded."
    assert last.startswith("memoryos serve: 200 tokens embedded by openai:text-embedding-3-small")
    assert last.endswith(", for under $0.0001")
    assert sorted(openai_service.texts) == ["Ada likes tea", "warm-up"]


def test_an_outage_is_a_503_and_over_when_it_is_over(tmp_path, openai_service):
    """Nothing is stored of what failed; what needs no embedder goes on."""
    server = started(tmp_path / "m.db")
    with closing(server.client()) as client:
        client.done("POST", "/memories", {"content": "before", "tier": "long"})
        openai_service.fails_after = 0
        body = {"content": "during", "tier": "long"}
        status, answer = client.call("POST", "/memories", body, Idempotency_Key="k")
        assert (status, answer["error"]["code"]) == (503, "UNAVAILABLE")
        message = "The embedder openai:text-embedding-3-small returned HTTP 500"
        assert answer["error"]["message"] == message
        assert client.call("POST", "/search", {"query": "another"})[0] == 503
        assert [item["content"] for item in client.done("GET", "/memories")] == ["before"]
        openai_service.fails_after = None
        assert client.call("POST", "/memories", body, Idempotency_Key="k")[0] in (200, 201)
        assert len(client.done("GET", "/memories")) == 2
    server.stop()


def test_a_wrong_key_is_told_when_it_starts(tmp_path, openai_service):
    """Before the first caller meets it; and it serves what needs no embedder."""
    openai_service.refuses = True
    server = started(tmp_path / "m.db")
    with closing(server.client()) as client:
        assert client.done("GET", "/memories") == []
    _, told = server.stop().splitlines()
    assert told.endswith("returned HTTP 401 (invalid_api_key): check OPENAI_API_KEY")


def test_without_a_key_it_does_not_start(tmp_path, monkeypatch):
    server = Served(tmp_path / "m.db", embedder="openai")
    out, errors = server.process.communicate(timeout=60)
    assert (server.process.returncode, out, errors.count("\n")) == (1, "", 1)
    assert "set the environment variable OPENAI_API_KEY" in errors


def test_the_environment_chooses_the_embedder(tmp_path, monkeypatch):
    """For every command, where no option does; a name that means nothing is an error."""
    monkeypatch.setenv("MEMORY_OS_EMBEDDER", "none")
    program = ("-c", "import sys; from memoryos._cli.main import main; main(sys.argv[1:-2])")
    server = Served(tmp_path / "m.db", program=(*program, "serve")).wait_until_ready()
    with closing(server.client()) as client:
        assert client.done("POST", "/search", {"query": "Ada"})["search_type"] == "text"
    server.kill()


def test_a_server_that_runs_refuses_once_another_embedder_has_taken_over(tmp_path, openai_service):
    """It says what happened, and one that is started with the new embedder finds everything."""
    from memoryos._cli.main import main

    data = tmp_path / "m.db"
    with serving(data, embedder="hashing") as server, closing(server.client()) as client:
        client.done("POST", "/memories", {"content": "Ada likes tea", "tier": "long"})
        assert main(["reembed", "--data", str(data), "--embedder", "openai"]) == 0
        for method, path, body in (
            ("POST", "/search", {"query": "Ada"}),
            ("POST", "/memories", {"content": "Bo"}),
        ):
            status, answer = client.call(method, path, body)
            assert status == 500
            assert "was filled by the embedder openai" in answer["error"]["message"]
    assert "memoryos reembed" in refusal(data)
    server = started(data)
    with closing(server.client()) as client:
        found = client.done("POST", "/search", {"query": "Ada likes tea"})["results"]
        assert [item["content"] for item in found] == ["Ada likes tea"]
    server.stop()


@pytest.mark.parametrize("options", [("--embedder", "openai:x"), ("--embedder", "ollama:")])
def test_a_name_that_means_nothing_is_a_usage_error(tmp_path, options):
    server = Served(tmp_path / "m.db", *options)
    _, errors = server.process.communicate(timeout=60)
    assert server.process.returncode == 2
    assert "minilm, multilingual, openai, ollama:MODEL, python:MODULE:NAME" in errors
