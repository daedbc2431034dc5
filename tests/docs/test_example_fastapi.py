"""The FastAPI example: what its routes do, on the fixtures of `memoryos.testing`."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from memoryos.testing import faults

FILE = Path(__file__).resolve().parents[2] / "examples" / "fastapi_app.py"
ADA = "/customers/ada/notes"


@pytest.fixture
def application():
    """The example, imported as a server would."""
    spec = importlib.util.spec_from_file_location("fastapi_app", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def http(application, memoryos_server):
    """A client of the running application, which makes its own of Memory OS."""
    with TestClient(application.app) as http:
        yield http


@pytest.mark.embedder
def test_a_note_is_found_for_its_customer_alone(http, memoryos_local):
    """By what it means, and never for somebody else."""
    text = "Prefers to be called in the morning, on +44 20 7946 0958"
    made = http.post(ADA, json={"text": text, "lasting": True})
    assert made.status_code == 201
    assert made.json()["personal_data"] == ["phone"]
    http.post("/customers/grace/notes", json={"text": "Prefers to be called at night"})

    about = {"about": "When would she like a phone call?"}
    assert [note["text"] for note in http.get(ADA, params=about).json()] == [text]
    assert http.get("/customers/nobody/notes", params=about).json() == []

    kept = memoryos_local.memories.get(made.json()["id"])
    assert (kept["tier"], kept["metadata"]) == ("long", {"tags": ["customer:ada"]})


@pytest.mark.off_contract(reason="a tag that is too long for the local Memory OS")
def test_what_breaks_a_rule_is_refused(http):
    """By the application itself, or by Memory OS."""
    assert http.post(ADA, json={"text": ""}).status_code == 422
    refused = http.post(f"/customers/{'a' * 5000}/notes", json={"text": "Has a long name"})
    assert (refused.status_code, refused.json()["error"]) == (400, "VALIDATION_ERROR")
    assert refused.json()["request_id"].startswith("req_")


@pytest.mark.off_contract(reason="the server answers with faults")
@pytest.mark.parametrize(
    ("failure", "status", "code", "comes_back_in"),
    [
        ({"status": 429, "retry_after": 1.5}, 429, "RATE_LIMIT_EXCEEDED", "2"),
        ({"status": 503}, 503, "UNAVAILABLE", None),
        ({"fault": faults.HTML_200}, 502, "INVALID_RESPONSE", None),
    ],
    ids=["limited", "unavailable", "not the service"],
)
def test_an_outage_is_an_error_with_its_own_status(
    http, memoryos_server, memoryos_waits, failure, status, code, comes_back_in
):
    """Never an empty list; a limit tells when to come back, in whole seconds."""
    memoryos_server.fail_always(**failure)
    answer = http.get(ADA, params={"about": "calls"})
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert answer.headers.get("Retry-After") == comes_back_in
    assert set(memoryos_server.calls) == {"search_memories"}


@pytest.mark.off_contract(reason="an answer is lost")
def test_a_note_is_kept_once_however_often_it_is_sent(
    http, memoryos_server, memoryos_local, memoryos_waits
):
    """The answer to the first attempt is lost, and nobody notices."""
    memoryos_server.drop_after_commit()
    assert http.post(ADA, json={"text": "Prefers tea"}).status_code == 201
    assert memoryos_server.calls == ["create_memory"] * 2
    assert memoryos_local.memories.list()["meta"]["total"] == 1
