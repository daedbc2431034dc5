"""`memoryos reembed`: what it says, asks and returns."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from memoryos._cli import confirmation
from memoryos._cli.main import main
from memoryos_server.text.token_counts import count_tokens

MODEL = "openai:text-embedding-3-small"
CONTENTS = [f"note {number} of Ada" for number in range(5)]
TOKENS = sum(count_tokens(content) for content in CONTENTS)


@pytest.fixture
def data(tmp_path, start, user_of):
    """A file with some memories."""
    path = tmp_path / "m.db"
    user = user_of(start(path))
    for content in CONTENTS:
        user.create(content, tier="long")
    return path


@pytest.fixture
def run(capsys):
    """Run the command in this process, and return its status, output and errors."""

    def run_reembed(*arguments):
        try:
            status = main(["reembed", *map(str, arguments)])
        except SystemExit as stop:
            status = stop.code
        return (status, *capsys.readouterr())

    return run_reembed


def filled_by(path):
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT value FROM settings WHERE name = 'embedder'").fetchall()
    return rows[0][0] if rows else None


def test_people_are_told_what_is_done_where_texts_go_and_what_it_costs(run, data, openai_service):
    status, out, errors = run("--data", data, "--embedder", "openai")
    assert (status, errors) == (0, "")
    assert out.splitlines() == [
        "5 memories, embedded by hashing-384",
        f"5 memories to embed with {MODEL}: about {TOKENS} tokens, for under $0.0001",
        f"Their texts are sent to {openai_service.environment['OPENAI_BASE_URL']}",
        "5 memories embedded",
        f"500 tokens embedded by {MODEL}, for under $0.0001",
        "From now on, serve them with --embedder=openai",
    ]
    assert filled_by(data) == "openai:text-embedding-3-small"
    assert sorted(openai_service.texts) == CONTENTS


def test_programs_are_told_in_json(run, data, openai_service):
    status, out, errors = run("--data", data, "--embedder", "openai", "--json")
    assert (status, errors) == (0, "")
    assert json.loads(out) == {
        "embedder_before": "hashing-384",
        "embedder": "openai:text-embedding-3-small",
        "memories": 5,
        "dry_run": False,
        "embedded": 5,
        "tokens": 500,
        "dollars": pytest.approx(500 * 0.02 / 1_000_000),
    }


def test_a_dry_run_counts_and_sends_nothing(run, data, openai_service):
    status, out, errors = run("--data", data, "--embedder", "openai", "--json", "--dry-run")
    assert (status, errors) == (0, "")
    told = json.loads(out)
    assert (told["dry_run"], told["to_embed"], told["tokens"]) == (True, 5, TOKENS)
    assert told["dollars"] == pytest.approx(TOKENS * 0.02 / 1_000_000)
    assert openai_service.texts == []
    assert filled_by(data) == "hashing-384"


def test_a_dry_run_for_people_says_the_same(run, data, openai_service):
    status, out, _ = run("--data", data, "--embedder", "openai", "--dry-run")
    assert status == 0
    assert out.splitlines()[1].endswith(f"about {TOKENS} tokens, for under $0.0001")


@pytest.mark.parametrize(("answer", "embedded"), [("y\n", 5), ("\n", 0), ("", 0), ("no\n", 0)])
def test_a_person_is_asked_before_texts_are_sent(
    run, data, openai_service, monkeypatch, answer, embedded
):
    """Only where one is there to answer; anything but yes is no."""
    monkeypatch.setattr(confirmation.sys, "stdin", _Terminal(answer))
    monkeypatch.setattr(confirmation.sys.stderr, "isatty", lambda: True, raising=False)
    status, _, errors = run("--data", data, "--embedder", "openai")
    assert "Go on? [y/N]" in errors
    assert (status, len(openai_service.texts)) == (0 if embedded else 1, embedded)


def test_nobody_is_asked_with_yes(run, data, openai_service, monkeypatch):
    monkeypatch.setattr(confirmation.sys, "stdin", _Terminal("no\n"))
    monkeypatch.setattr(confirmation.sys.stderr, "isatty", lambda: True, raising=False)
    status, _, errors = run("--data", data, "--embedder", "openai", "--yes")
    assert "Go on?" not in errors
    assert (status, len(openai_service.texts)) == (0, 5)


class _Terminal:
    def __init__(self, answer):
        self._answer = answer

    def isatty(self):
        return True

    def readline(self):
        return self._answer


def test_an_outage_is_one_line_and_says_how_to_go_on(run, data, openai_service, monkeypatch):
    """What was embedded is kept."""
    from memoryos_server.commands import reembed
    from memoryos_server.embedders.remote.timeouts_and_retries import RetryPolicy
    from memoryos_server.service import reembedding

    monkeypatch.setattr(reembed, "BATCH", RetryPolicy(5, 5, 0))
    monkeypatch.setattr(reembedding, "_BATCH_SIZE", 2)
    openai_service.fails_after = 2
    status, _, errors = run("--data", data, "--embedder", "openai")
    assert status == 1
    assert errors.splitlines() == [
        "stopped after 4 memories; the same command continues from there",
        "memoryos reembed: The embedder openai:text-embedding-3-small returned HTTP 500",
    ]
    openai_service.fails_after = None
    openai_service.texts.clear()
    assert run("--data", data, "--embedder", "openai")[0] == 0
    assert openai_service.texts == ["note 4 of Ada"]


def test_ctrl_c_says_how_to_go_on(run, data, openai_service, monkeypatch):
    """Status 130; the rest is done by the same command."""
    from memoryos_server.embedders.remote.openai import OpenAIEmbedder
    from memoryos_server.service import reembedding

    monkeypatch.setattr(reembedding, "_BATCH_SIZE", 2)
    embed = OpenAIEmbedder.embed

    def interrupted(embedder, texts):
        if len(openai_service.texts) == 4:
            raise KeyboardInterrupt
        return embed(embedder, texts)

    with monkeypatch.context() as patch:
        patch.setattr(OpenAIEmbedder, "embed", interrupted)
        status, _, errors = run("--data", data, "--embedder", "openai")
    assert (status, errors.splitlines()) == (
        130,
        [
            "stopped after 4 memories; the same command continues from there",
            "memoryos reembed: interrupted",
        ],
    )
    status, out, _ = run("--data", data, "--embedder", "openai", "--json")
    assert json.loads(out)["embedded"] == 1


def test_to_none_and_to_what_it_has_already(run, data):
    assert run("--data", data, "--embedder", "hashing")[1].splitlines()[-1] == "0 memories embedded"
    status, out, _ = run("--data", data, "--embedder", "none")
    assert (status, filled_by(data)) == (0, None)
    assert "All vectors are dropped; search is by words" in out


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        ((), 2, "--embedder"),
        (("--embedder", "gpt"), 2, "must be auto, minilm, multilingual, openai, ollama:MODEL"),
        (("--embedder", "auto"), 2, "name the one to use, not auto"),
        (("--embedder", "openai"), 2, "set the environment variable OPENAI_API_KEY"),
        (("--embedder", "python:not_there:embed"), 2, "can't be imported"),
        (("--embedder", "none", "--data", "not_there.db"), 2, "there is no file"),
        (("--embedder", "none", "--data", ":memory:"), 2, "name a file"),
        (("--embedder", "none", "--store", "mysql://x"), 2, "must begin with postgresql://"),
    ],
)
def test_what_can_not_be_is_refused_in_a_line(run, data, arguments, status, sentence):
    given = arguments if "--data" in arguments else (*arguments, "--data", data)
    given = arguments if "--store" in arguments else given
    found, out, errors = run(*given)
    assert (found, out) == (status, "")
    assert sentence in errors
    assert filled_by(data) == "hashing-384"


def test_a_function_of_the_present_folder_is_found_by_the_installed_command(tmp_path, data):
    """A script of Python looks for modules beside itself only."""
    tmp_path.joinpath("mine.py").write_text(
        "from memoryos_server.embedders.hashing_embedder import HashingEmbedder\n"
        "def embed(texts):\n    return HashingEmbedder(16).embed(texts)\n",
        encoding="utf-8",
    )
    program = "import sys; sys.path.pop(0); from memoryos._cli.main import main; sys.exit(main())"
    arguments = ["--data", str(data), "--embedder", "python:mine:embed"]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, "reembed", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert filled_by(data) == "python:mine:embed"


@pytest.mark.both_stores
def test_it_changes_files_and_databases(run, start, user_of, place, store):
    """By --data and by --store."""
    service = start(place)
    user_of(service).create("Ada likes tea", tier="long")
    where = ("--store", place) if store == "postgres" else ("--data", place)
    status, out, errors = run(*where, "--embedder", "none", "--json")
    assert (status, errors) == (0, "")
    assert json.loads(out)["embedder_before"] == "hashing-384"
    status, out, errors = run(*where, "--embedder", "hashing", "--json")
    assert json.loads(out)["embedded"] == 1
