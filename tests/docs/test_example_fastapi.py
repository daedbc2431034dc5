"""The FastAPI example: what its routes do, over HTTP, on a Memory OS that is served for it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from memoryos import AsyncMemoryOS
from memoryos.testing import FaultProxy, faults

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
def http(application, account):
    """A client of the running application."""
    with TestClient(application.app) as http:
        yield http


@pytest.mark.embedder
def test_a_note_is_found_for_its_customer_alone(http, memory):
    """By what it means, and never for somebody else."""
    text = "Prefers to be called in the morning, on +44 20 7946 0958"
    made = http.post(ADA, json={"text": text, "lasting": True})
    assert made.status_code == 201
    assert made.json()["personal_data"] == ["phone"]
    http.post("/customers/grace/notes", json={"text": "Prefers to be called at night"})

    about = {"about": "When would she like a phone call?"}
    assert [note["text"] for note in http.get(ADA, params=about).json()] == [text]
    assert http.get("/customers/nobody/notes", params=about).json() == []

    kept = memory.memories.get(made.json()["id"])
    assert (kept["tier"], kept["metadata"]) == ("long", {"tags": ["customer:ada"]})


def test_what_breaks_a_rule_is_refused(http):
    """By the application itself, or by Memory OS."""
    assert http.post(ADA, json={"text": ""}).status_code == 422
    refused = http.post(f"/customers/{'a' * 5000}/notes", json={"text": "Has a long name"})
    assert (refused.status_code, refused.json()["error"]) == (400, "VALIDATION_ERROR")
    assert refused.json()["request_id"].startswith("req_")


def failing(application, fault):
    """Return the application's answer to a search while Memory OS answers with a fault."""
    with FaultProxy() as proxy:
        proxy.fail_always(fault)
        settings = {"base_url": proxy.base_url, "max_retries": 0}
        with TestClient(application.app) as http:
            http.app.state.memory = AsyncMemoryOS("mos_test_key", **settings)
            answer = http.get(ADA, params={"about": "calls"})
            http.portal.call(http.app.state.memory.close)
    return answer


@pytest.mark.off_contract(reason="the proxy answers with faults")
@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (faults.status(429, retry_after="1.5"), 429, "FAULT_429"),
        (faults.status(503), 503, "FAULT_503"),
        (faults.HTML_200, 502, "INVALID_RESPONSE"),
    ],
    ids=str,
)
def test_an_outage_is_an_error_with_its_own_status(application, account, fault, status, code):
    """Never an empty list; a limit tells when to come back, in whole seconds."""
    answer = failing(application, fault)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert answer.headers.get("Retry-After") == ("2" if status == 429 else None)
