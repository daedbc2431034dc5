"""The FastAPI example: what its routes do, on the fixtures of `memoryos.testing`."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from memoryos.testing import faults

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "examples" / "fastapi_app.py"
GUIDE = ROOT / "docs" / "guides" / "examples.md"
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


def shell_commands(text):
    """Return the note's text and the topic of the curl commands in a text."""
    note = re.search(r'--json \'(\{"text": "[^"]+"\})\'', text)[1]
    return json.loads(note)["text"], re.search(r"\?about=(\w+)", text)[1]


@pytest.mark.embedder
@pytest.mark.parametrize("page", [FILE, GUIDE], ids=lambda path: path.name)
def test_the_commands_of_the_introduction_find_their_note(http, memoryos_local, page):
    """With the default threshold, too, which people try next."""
    text, about = shell_commands(page.read_text(encoding="utf-8"))
    http.post(ADA, json={"text": text})
    assert [note["text"] for note in http.get(ADA, params={"about": about}).json()] == [text]
    found = memoryos_local.search(about, tags=["customer:ada"])
    assert [result["content"] for result in found["results"]] == [text]


@pytest.mark.embedder
def test_a_question_finds_a_related_note(http):
    """A search of one customer's few notes needs less similarity than one of everything."""
    text = "Is allergic to nuts"
    http.post(ADA, json={"text": text})
    http.post(ADA, json={"text": "Has a dog named Rex"})
    found = http.get(ADA, params={"about": "What can she not eat?"}).json()
    assert [note["text"] for note in found] == [text]


def test_without_a_key_it_uses_a_memory_os_of_its_own(application, monkeypatch, tmp_path):
    """So that it runs in a fresh clone."""
    monkeypatch.delenv("MEMORY_OS_API_KEY", raising=False)
    monkeypatch.setenv("MEMORY_OS_EMBEDDER", "none")
    for name in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    with TestClient(application.app) as http:
        assert http.post(ADA, json={"text": "Is allergic to peanuts"}).status_code == 201
    assert list(tmp_path.rglob("memories.db"))


def test_what_breaks_a_rule_is_refused(http):
    """By the application itself, or by the SDK."""
    assert http.post(ADA, json={"text": ""}).status_code == 422
    refused = http.post(ADA, json={"text": "\u200b"})
    assert (refused.status_code, refused.json()["error"]) == (400, "VALIDATION_ERROR")


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
    assert memoryos_server.calls.count("create_memory") == 2
    assert memoryos_local.memories.list()["meta"]["total"] == 1
