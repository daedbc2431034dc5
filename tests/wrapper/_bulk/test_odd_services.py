"""Bulk work against services that break the contract: an end, and an error that says why."""

from __future__ import annotations

import itertools
import json

import httpx
import pytest

from memoryos import InvalidResponseError, MemoryOSError, ValidationError

from .. import contract_answers as answers

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.off_contract(reason="pages and items that break the contract"),
]


def memory(number, **fields):
    memory_id = f"00000000-0000-4000-8000-{number:012}"
    return {**answers.memory(content=f"memory {number}"), "id": memory_id, **fields}


def page(*items, **meta):
    body = {"data": items, "meta": {"total": 1, "limit": 1, "offset": 0, "has_more": False, **meta}}
    return httpx.Response(
        200, content=json.dumps(body).replace("Infinity", "1e999").encode("ascii")
    )


async def walked(api):
    """Return what `iterate` yields."""
    results = api.client().memories.iterate()
    if api.is_async:
        return [item async for item in results]
    return list(results)


async def exported(api, file):
    return await api.done(api.client().memories.export(file))


async def imported(api, file, **options):
    given = {"without_dates": True, **options}  # these services take none
    return await api.done(api.client().memories.import_(file, **given))


WAYS = ["iterate", "export", "import_"]


async def use(api, way, tmp_path):
    if way == "iterate":
        await walked(api)
    elif way == "export":
        await exported(api, tmp_path / "new")
    else:
        await imported(api, tmp_path / "file")


@pytest.fixture
def _file(api, tmp_path):
    """A file to import."""
    from memoryos._bulk.export_file import ExportWriter

    writer = ExportWriter()
    lines = [writer.header({}), writer.memory(memory(1)), writer.footer()]
    (tmp_path / "file").write_bytes(b"".join(lines))


@pytest.mark.usefixtures("_file")
@pytest.mark.parametrize("way", WAYS)
async def test_a_service_that_ignores_the_offset_is_not_asked_for_ever(api, way, tmp_path):
    """Ten requests at most, and no file."""
    route = api.router.get("/memories").mock(
        side_effect=lambda request: page(*map(memory, range(100)), has_more=True)
    )
    with pytest.raises(InvalidResponseError, match="nothing new"):
        await use(api, way, tmp_path)
    assert route.call_count <= 10
    assert not (tmp_path / "new").exists()


@pytest.mark.usefixtures("_file")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "body",
    [
        {"data": [1], "meta": {"has_more": False}},
        {"data": [None], "meta": {"has_more": False}},
        {"data": [{}], "meta": {"has_more": False}},
        {"data": [{"id": ["a"]}], "meta": {"has_more": False}},
        {"data": [{"id": 5}], "meta": {"has_more": False}},
        {"data": [], "meta": {}},
        {"data": [], "meta": {"has_more": "no"}},
        {"data": []},
        {"data": {}, "meta": {"has_more": False}},
        {"data": None, "meta": {"has_more": False}},
    ],
    ids=json.dumps,
)
async def test_a_page_of_other_types_is_an_invalid_response(api, way, body, tmp_path):
    api.router.get("/memories").respond(json=body)
    with pytest.raises(InvalidResponseError, match="is not one of Memory OS: "):
        await use(api, way, tmp_path)


@pytest.mark.parametrize("resource", ["memories", "tags", "entities"])
async def test_a_list_with_items_that_are_no_objects_is_an_invalid_response(api, resource):
    api.router.get(f"/{resource}").respond(json={"data": [{}, [1]], "meta": {"has_more": False}})
    with pytest.raises(InvalidResponseError, match="items that are not objects") as raised:
        await api.done(getattr(api.client(), resource).list())
    assert raised.value.path == f"/{resource}"


async def test_one_odd_memory_does_not_keep_the_others_from_moving(api, tmp_path):
    """Exported as it is; what the API takes is imported, and the report names the rest."""
    odd = [
        memory(1, content="a\ud83d"),
        memory(2, metadata={"n": float("inf")}),
        memory(3),
        memory(4, metadata={"\ud800": "\udfff"}),
        memory(5),
    ]
    listed = api.router.get("/memories").mock(return_value=page(*odd))
    assert await exported(api, tmp_path / "file") == 5
    stored = []

    def store(request):
        stored.append(json.loads(request.content)["content"])
        return httpx.Response(200, json=answers.success(memory(100 + len(stored))))

    listed.mock(return_value=page())
    api.router.post("/memories").mock(side_effect=store)
    for dry_run in (True, False):
        seen = []
        with pytest.raises(ValidationError, match=r"line 2: .*; lines 3, 5 can't") as raised:
            await imported(api, tmp_path / "file", dry_run=dry_run)
        odd_ids = [memory(number)["id"] for number in (1, 2, 4)]
        assert raised.value.details["memory_ids"] == odd_ids
        assert stored == []
        report = await imported(
            api,
            tmp_path / "file",
            on_error="reject",
            dry_run=dry_run,
            on_progress=lambda done, total, seen=seen: seen.append((done, total)),
        )
        assert (report.created, report.rejected) == (2, 3)
        assert [line.memory_id for line in report.rejected_lines] == odd_ids
        assert [line.line for line in report.rejected_lines] == [2, 3, 5]
        assert seen == [(4, 5), (5, 5)]
        assert sorted(stored) == ([] if dry_run else ["memory 3", "memory 5"])


@pytest.mark.parametrize(
    "odd", [{"content": None}, {"content": ["a"]}, {"external_id": 5}, {"external_id": ["a"]}]
)
async def test_a_memory_of_other_types_does_not_keep_the_others_from_moving(api, odd, tmp_path):
    """It is exported, and an import rejects it."""
    listed = api.router.get("/memories").mock(return_value=page(memory(1, **odd), memory(2)))
    assert await exported(api, tmp_path / "file") == 2
    listed.mock(return_value=page(memory(3, content=None)))
    stored = api.router.post("/memories").respond(json=answers.success(memory(100)))
    for dry_run in (True, False):
        report = await imported(api, tmp_path / "file", on_error="reject", dry_run=dry_run)
        assert [line.memory_id for line in report.rejected_lines] == [memory(1)["id"]]
        assert (report.created, report.rejected) == (1, 1)
        assert stored.call_count == (0 if dry_run else 1)
    listed.mock(return_value=page(memory(1, **odd), memory(2)))
    for on_conflict in ("skip", "update"):
        assert (await imported(api, tmp_path / "file", on_conflict=on_conflict)).skipped == 2


async def test_a_memory_that_the_service_rejects_does_not_keep_the_others_from_moving(
    api, tmp_path
):
    """Such as the child of a memory that the service rejects, or that the API can't take."""
    lost = memory(1, content=None)
    items = [
        memory(4),
        memory(3, parent_memory_id=memory(5)["id"]),
        memory(5, content="rejected"),
        memory(2, parent_memory_id=lost["id"]),
        lost,
    ]
    listed = api.router.get("/memories").mock(return_value=page(*items))
    await exported(api, tmp_path / "file")
    listed.mock(return_value=page())

    def store(request):
        if json.loads(request.content)["content"] == "rejected":
            return httpx.Response(400, json=answers.failure("VALIDATION_ERROR", "not this one"))
        return httpx.Response(200, json=answers.success(memory(100)))

    stored = api.router.post("/memories").mock(side_effect=store)
    report = await imported(api, tmp_path / "file", on_error="reject")
    problems = {line.memory_id: line.message for line in report.rejected_lines}
    assert [memory_id[-1] for memory_id in problems] == ["3", "5", "2", "1"]
    assert problems[memory(3)["id"]] == "its parent, in line 4, can't be imported"
    assert problems[memory(5)["id"]] == "not this one"
    assert stored.call_count == 2


async def test_a_memory_that_is_too_large_does_not_keep_the_others_from_moving(api, tmp_path):
    """As where the service that exported it has another limit."""
    listed = api.router.get("/memories").mock(return_value=page(*map(memory, range(3))))
    await exported(api, tmp_path / "file")
    listed.mock(return_value=page())

    def store(request):
        if json.loads(request.content)["content"] == "memory 1":
            return httpx.Response(413, json=answers.failure("PAYLOAD_TOO_LARGE", "too large"))
        return httpx.Response(200, json=answers.success(memory(100)))

    stored = api.router.post("/memories").mock(side_effect=store)
    report = await imported(api, tmp_path / "file", on_error="reject")
    assert [line.memory_id for line in report.rejected_lines] == [memory(1)["id"]]
    assert report.rejected_lines[0].message == "too large"
    assert stored.call_count == 3


async def test_an_account_with_odd_memories_is_compared_with_the_file(api, tmp_path):
    """Nothing is stored twice."""
    odd = [memory(1, content="a\ud83d", metadata={"n": float("inf")}), memory(2)]
    api.router.get("/memories").mock(return_value=page(*odd))
    await exported(api, tmp_path / "file")
    report = await imported(api, tmp_path / "file")
    assert (report.created, report.updated, report.skipped) == (0, 0, 2)


@pytest.mark.usefixtures("_file")
async def test_a_stored_memory_without_an_id_ends_an_import(api, tmp_path):
    api.router.get("/memories").mock(return_value=page())
    api.router.post("/memories").respond(json={"data": {"content": "a"}})
    with pytest.raises(InvalidResponseError, match="the stored memory has no id"):
        await imported(api, tmp_path / "file")


@pytest.mark.parametrize("data", [None, [], "a", 5])
async def test_a_result_that_is_no_object_is_an_error_of_its_item(api, data):
    """The others go on."""
    numbers = itertools.count()

    def answer(request):
        if json.loads(request.content)["content"] == "b":
            return httpx.Response(200, json={"data": data})
        return httpx.Response(200, json=answers.success(memory(next(numbers))))

    api.router.post("/memories").mock(side_effect=answer)
    results = api.client().memories.create_many(list("abc"), batch="\ud800")
    results = [one async for one in results] if api.is_async else list(results)
    assert [result.ok for result in results] == [True, False, True]
    assert isinstance(results[1].error, InvalidResponseError)


NEWER = [{"tier": "archive"}, {"content_type": "video"}, {"memory_nature": "procedural"}]


@pytest.mark.parametrize("newer", NEWER)
async def test_a_value_of_a_newer_service_is_imported_where_it_is_known(api, newer, tmp_path):
    """The SDK doesn't refuse it. It asks once whether memories can be listed by it."""
    new = [memory(1, **newer), memory(2, **newer)]
    listed = api.router.get("/memories").mock(return_value=page(*new))
    assert await exported(api, tmp_path / "file") == 2
    listed.mock(return_value=page())
    stored = api.router.post("/memories").respond(json=answers.success(memory(100)))
    ((name, value),) = newer.items()
    for dry_run in (True, False):
        before = len(listed.calls)
        report = await imported(api, tmp_path / "file", dry_run=dry_run)
        assert (report.created, report.rejected) == (2, 0)
        questions = [call.request.url.params.get(name) for call in list(listed.calls)[before:]]
        assert questions.count(value) == 1
    assert [json.loads(call.request.content)[name] for call in stored.calls] == [value] * 2
    listed.mock(return_value=page(memory(1), memory(2)))
    if name != "content_type":  # which can't be updated
        api.router.patch(url__regex=".*").respond(json=answers.success(memory(1)))
        report = await imported(api, tmp_path / "file", on_conflict="update")
        assert report.updated == 2


async def test_a_value_that_a_service_lists_and_does_not_store_ends_an_import_there(api, tmp_path):
    """With the number of the line; the service is asked for few values of many."""
    new = [memory(number, tier=f"new-{number}") for number in range(50)]
    listed = api.router.get("/memories").mock(return_value=page(*new))
    await exported(api, tmp_path / "file")
    listed.mock(return_value=page())

    def store(request):
        if json.loads(request.content)["tier"] == "new-40":
            return httpx.Response(400, json=answers.failure("VALIDATION_ERROR", "unknown tier"))
        return httpx.Response(200, json=answers.success(memory(100)))

    api.router.post("/memories").mock(side_effect=store)
    with pytest.raises(ValidationError, match=r"file: line 42: unknown tier\. ") as raised:
        await imported(api, tmp_path / "file")
    assert (raised.value.details["line"], raised.value.details["created"]) == (42, 9)
    assert listed.call_count < 30


@pytest.mark.parametrize(
    ("status", "code"), [(400, "VALIDATION_ERROR"), (422, "UNPROCESSABLE"), (409, "CONFLICT")]
)
async def test_each_refusal_of_one_memory_is_one_of_its_line(api, status, code, tmp_path):
    listed = api.router.get("/memories").mock(return_value=page(memory(2), memory(1)))
    await exported(api, tmp_path / "file")
    listed.mock(return_value=page())
    refusal = httpx.Response(status, json=answers.failure(code, "not this one"))
    api.router.post("/memories").mock(
        side_effect=lambda request: (
            refusal
            if b"memory 1" in request.content
            else httpx.Response(200, json=answers.success(memory(100)))
        )
    )
    with pytest.raises(ValidationError, match="not this one") as raised:
        await imported(api, tmp_path / "file")
    assert raised.value.status == status
    report = await imported(api, tmp_path / "file", on_error="reject")
    assert (report.created, report.rejected) == (1, 1)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refusal_of_the_key_ends_an_import(api, status, tmp_path):
    """Whatever is done with errors: it would concern the other lines as well."""
    listed = api.router.get("/memories").mock(return_value=page(memory(2), memory(1)))
    await exported(api, tmp_path / "file")
    listed.mock(return_value=page())
    stored = api.router.post("/memories").respond(
        status, json=answers.failure("FORBIDDEN", "not with this key")
    )
    with pytest.raises(MemoryOSError, match="not with this key"):
        await imported(api, tmp_path / "file", on_error="reject")
    assert stored.call_count == 1
