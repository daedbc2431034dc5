"""What is said where something goes wrong: one line, an exit status, and never the key."""

from __future__ import annotations

import httpcore
import httpx
import pytest

from memoryos import MemoryOS
from memoryos._cli import command_runner
from memoryos._sync.resources import MemoryOperations

from .answers import ID, error, item, page
from .conftest import KEY

STATUSES = {
    "an unknown key": (error(401, "UNAUTHORIZED", "Unknown key"), 1, "memoryos doctor"),
    "a missing scope": (error(403, "FORBIDDEN", "Missing scope: memories:read"), 1, "Missing"),
    "nothing there": (error(404, "NOT_FOUND", "There is no such memory"), 3, "NOT_FOUND"),
    "refused by the service": (error(422, "VALIDATION_ERROR", "Not so"), 1, "Not so"),
    "a long wait": (
        error(429, "RATE_LIMIT_EXCEEDED", "Slowly", **{"Retry-After": "120"}),
        1,
        "try again in 120 s",
    ),
}


@pytest.mark.parametrize(("answer", "status", "said"), STATUSES.values(), ids=STATUSES.keys())
def test_a_failed_call_is_one_helpful_line(api, run, answer, status, said):
    """With the exit status that is documented."""
    api.patch(f"/memories/{ID}").mock(return_value=answer)
    result = run("update", ID, "--tier", "long")
    assert (result.status, result.out) == (status, "")
    assert result.err.startswith("memoryos update: ")
    assert result.err.count("\n") == 1
    assert said in result.err
    assert KEY not in result.err


@pytest.mark.off_contract(reason="a page of HTML is no answer of the API")
def test_a_page_of_html_is_one_helpful_line(api, run):
    """Such as that of a hotel's network."""
    api.get(f"/memories/{ID}").mock(return_value=httpx.Response(200, html="<html>"))
    result = run("get", ID)
    assert (result.status, result.err.count("\n")) == (1, 1)
    assert "memoryos doctor" in result.err


def test_a_service_that_is_not_there_is_one_helpful_line(api, run, monkeypatch):
    """It says how to find out why."""
    monkeypatch.setattr(command_runner, "open_client", lambda *_, **__: MemoryOS(max_retries=0))
    api.get(f"/memories/{ID}").mock(side_effect=httpcore.ConnectError("refused"))
    result = run("get", ID)
    assert (result.status, result.err.count("\n")) == (1, 1)
    assert "memoryos doctor" in result.err


MISUSE = {
    "an unknown tier": ["list", "--tier", "forever"],
    "a fraction above 1": ["create", "--importance", "2", "x"],
    "a fraction with an underscore": ["create", "--importance", "0_0.5", "x"],
    "a fraction of full width": ["create", "--importance", "０.５", "x"],  # noqa: RUF001
    "a fraction that is not a number": ["create", "--importance", "nan", "x"],
    "an integer with an underscore": ["list", "--limit", "1_0"],
    "an integer of full width": ["list", "--limit", "１０"],  # noqa: RUF001
    "an integer with a blank": ["list", "--limit", " 10"],
    "an integer of too many digits": ["list", "--limit", "9" * 5000],
    "seconds that never end": ["list", "--timeout", "inf"],
    "seconds with an underscore": ["list", "--timeout", "1_0"],
    "a fraction that is none": ["list", "--min-relevance", "x"],
    "metadata that is no object": ["create", "--metadata", "[]", "x"],
    "a limit of 0": ["list", "--limit", "0"],
    "a limit above the API's": ["search", "--limit", "1000", "x"],
    "a time of 0": ["list", "--timeout", "0"],
    "an id that is none": ["get", "x"],
    "an empty content": ["create", ""],
    "nothing to change": ["update", ID],
    "--all with --offset": ["list", "--all", "--offset", "5"],
    "an alias for nobody": ["entities", "--alias", "x"],
    "an entity without a type": ["entities", "--create", "x"],
    "lines and content": ["create", "--lines", "x"],
    "a batch of one": ["create", "--batch", "b", "x"],
    "a bad address": ["list", "--base-url", "nowhere"],
    "a shortened option": ["list", "--off", "5"],
}


@pytest.mark.parametrize("arguments", MISUSE.values(), ids=MISUSE.keys())
def test_wrong_options_are_told_before_anything_is_sent(api, run, arguments):
    """With exit status 2, by the option's or the argument's name."""
    result = run(*arguments)
    assert (result.status, result.out) == (2, "")
    assert result.err.splitlines()[-1].startswith("memoryos")
    assert len(api.calls) == 0


def test_no_key_is_told_with_what_to_do(run):
    """The environment variable, or the Memory OS on this machine."""
    result = run("list")
    assert (result.status, result.err.count("\n")) == (2, 1)
    assert "MEMORY_OS_API_KEY" in result.err
    assert "--local" in result.err


def test_a_key_on_the_command_line_is_refused_and_not_repeated(run):
    """Nor a malformed one from the environment."""
    result = run("list", "--api-key", KEY)
    assert result.status == 2
    assert KEY not in result.err + result.out
    assert "MEMORY_OS_API_KEY" in result.err


def test_a_malformed_key_is_a_wrong_setting(run, monkeypatch):
    """It is told without being shown."""
    monkeypatch.setenv("MEMORY_OS_API_KEY", "sk-secret")
    result = run("list")
    assert result.status == 2
    assert "secret" not in result.err


def test_a_traceback_is_shown_to_who_asks_for_it(api, run):
    """And to nobody else."""
    api.get(f"/memories/{ID}").mock(return_value=error(401, "UNAUTHORIZED", "Unknown key"))
    assert "Traceback" in run("get", "--debug", ID).err
    result = run("get", ID)
    assert "Traceback" not in result.err
    assert KEY not in run("get", "--debug", ID).err


def test_a_fault_of_ours_is_called_one(api, run, monkeypatch):
    """A line as well, with the way to see more."""

    def fail(self, memory_id):
        raise KeyError("tier")

    monkeypatch.setattr(MemoryOperations, "get", fail)
    result = run("get", ID)
    assert (result.status, result.err.count("\n")) == (1, 1)
    assert "unexpected error" in result.err
    assert "--debug" in result.err


def test_an_interruption_has_its_own_status(api, run, monkeypatch):
    """130, as shells have it."""

    def interrupted(self, memory_id):
        raise KeyboardInterrupt

    monkeypatch.setattr(MemoryOperations, "get", interrupted)
    result = run("get", ID)
    assert (result.status, result.err) == (130, "memoryos get: interrupted\n")


def test_a_service_and_this_machine_exclude_each_other(run):
    """Neither is silently preferred."""
    result = run("list", "--local", "--base-url", "http://memory.test/v1")
    assert result.status == 2
    assert "--base-url" in result.err


def test_a_file_that_can_t_be_read_is_told_by_its_name(api, run, tmp_path):
    """As the system says it."""
    result = run("import", tmp_path / "nothing.jsonl")
    assert (result.status, result.err.count("\n")) == (1, 1)
    assert "nothing.jsonl" in result.err


def test_an_export_never_replaces_a_file_unasked(api, run, tmp_path):
    """`--force` does."""
    (tmp_path / "there").write_text("precious")
    result = run("export", tmp_path / "there")
    assert result.status == 2
    assert "--force" in result.err
    assert (tmp_path / "there").read_text() == "precious"


def test_a_damaged_file_is_not_imported(api, run, tmp_path):
    """The options are right, the file is not: status 1."""
    damaged = tmp_path / "damaged.jsonl"
    damaged.write_text("{}\n")
    result = run("import", damaged)
    assert (result.status, result.err.count("\n")) == (1, 1)
    assert "damaged.jsonl" in result.err


@pytest.mark.off_contract(reason="answers without what the contract requires")
@pytest.mark.parametrize("wrong", [{}, {"tier": 5}, {"created_at": 7}, {"content": None}])
@pytest.mark.parametrize(
    "command",
    [
        ("get", ID),
        ("list",),
        ("list", "--all"),
        ("search", "tea"),
        ("tags",),
        ("entities",),
        ("update", ID, "--tier", "long"),
        ("stats",),
    ],
    ids=" ".join,
)
def test_an_answer_without_its_fields_is_called_one(api, run, command, wrong):
    """As a page of another service is; never an error of ours."""
    answer = {"id": ID, **wrong}

    def respond(request):
        path = request.url.path
        if path.endswith("/search"):
            return item({"results": [answer], "search_type": "hybrid"})
        return item(answer) if ID in path else page(answer)

    api.route(url__regex=".*").mock(side_effect=respond)
    result = run(*command)
    assert result.status == 1
    assert "The response is not one of Memory OS: " in result.err
    assert "unexpected" not in result.err


@pytest.mark.off_contract(reason="answers without what the contract requires")
@pytest.mark.parametrize(
    ("command", "data"),
    [
        (("create", "-q", "tea"), {}),
        (("create", "tea"), {"id": ID}),
        (("create", "--lines", "-q"), {"id": 5}),
        (("context", "tea"), {"context": "tea"}),
        (("context", "tea"), {"context": "tea", "memories": 5, "token_count": 1}),
        (("search", "-q", "tea"), {"results": [5], "search_type": "text"}),
        (("search", "tea"), {}),
        (("search", "tea"), {"results": None, "search_type": "text"}),
        (("entities", "--create", "Ada", "--type", "person"), {"id": ID}),
    ],
)
def test_an_item_without_its_fields_is_called_one(api, run, command, data):
    """Whatever is printed of it."""
    api.post(url__regex=".*").respond(json={"data": data, "meta": {}})
    result = run(*command, stdin="tea\n")
    assert result.status == 1
    assert "The response is not one of Memory OS: " in result.err
    assert "unexpected" not in result.err


@pytest.mark.off_contract(reason="answers without what the contract requires")
@pytest.mark.parametrize("meta", [{}, {"total": None}, {"total": 1}, {"has_more": True}])
@pytest.mark.parametrize("command", [("list",), ("export",), ("stats",), ("tags",)])
def test_a_page_without_its_meta_is_called_one(api, run, tmp_path, command, meta):
    """The total, and whether there is more."""
    api.get(url__regex=".*").respond(json={"data": [{}], "meta": meta})
    path = (tmp_path / "file",) if command == ("export",) else ()
    result = run(*command, *path)
    assert result.status == 1
    assert "The response is not one of Memory OS: " in result.err
    assert "unexpected" not in result.err
