"""Imports into a Memory OS: true reports, errors with the line, rejects that can be mended.

In process and over HTTP, with both clients.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from memoryos import APIConnectionError, MemoryOSError, NotFoundError, ValidationError
from memoryos.testing import MemoryServer, Sandbox

from ..export_files import exported

pytestmark = [pytest.mark.anyio, pytest.mark.local_server]

TOO_LONG = {"a": "x" * 70_000}  # metadata that only the service knows to be too long


def memory(number, **fields):
    time = f"2020-01-01T00:{number // 60:02}:{number % 60:02}Z"
    return {
        "id": f"00000000-0000-4000-9000-{number:012}",
        "content": f"content {number}",
        "created_at": time,
        **fields,
    }


def identifier(number):
    return memory(number)["id"]


class Place:
    """A Memory OS, and a client of it whose calls are awaited here."""

    def __init__(self, client, folder, *, is_async, is_admin=True):
        self.memories = client.memories
        self._folder = folder
        self._is_async = is_async
        self._without_dates = not is_admin

    async def done(self, call):
        return await call if self._is_async else call

    def file(self, *memories, name="file.jsonl"):
        """Write an export; the first memory is in line 2."""
        (self._folder / name).write_bytes(b"".join(exported(*memories)))
        return self._folder / name

    async def imported(self, path, **options):
        given = {"without_dates": self._without_dates, **options}
        return await self.done(self.memories.import_(path, **given))

    async def stored(self):
        """Return all memories, oldest first."""
        found = self.memories.iterate()
        return [item async for item in found][::-1] if self._is_async else list(found)[::-1]

    async def contents(self):
        return [item["content"] for item in await self.stored()]

    async def clear(self):
        for item in await self.stored():
            await self.done(self.memories.delete(item["id"]))


@pytest.fixture(params=["sync", "async", "http"])
async def place(request, tmp_path):
    with Sandbox(embedder="none") as sandbox:
        if request.param == "http":
            with MemoryServer(sandbox) as server, server.client() as client:
                yield Place(client, tmp_path, is_async=False, is_admin=False)
        elif request.param == "sync":
            yield Place(sandbox.client(), tmp_path, is_async=False)
        else:
            async with sandbox.async_client() as client:
                yield Place(client, tmp_path, is_async=True)


def counts(report):
    return report.created, report.updated, report.skipped, report.rejected


async def test_what_was_deleted_is_imported_again(place):
    """All of it, or one of it; the report counts what is there."""
    file = place.file(memory(3), memory(2), memory(1))
    for _ in range(2):
        assert counts(await place.imported(file)) == (3, 0, 0, 0)
        assert await place.contents() == ["content 1", "content 2", "content 3"]
        assert counts(await place.imported(file)) == (0, 0, 3, 0)
        await place.clear()
    await place.imported(file)
    await place.done(place.memories.delete((await place.stored())[1]["id"]))
    assert counts(await place.imported(file)) == (1, 0, 2, 0)
    assert sorted(await place.contents()) == ["content 1", "content 2", "content 3"]


async def test_duplicates_are_stored_each_time(place):
    file = place.file(memory(2), memory(1))
    for times in (1, 2, 3):
        assert counts(await place.imported(file, on_conflict="duplicate")) == (2, 0, 0, 0)
        assert len(await place.stored()) == 2 * times


async def test_a_conversation_keeps_its_order(place):
    """Also where the clock gave several lines one time; and after a second move."""
    time = "2020-01-01T00:00:00Z"
    lines = [memory(number, created_at=time, content_type="conversation") for number in range(30)]
    await place.imported(place.file(*reversed(lines)))
    expected = [f"content {number}" for number in range(30)]
    assert await place.contents() == expected
    await place.done(place.memories.export(place.file(name="second")))
    await place.clear()
    await place.imported(place.file().with_name("second"))
    assert await place.contents() == expected


@pytest.fixture
def _interrupted(place, monkeypatch):
    """Let the fourth creation be carried out, but its answer be lost."""
    session = place.memories._session
    send, sent = session.send, []

    async def send_async(call, policy, **options):
        result = await send(call, policy, **options)
        return count(call, result)

    def send_sync(call, policy, **options):
        return count(call, send(call, policy, **options))

    def count(call, result):
        sent.append(call.method)
        if call.method == "POST" and sent.count("POST") == 4:
            raise APIConnectionError("CONNECTION_ERROR", "the answer was lost", 503)
        return result

    monkeypatch.setattr(session, "send", send_async if place._is_async else send_sync)


@pytest.mark.usefixtures("_interrupted")
@pytest.mark.parametrize("fields", [{}, {"external_id": "one"}, {"metadata": {"tags": ["a"]}}])
async def test_twins_are_all_there_after_an_interruption(place, fields):
    """None is lost or doubled, and the error says what was done."""
    file = place.file(*[memory(number, content="twin", **fields) for number in range(6)])
    with pytest.raises(APIConnectionError) as raised:
        await place.imported(file)
    assert raised.value.details["created"] == 3
    assert raised.value.details["line"] == 5
    assert len(await place.stored()) == 4
    assert counts(await place.imported(file)) == (2, 0, 4, 0)
    assert len(await place.stored()) == 6


BAD = {
    "no content": {"content": None},
    "an empty content": {"content": ""},
    "a number as content": {"content": 5},
    "a surrogate": {"content": "a\ud800"},
    "a surrogate in a key": {"metadata": {"\udfff": 1}},
    "a list as metadata": {"metadata": ["a"]},
    "an infinity": {"metadata": {"a": float("inf")}},
    "NaN": {"importance_score": float("nan")},
    "a score of 7": {"importance_score": 7},
    "a list as tier": {"tier": ["long"]},
    "a number as external id": {"external_id": 5},
    "a tier for no URL": {"tier": "x" * 100_000},
    "a parent that is missing": {"parent_memory_id": identifier(77)},
    "a parent that is a list": {"parent_memory_id": ["a"]},
    "its own parent": {"parent_memory_id": identifier(2)},
    "no id": {"id": None},
    "a list as id": {"id": ["a"]},
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_a_bad_line_is_found_before_anything_is_stored(place, bad):
    """With its number; a dry run says the same, and `reject` imports the others."""
    await _is_found(place, bad)


@pytest.mark.off_contract(reason="values that a newer service may know")
@pytest.mark.parametrize(
    "bad", [{"tier": "archive"}, {"content_type": "video"}, {"memory_nature": "procedural"}]
)
async def test_a_value_that_this_service_does_not_know_is_found_first(place, bad):
    """The service is asked: it refuses to list memories by it."""
    await _is_found(place, bad)
    await place.imported(place.file(memory(1, external_id="x"), name="known"))
    changed = place.file(memory(5), memory(1, external_id="x", **bad), name="changed")
    if "content_type" not in bad:  # which can't be updated
        with pytest.raises(ValidationError, match="line 3: the service doesn't take"):
            await place.imported(changed, on_conflict="update")


async def _is_found(place, bad):
    file = place.file(memory(4), memory(3), memory(2, **bad), memory(1))
    for dry_run in (True, False):
        with pytest.raises(ValidationError, match=r"file\.jsonl: line 4: .* Nothing was") as raised:
            await place.imported(file, dry_run=dry_run)
        assert raised.value.details["line"] == 4
        assert raised.value.details["lines"] == [4]
        assert raised.value.details["created"] == 0
        assert await place.stored() == []
    for dry_run in (True, False):
        report = await place.imported(file, on_error="reject", dry_run=dry_run)
        assert counts(report) == (3, 0, 0, 1)
        assert [line.line for line in report.rejected_lines] == [4]
    assert await place.contents() == ["content 1", "content 3", "content 4"]


async def test_an_update_is_checked_as_well(place):
    """Before any other memory is stored or updated."""
    await place.imported(place.file(memory(2, external_id="b"), memory(1, external_id="a")))
    file = place.file(
        memory(3),
        memory(2, external_id="b", importance_score=7),
        memory(1, external_id="a", content="changed"),
    )
    with pytest.raises(ValidationError, match="line 3: importance_score"):
        await place.imported(file, on_conflict="update")
    assert await place.contents() == ["content 1", "content 2"]
    report = await place.imported(file, on_conflict="update", on_error="reject")
    assert counts(report) == (1, 1, 0, 1)


async def test_what_only_the_service_knows_ends_the_import_at_its_line(place):
    """What is stored stays and is reported; a second run goes on."""
    file = place.file(memory(4), memory(3), memory(2, metadata=TOO_LONG), memory(1))
    assert counts(await place.imported(file, dry_run=True)) == (4, 0, 0, 0)
    for created, skipped in ((1, 0), (0, 1)):
        with pytest.raises(ValidationError, match=r"file\.jsonl: line 4: body\.metadata") as raised:
            await place.imported(file)
        details = raised.value.details
        assert (details["line"], details["created"], details["skipped"]) == (4, created, skipped)
        assert raised.value.request_id
    assert await place.contents() == ["content 1"]
    report = await place.imported(file, on_error="reject")
    assert counts(report) == (2, 0, 1, 1)
    assert await place.contents() == ["content 1", "content 3", "content 4"]


async def test_a_body_that_is_too_large_ends_the_import_at_its_line(place):
    file = place.file(memory(3), memory(2, content="x" * 3_000_000), memory(1))
    with pytest.raises(ValidationError, match="line 3") as raised:
        await place.imported(file)
    assert (raised.value.status, raised.value.details["created"]) == (413, 1)


@pytest.mark.off_contract(reason="a tier that this service doesn't know")
async def test_a_file_of_rejects_is_imported_when_it_is_mended(place, tmp_path):
    """Its lines are those of the file, byte for byte; links to parents are kept."""
    file = place.file(
        memory(6, parent_memory_id=identifier(5)),
        memory(5, metadata=TOO_LONG, parent_memory_id=identifier(1)),
        memory(4, content=None, parent_memory_id=identifier(1)),
        memory(3),
        memory(2, tier="archive"),
        memory(1),
    )
    rejects = tmp_path / "rejects.jsonl"
    report = await place.imported(file, on_error="reject", rejects=rejects)
    assert counts(report) == (2, 0, 0, 4)
    assert [line.line for line in report.rejected_lines] == [2, 3, 4, 6]
    header, *lines = rejects.read_bytes().splitlines(keepends=True)
    original = file.read_bytes().splitlines(keepends=True)
    assert lines == [original[number - 1] for number in (2, 3, 4, 6)]
    assert json.loads(header)["checksums"] is False
    with pytest.raises(ValidationError, match=r"rejects\.jsonl: line 4"):
        await place.imported(rejects)
    mended = rejects.read_bytes().replace(b'"archive"', b'"long"').replace(b"null", b'"mended"')
    rejects.write_bytes(mended.replace(json.dumps(TOO_LONG, separators=(",", ":")).encode(), b"{}"))
    assert counts(await place.imported(rejects)) == (4, 0, 0, 0)
    assert counts(await place.imported(rejects)) == (0, 0, 4, 0)
    found = {item["content"]: item for item in await place.stored()}
    assert len(found) == 6
    assert found["content 6"]["parent_memory_id"] == found["content 5"]["id"]
    for child in ("content 5", "mended"):
        assert found[child]["parent_memory_id"] == found["content 1"]["id"]


async def test_a_file_of_rejects_that_was_rejected_again_keeps_its_parents(place, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    child = memory(2, content=None, parent_memory_id=identifier(1))
    await place.imported(place.file(child, memory(1)), on_error="reject", rejects=first)
    await place.imported(first, on_error="reject", rejects=second)
    assert second.read_bytes() == first.read_bytes()


@pytest.mark.parametrize("name", ["dry_run", "without_dates"])
@pytest.mark.parametrize("value", [None, 0, 1, "no"])
async def test_a_switch_is_true_or_false(place, name, value):
    """Otherwise `dry_run=None` would import, and `without_dates="no"` leave out the dates."""
    with pytest.raises(ValidationError, match=f"^{name} must be True or False"):
        await place.imported(place.file(memory(1)), **{name: value})
    assert await place.stored() == []


async def test_no_file_of_rejects_is_written_without_need(place, tmp_path):
    """Nor by a dry run; an older one stays as it is."""
    rejects = tmp_path / "rejects"
    bad = place.file(memory(2, content=None), memory(1), name="bad")
    await place.imported(bad, on_error="reject", rejects=rejects, dry_run=True)
    assert not rejects.exists()
    rejects.write_text("old")
    await place.imported(place.file(memory(1)), on_error="reject", rejects=rejects)
    assert rejects.read_text() == "old"
    await place.imported(bad, on_error="reject", rejects=str(rejects))
    assert rejects.read_bytes().count(b"\n") == 2
    assert {path.name for path in tmp_path.iterdir()} == {"bad", "file.jsonl", "rejects"}


async def test_a_file_of_rejects_that_cannot_be_written_is_an_error_first(place, tmp_path):
    with pytest.raises(FileNotFoundError):
        await place.imported(
            place.file(memory(1)), on_error="reject", rejects=tmp_path / "missing" / "file"
        )
    assert await place.stored() == []


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"on_error": "go on"}, "on_error"),
        ({"on_error": None}, "on_error"),
        ({"rejects": "file"}, "rejects"),
        ({"on_error": "stop", "rejects": "file"}, "rejects"),
        ({"on_error": "reject", "rejects": 5}, "rejects"),
        ({"on_error": "reject", "rejects": "a\0b"}, "rejects"),
        ({"on_error": "reject", "rejects": Path("SAME")}, "rejects"),
        ({"on_conflict": "merge"}, "on_conflict"),
    ],
)
async def test_options_that_mean_nothing_are_errors(place, options, argument):
    file = place.file(memory(1))
    if options.get("rejects") == Path("SAME"):
        options = {**options, "rejects": file.parent / "." / file.name}
    with pytest.raises(ValidationError) as raised:
        await place.imported(file, **options)
    assert raised.value.details["argument"] == argument
    assert await place.stored() == []


async def test_memories_that_exist_are_errors_with_their_lines(place):
    """In the order of the file, also if nothing else is wrong with it."""
    await place.imported(place.file(memory(1), memory(2), name="before"))
    file = place.file(memory(3), memory(2), memory(1))
    with pytest.raises(ValidationError, match=r"got 2 existing memories, .* in line 3") as e:
        await place.imported(file, on_conflict="error")
    assert e.value.details["line"] == 3
    assert e.value.details["lines"] == [3, 4]
    assert e.value.details["created"] == 0
    with pytest.raises(ValidationError, match=r"got 1 existing memory, such as .* in line 2"):
        await place.imported(place.file(memory(1)), on_conflict="error")


async def test_a_circle_of_parents_is_named_as_such(place):
    circle = [memory(1, parent_memory_id=identifier(2)), memory(2, parent_memory_id=identifier(1))]
    with pytest.raises(ValidationError, match=r"line [23]: .* line [23] can't be imported either"):
        await place.imported(place.file(*circle))
    report = await place.imported(place.file(*circle), on_error="reject")
    messages = [line.message for line in report.rejected_lines]
    assert any("parent_memory_id must not lead back to" in message for message in messages)
    assert await place.stored() == []


async def test_a_parent_in_the_account_is_found_in_upper_case(place):
    """`create` takes it, too."""
    parent = await place.done(place.memories.create("parent"))
    file = place.file(memory(1, parent_memory_id=parent["id"].upper()))
    assert (await place.imported(file)).created == 1
    stored = {item["content"]: item for item in await place.stored()}
    assert stored["content 1"]["parent_memory_id"] == parent["id"]
    assert (await place.imported(file)).created == 0


async def test_joined_exports_are_refused(place, tmp_path):
    """Whatever is done with errors."""
    joined = tmp_path / "joined"
    joined.write_bytes(place.file(memory(1)).read_bytes() + place.file(memory(2)).read_bytes())
    for on_error in ("stop", "reject"):
        with pytest.raises(ValidationError, match="import each export from a file of its own"):
            await place.imported(joined, on_error=on_error)
    assert await place.stored() == []


async def test_a_memory_that_is_deleted_before_its_update_is_created(place, monkeypatch):
    file = place.file(memory(2, external_id="b"), memory(1, external_id="a"))
    await place.imported(file)
    file = place.file(memory(1, external_id="a", content="changed"))
    session = place.memories._session
    call = session.call
    updated = []

    def deleting(operation, arguments):
        if operation.name == "update_memory" and not updated:
            updated.append(arguments["memory_id"])
            raise NotFoundError("NOT_FOUND", "deleted meanwhile", 404)
        return call(operation, arguments)

    monkeypatch.setattr(session, "call", deleting)
    assert counts(await place.imported(file, on_conflict="update")) == (1, 0, 0, 0)
    assert "changed" in await place.contents()


async def test_a_call_that_fails_names_what_was_done(place, monkeypatch):
    session = place.memories._session
    call = session.call

    def failing(operation, arguments):
        if arguments.get("content") == "content 2":
            raise MemoryOSError("FORBIDDEN", "no more", 403)
        return call(operation, arguments)

    monkeypatch.setattr(session, "call", failing)
    with pytest.raises(MemoryOSError, match="no more") as raised:
        await place.imported(place.file(memory(3), memory(2), memory(1)), on_error="reject")
    expected = {"line": 3, "memory_id": identifier(2), "created": 1, "updated": 0, "skipped": 0}
    assert raised.value.details == {**expected, "rejected": 0}
