"""Memories by the line: refusals among them, interruptions, and going on after one."""

from __future__ import annotations

import json
import threading

import pytest

from memoryos._cli import bulk_create

from .answers import ID, OTHER_ID, echo, error

LINES = "one\n\n  two  \nrefuse\r\nthree"


def contents(route):
    """Return what was stored, in no order: several are sent at once."""
    return sorted(json.loads(call.request.content)["content"] for call in route.calls)


def test_each_line_becomes_a_memory(api, run):
    """Blank ones are none; what a line says is kept, line ends are not."""
    route = api.post("/memories").mock(side_effect=echo)
    result = run("create", "--lines", "--tier", "long", "--tag", "t", stdin="one\n\n  two  \r\nzoë")
    assert (result.status, result.out) == (0, "3 memories stored\n")
    assert contents(route) == ["  two  ", "one", "zoë"]
    for call in route.calls:
        body = json.loads(call.request.content)
        assert (body["tier"], body["metadata"]) == ("long", {"tags": ["t"]})


def test_a_refused_line_is_told_by_its_number_and_the_rest_goes_on(api, run):
    """The status says that not all are stored."""
    api.post("/memories").mock(side_effect=echo)
    result = run("create", "--lines", stdin=LINES)
    assert (result.status, result.out) == (1, "3 memories stored, 1 line rejected\n")
    assert result.err == "line 4: content is not to be stored\n"


@pytest.mark.off_contract(reason="a hosted service may refuse a parent with 404")
@pytest.mark.parametrize(
    ("status", "code", "line"),
    [
        (413, "PAYLOAD_TOO_LARGE", {"content": "bad"}),
        (404, "NOT_FOUND", {"content": "bad", "parent_memory_id": ID}),
        (409, "CONFLICT", {"content": "bad"}),
        (422, "VALIDATION_ERROR", {"content": "bad"}),
    ],
)
def test_each_refusal_of_one_line_lets_the_rest_go_on(api, run, status, code, line):
    """Continuing with the same batch would end at the same line again."""

    def answer(request):
        is_bad = json.loads(request.content)["content"] == "bad"
        return error(status, code) if is_bad else echo(request)

    api.post("/memories").mock(side_effect=answer)
    lines = [{"content": "a"}, line, {"content": "b"}]
    result = run("create", "--jsonl", stdin="\n".join(map(json.dumps, lines)))
    assert (result.status, result.out) == (1, "2 memories stored, 1 line rejected\n")
    assert result.err.startswith("line 2: ")


def test_programs_get_what_was_stored_in_order(api, run):
    """As JSON Lines, or the ids."""
    api.post("/memories").mock(side_effect=echo)
    result = run("create", "--lines", "--json", stdin=LINES)
    assert [json.loads(line)["content"] for line in result.lines] == ["one", "  two  ", "three"]
    assert run("create", "--lines", "-q", stdin="a\nb").lines == [ID, ID]


def test_lines_may_be_json_objects(api, run):
    """With the arguments of `memories.create`, which win over the options."""
    route = api.post("/memories").mock(side_effect=echo)
    lines = '{"content": "a", "tier": "medium"}\n{"content": "b"}\n'
    assert run("create", "--jsonl", "--tier", "long", stdin=lines).status == 0
    assert {json.loads(call.request.content)["tier"] for call in route.calls} == {"medium", "long"}


def test_a_line_with_metadata_keeps_those_of_the_options(api, run):
    """A tag that names whose memory it is isn't lost because a line has other metadata."""
    route = api.post("/memories").mock(side_effect=echo)
    given = ["--tag", "user:ada", "--entity", ID, "--meta", "channel=web", "--meta", "n:=1"]
    lines = [
        {"content": "a", "metadata": {"n": 2}},
        {"content": "b", "metadata": {"tags": ["x", "user:ada"], "entities": [OTHER_ID]}},
        {"content": "c", "metadata": None},
    ]
    result = run("create", "--jsonl", *given, stdin="\n".join(map(json.dumps, lines)))
    assert (result.status, result.out) == (0, "3 memories stored\n")
    bodies = [json.loads(call.request.content) for call in route.calls]
    usual = {"channel": "web", "n": 1, "tags": ["user:ada"], "entities": [ID]}
    assert {body["content"]: body["metadata"] for body in bodies} == {
        "a": {**usual, "n": 2},
        "b": {**usual, "tags": ["user:ada", "x"], "entities": [ID, OTHER_ID]},
        "c": usual,
    }


@pytest.mark.parametrize(
    ("option", "content", "said"),
    [
        ("--jsonl", b'{"content": "a"}\n[]\n', "line 2 is not a JSON object"),
        ("--lines", b"a\n\xff\n", "line 2 is not UTF-8"),
    ],
)
def test_a_line_that_can_t_be_read_ends_it(api, run, option, content, said):
    """By its number, with exit status 2."""
    api.post("/memories").mock(side_effect=echo)
    result = run("create", option, "--concurrency", "1", stdin=content)
    assert result.status == 2
    assert said in result.err


def test_where_nothing_can_be_stored_the_rest_is_not_tried(api, run):
    """Five thousand lines are not refused one by one because the key has expired."""
    answers = [echo, echo]

    def expire(request):
        return answers.pop()(request) if answers else error(401, "UNAUTHORIZED", "Expired")

    route = api.post("/memories").mock(side_effect=expire)
    lines = "\n".join(map(str, range(50)))
    result = run("create", "--lines", "--concurrency", "1", "--batch", "b7", stdin=lines)
    assert result.status == 1
    assert "stopped after 2 memories" in result.err
    assert "--batch b7" in result.err
    assert route.call_count < 6


def test_an_interruption_says_how_to_go_on(api, run):
    """With the batch's name, also where none was given."""
    answers = [echo]

    def interrupted(request):
        if not answers:
            raise KeyboardInterrupt
        return answers.pop()(request)

    api.post("/memories").mock(side_effect=interrupted)
    result = run("create", "--lines", "--concurrency", "1", stdin="a\nb\nc")
    assert result.status == 130
    assert "stopped after 1 memory" in result.err
    assert "--batch " in result.err


def test_an_interruption_before_the_first_result_says_how_to_go_on(api, run, monkeypatch):
    """The service may have stored what was sent: without the name, it would be stored twice."""
    is_sent = threading.Event()

    def store(request):
        is_sent.set()
        return echo(request)

    def interrupted(defaults, *, as_json):
        yield 1, {"content": "a"}
        is_sent.wait(10)
        raise KeyboardInterrupt

    api.post("/memories").mock(side_effect=store)
    monkeypatch.setattr(bulk_create, "read_items", interrupted)
    result = run("create", "--lines", "--batch", "b7", stdin="a\n")
    assert result.status == 130
    assert "stopped after 0 memories; to continue" in result.err
    assert "--batch b7" in result.err


def test_a_bad_line_after_lines_that_were_sent_says_how_to_go_on(api, run):
    api.post("/memories").mock(side_effect=echo)
    result = run("create", "--jsonl", "--batch", "b7", stdin='{"content": "a"}\n[]\n')
    assert result.status == 2
    assert "--batch b7" in result.err
    assert "--batch" not in run("create", "--jsonl", stdin="[]\n").err


def test_the_same_batch_sends_the_same_keys(api, run):
    """So that what is stored already is not stored twice."""
    route = api.post("/memories").mock(side_effect=echo)

    def keys(batch):
        before = route.call_count
        run("create", "--lines", "--batch", batch, stdin="a\nb")
        calls = list(route.calls)[before:]
        return {call.request.headers["Idempotency-Key"] for call in calls}

    assert keys("x") == keys("x")
    assert not keys("x") & keys("y")
