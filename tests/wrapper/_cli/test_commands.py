"""What each command sends, and what it prints: for people without a terminal, and for programs."""

from __future__ import annotations

import json

import pytest

from .answers import ID, LONG_AGO, OTHER_ID, entity, error, item, memory, page, search_result, tag


def sent(route):
    """Return the JSON that the last request to a route carried."""
    return json.loads(route.calls.last.request.content)


def asked(route):
    """Return the query of the last request to a route."""
    return dict(route.calls.last.request.url.params)


def test_create_sends_every_option(api, run):
    """Under the API's names, with tags and entities in the metadata."""
    route = api.post("/memories").mock(return_value=item(memory()))
    given = ["--tier", "long", "--type", "fact", "--nature", "semantic", "--importance", "0.8"]
    given += ["--tag", "a", "--tag", "b", "--entity", OTHER_ID, "--metadata", '{"n": 1}']
    given += ["--parent", ID, "--external-id", "x", "--source-id", "y", "Ada drinks tea"]
    result = run("create", *given)
    assert (result.status, result.err) == (0, "")
    assert result.out == f"Stored {ID} (long)\n"
    assert sent(route) == {
        "content": "Ada drinks tea",
        "tier": "long",
        "content_type": "fact",
        "memory_nature": "semantic",
        "importance_score": 0.8,
        "parent_memory_id": ID,
        "external_id": "x",
        "source_id": "y",
        "metadata": {"n": 1, "tags": ["a", "b"], "entities": [OTHER_ID]},
    }


def test_create_adds_tags_and_entities_to_those_in_the_metadata(api, run):
    """As `memories.create` does with its `tags`; what can't be added to is an error."""
    route = api.post("/memories").mock(return_value=item(memory()))
    metadata = json.dumps({"tags": ["user:ada", "b"], "entities": [ID], "n": 1})
    given = ["--metadata", metadata, "--tag", "b", "--tag", "c", "--entity", OTHER_ID]
    assert run("create", *given, "tea").status == 0
    assert sent(route)["metadata"] == {
        "tags": ["user:ada", "b", "c"],
        "entities": [ID, OTHER_ID],
        "n": 1,
    }
    result = run("create", "--meta", "tags=user:ada", "--tag", "b", "tea")
    assert result.status == 2
    assert "metadata.tags must be a list if there are tags to add to it" in result.err
    assert route.call_count == 1


def test_create_says_when_a_memory_expires(api, run):
    """The default tier is gone in a day: nobody should learn that tomorrow."""
    api.post("/memories").mock(return_value=item(memory(tier="short", expires_at=LONG_AGO)))
    assert "expires" in run("create", "x").out
    assert "--tier long" in run("create", "x").out


@pytest.mark.parametrize("arguments", [["-"], []])
def test_create_reads_what_is_piped_in(api, run, arguments):
    """With a dash, and without anything; the last line end is the pipe's, the others are not."""
    route = api.post("/memories").mock(return_value=item(memory()))
    assert run("create", *arguments, stdin="Zoë\n\nlikes 茶\n").status == 0
    assert sent(route)["content"] == "Zoë\n\nlikes 茶"


def test_create_prints_json_or_the_id_for_programs(api, run):
    """The API's JSON in one line; the id alone."""
    api.post("/memories").mock(return_value=item(memory(content="茶\n")))
    assert json.loads(run("create", "--json", "x").out) == memory(content="茶\n")
    assert run("create", "-q", "x").out == ID + "\n"


def test_get_shows_all_that_is_known(api, run):
    """The whole content, the facts by name; what has no value is left out."""
    found = memory(content="one\ntwo", metadata={"tags": ["a"]}, pii_fields=["email"])
    api.get(f"/memories/{ID}").mock(return_value=item(found))
    text = run("get", ID).out
    assert text.startswith("one\ntwo\n")
    for part in ("long", "0.93", "2 times", '{"tags": ["a"]}', "email", "2020-01-0"):
        assert part in text
    assert "parent" not in text
    assert json.loads(run("get", "--json", ID).out) == found


def test_get_goes_on_where_one_is_missing(api, run):
    """Each that is there is shown, each that is not is told; the status says so."""
    api.get(f"/memories/{ID}").mock(return_value=item(memory()))
    api.get(f"/memories/{OTHER_ID}").mock(return_value=error(404, "NOT_FOUND", "Gone"))
    result = run("get", "--json", "-", stdin=f"{OTHER_ID}\n{ID}\n")
    assert (result.status, len(result.lines)) == (3, 1)
    assert OTHER_ID in result.err
    assert "Gone" in result.err
    assert run("get", "no-id", OTHER_ID).status == 2


def test_list_sends_its_filters_and_shows_a_line_each(api, run):
    """In columns with headings, content last and in one line."""
    route = api.get("/memories").mock(return_value=page(memory(content="a\n b"), memory()))
    given = ["--tier", "long", "--type", "fact", "--nature", "semantic"]
    result = run("list", *given, "--min-relevance", "0.5", "--limit", "2", "--offset", "4")
    assert asked(route) == {
        "tier": "long",
        "content_type": "fact",
        "memory_nature": "semantic",
        "min_relevance": "0.5",
        "limit": "2",
        "offset": "4",
    }
    heading, first, second = result.lines
    assert heading.split() == ["ID", "TIER", "RELEVANCE", "USED", "CREATED", "MEMORY"]
    assert first.startswith(ID)
    assert first.endswith("a b")
    assert second.endswith("Ada drinks her coffee black")


def test_list_prints_lines_of_json_or_ids_for_programs(api, run):
    """One memory a line, and nothing else."""
    api.get("/memories").mock(return_value=page(memory(), memory(id=OTHER_ID), total=9))
    result = run("list", "--json")
    assert [json.loads(line)["id"] for line in result.lines] == [ID, OTHER_ID]
    assert run("list", "-q").lines == [ID, OTHER_ID]
    assert result.err == ""


def memories_by_offset(request):
    """Answer with 250 memories in all, as many as a page wants."""
    wanted = {name: int(value) for name, value in request.url.params.items()}
    ids = [f"00000000-0000-4000-8000-{number:012}" for number in range(250)]
    shown = ids[wanted["offset"] : wanted["offset"] + wanted["limit"]]
    more = wanted["offset"] + len(shown) < len(ids)
    return page(*(memory(id=each) for each in shown), total=len(ids), has_more=more)


@pytest.mark.parametrize(
    ("arguments", "count"),
    [(["--all"], 250), (["--limit", "120"], 120), (["--limit", "120", "--offset", "200"], 50)],
)
def test_list_walks_through_pages(api, run, arguments, count):
    """More than a page holds, and all there are, each once."""
    api.get("/memories").mock(side_effect=memories_by_offset)
    ids = run("list", "-q", *arguments).lines
    assert len(ids) == len(set(ids)) == count
    assert run("list", *arguments).out.count("\n") == count + 1


def test_nothing_to_show_is_no_output_and_no_failure(api, run):
    """For people and programs alike."""
    api.get("/memories").mock(return_value=page())
    api.get("/tags").mock(return_value=page())
    for arguments in (["list"], ["list", "--json"], ["list", "--all"], ["tags"]):
        assert run(*arguments) == (0, "", "")


def test_update_sends_what_is_given_only(api, run):
    """What is not given stays as it is."""
    route = api.patch(f"/memories/{ID}").mock(return_value=item(memory(tier="medium")))
    result = run("update", ID, "--tier", "medium", "--importance", "0", "--metadata", "{}")
    assert sent(route) == {"tier": "medium", "importance_score": 0, "metadata": {}}
    assert "medium" in result.out
    run("update", ID, "--content", "-", "--json", stdin="new\n")
    assert sent(route) == {"content": "new"}


def test_delete_takes_ids_from_a_pipe_and_counts(api, run):
    """Nobody is asked where nobody could answer."""
    route = api.delete(path__regex=r"/memories/.+").mock(return_value=item({"deleted": True}))
    result = run("delete", "-", stdin=f"{ID}\n{OTHER_ID}\n")
    assert (result.status, result.out) == (0, "2 memories deleted\n")
    assert route.call_count == 2
    assert run("delete", "--json", ID).out == '{"deleted": true}\n'


def test_search_sends_its_options_and_shows_scores(api, run):
    """Best first, as the service ranks."""
    answer = {"results": [search_result()], "search_type": "semantic", "threshold": 0.5}
    route = api.post("/search").mock(return_value=item(answer))
    given = ["--threshold", "0.5", "--limit", "3", "--tier", "long", "--nature", "semantic"]
    result = run("search", *given, "--tag", "a", "--entity", OTHER_ID, "how?")
    assert sent(route) == {
        "query": "how?",
        "threshold": 0.5,
        "limit": 3,
        "tier": "long",
        "memory_nature": "semantic",
        "tags": ["a"],
        "entities": [OTHER_ID],
    }
    assert result.lines[1].split()[:3] == [ID, "0.87", "0.81"]
    assert json.loads(run("search", "--json", "-", stdin="x").out) == search_result()
    assert run("search", "-q", "x").lines == [ID]


def test_context_prints_the_context_as_it_is(api, run):
    """To be piped into a prompt; the numbers are for JSON."""
    answer = {"context": "a\x1b[31mb", "memories": [], "token_count": 3, "retrieval_time_ms": 1}
    route = api.post("/context").mock(return_value=item(answer))
    given = ["--max-tokens", "500", "--tier", "long", "--format", "json"]
    assert run("context", *given, "q").out == "a\x1b[31mb\n"
    assert sent(route) == {"query": "q", "max_tokens": 500, "tier": "long", "format": "json"}
    assert json.loads(run("context", "--json", "q").out) == answer


def test_tags_are_listed(api, run):
    """With how many memories carry them."""
    route = api.get("/tags").mock(return_value=page(tag()))
    result = run("tags", "--search", "cof", "--sort", "memory_count", "--order", "desc")
    assert {**asked(route), "limit": "", "offset": ""} == {
        "search": "cof",
        "sort": "memory_count",
        "order": "desc",
        "limit": "",
        "offset": "",
    }
    assert result.lines[1].split()[:2] == [ID, "3"]
    assert result.lines[1].endswith("coffee")
    assert json.loads(run("tags", "--json").out) == tag()


def test_entities_are_listed_and_registered(api, run):
    """`--type` filters a list, and is the type of a new one."""
    listed = api.get("/entities").mock(return_value=page(entity()))
    created = api.post("/entities").mock(return_value=item(entity()))
    result = run("entities", "--type", "person", "--search", "ada")
    assert asked(listed)["type"] == "person"
    assert result.lines[1].endswith("Ada Lovelace")
    result = run("entities", "--create", "Ada Lovelace", "--type", "person", "--alias", "Ada")
    assert sent(created) == {"name": "Ada Lovelace", "type": "person", "aliases": ["Ada"]}
    assert ID in result.out


def test_what_a_memory_says_can_t_steer_a_terminal(api, run):
    """Escape sequences, carriage returns and turned text are shown, not sent."""
    evil = "\x1b]0;gone\x07 \x9b2J \u202etxt\r"
    api.get("/memories").mock(return_value=page(memory(content=evil)))
    api.get(f"/memories/{ID}").mock(return_value=item(memory(content=evil)))
    for arguments in (["list"], ["get", ID]):
        assert not {"\x1b", "\x07", "\x9b", "\u202e", "\r"} & set(run(*arguments).out)


@pytest.mark.off_contract(reason="an id of a hostile service")
def test_an_id_is_one_line_and_steers_no_terminal(run, api):
    """Programs read the ids by lines."""
    hostile = memory(id="a\nb\x1b[2J")
    api.get("/memories").mock(return_value=page(hostile))
    api.post("/memories").mock(return_value=item(hostile))
    shown = "a b\N{REPLACEMENT CHARACTER}[2J"
    assert run("list", "--quiet").lines == [shown]
    assert run("create", "--quiet", "tea").lines == [shown]
    assert run("create", "tea").lines == [f"Stored {shown} (long)"]


EVIL = "\x1b]0;gone\x07\x1b[31m \x9b2J \u202etxt\r\x00\x85\nline"


@pytest.mark.off_contract(reason="fields of a hostile service")
@pytest.mark.parametrize(
    "field", dict.fromkeys([*memory(), *tag(), *entity(), "similarity", "every"])
)
def test_no_field_of_a_service_steers_a_terminal_or_adds_a_line(api, run, field):
    """Whichever: also those that the contract limits to a few values."""

    def hostile(values):
        texts = [name for name, value in values.items() if isinstance(value, str)]
        names = texts if field == "every" else [name for name in [field] if name in values]
        return {**values, **dict.fromkeys(names, EVIL)}

    results = {"results": [hostile(search_result())], "search_type": "hybrid", "total": 1}
    stored, named = item(hostile(memory())), item(hostile(entity()))
    api.get("/memories").mock(return_value=page(hostile(memory())))
    api.get(f"/memories/{ID}").mock(return_value=stored)
    api.post("/memories").mock(return_value=stored)
    api.post("/search").mock(return_value=item(results))
    api.get("/tags").mock(return_value=page(hostile(tag())))
    api.get("/entities").mock(return_value=page(hostile(entity())))
    api.post("/entities").mock(return_value=named)
    listing, one = 2, 1
    for lines, *arguments in (
        (listing, "list"),
        (one, "create", "tea"),
        (listing, "search", "tea"),
        (listing, "tags"),
        (listing, "entities"),
        (one, "entities", "--create", "Ada", "--type", "person"),
    ):
        result = run(*arguments)
        assert result.out.replace("\n", "").isprintable()
        assert len(result.lines) <= lines
    shown = run("get", ID)
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\r", "\x00", "\x85"} & set(shown.out)
    if field not in {"content", "every"}:
        assert "line" not in [line.strip() for line in shown.lines]


def test_search_explains_its_results(api, run):
    """The words that matched, and what the score is the sum of."""
    parts = [
        {"name": "cosine", "share": 0.5, "value": 0.625, "weight": 1},
        {"name": "time", "share": 0, "value": 0, "weight": 0.2},
        {"name": "relevance", "share": 0.31},
    ]
    explanation = {"parts": parts, "matched_words": ["coffee", "black\x1b"]}
    results = [search_result(explanation=explanation)]
    answer = {"results": results, "search_type": "semantic", "threshold": 0.7}
    named = {"X-Memory-OS-Features": "explain"}
    pages, found = page(), item(answer)
    for response in (pages, found):
        response.headers.update(named)
    api.get("/memories").mock(return_value=pages)
    route = api.post("/search").mock(return_value=found)
    result = run("search", "--explain", "coffee")
    assert sent(route)["explain"] is True
    assert "coffee, black\N{REPLACEMENT CHARACTER}" in result.out
    assert "0.8100 = cosine 0.5000 + relevance 0.3100" in result.out
    assert "cosine 0.625 × 1" in result.out  # noqa: RUF001


LONG_CONTENT = f"{'The island is quiet. ' * 20}The cellar is damp. {'Nothing happens. ' * 20}"


def search_response(features, **fields):
    results = [search_result(content=LONG_CONTENT, **fields)]
    response = item({"results": results, "search_type": "semantic", "threshold": 0.7})
    response.headers["X-Memory-OS-Features"] = features
    return response


def test_search_shows_the_passage_of_a_long_result_that_matches(api, run):
    """The second search, for the passage, counts no accesses."""
    with_passage = search_response("explain,highlights", highlights=["The cellar is damp."])
    plain = search_response("explain,highlights")
    route = api.post("/search").mock(side_effect=[plain, with_passage] * 2)
    result = run("search", "cellar")
    assert "… The cellar is damp. …" in result.out
    assert "island" not in result.out
    assert sent(route) == {
        "query": "cellar",
        "threshold": 0.7,
        "limit": 20,
        "highlights": True,
        "explain": True,
    }
    shown = json.loads(run("search", "--json", "cellar").out)
    assert shown["highlights"] == ["The cellar is damp."]
    assert shown["content"] == LONG_CONTENT


def test_search_shows_the_beginning_where_the_service_finds_no_passages(api, run):
    """Nor are passages asked for if only the ids are printed."""
    route = api.post("/search").mock(side_effect=[search_response("none"), search_response("none")])
    assert "The island is quiet." in run("search", "cellar").out
    assert run("search", "-q", "cellar").lines == [ID]
    assert route.call_count == 2


def test_evaluate_says_where_the_service_may_count_accesses(api, run):
    """Once, and it measures all the same."""
    api.get("/memories").mock(side_effect=lambda _: page(memory()))
    answer = {"results": [search_result()], "search_type": "semantic", "threshold": 0}
    route = api.post("/search").mock(return_value=item(answer))
    asked = json.dumps({"query": "coffee?", "expected": ID})
    result = run("evaluate", "--limit", "7", "--tier", "long", "-", stdin=f"{asked}\n{asked}")
    assert result.status == 0
    assert result.err == "warning: the service may count each result as an access\n"
    assert result.lines == [
        "2 questions about 1 memory",
        "R@1 1.000  R@5 1.000  R@10 1.000  MRR 1.000",
    ]
    assert route.call_count == 2
    assert sent(route) == {"query": "coffee?", "threshold": 0.0, "limit": 7, "tier": "long"}
