"""Faults in lists, searches and contexts."""

from __future__ import annotations

from .faulty import Faults

FAULTS = Faults()
TIERS = ("short", "medium", "long")


@FAULTS.in_request("ignored limit", "list_memories", "list-holds-at-most-limit")
def _(call):
    if call.what == "GET /memories":
        call.query.pop("limit", None)


@FAULTS.in_request("ignored offset", "list_memories", "list-pages-join")
def _(call):
    if call.what == "GET /memories" and len(call.query.get("offset", "")) < 6:
        call.query.pop("offset", None)


@FAULTS.in_answer("has_more always false", "list_memories", "list-says-whether-there-is-more")
def _(call, reply):
    if call.what == "GET /memories" and reply.status == 200:
        reply.body["meta"]["has_more"] = False


@FAULTS.in_answer("total always 0", "list_memories", "list-counts-what-there-is")
def _(call, reply):
    if call.what == "GET /memories" and reply.status == 200:
        reply.body["meta"]["total"] = 0


@FAULTS.in_answer("oldest first", "list_memories", "list-is-newest-first")
def _(call, reply):
    if call.what == "GET /memories":
        reply.data.reverse()


@FAULTS.in_request("default limit of 20", "list_memories", "list-applies-its-defaults")
def _(call):
    if call.what == "GET /memories":
        call.query.setdefault("limit", "20")


@FAULTS.in_request("ignored tier", "list_memories", "list-filters-by-tier")
def _(call):
    if call.what == "GET /memories" and call.query.get("tier") in TIERS:
        del call.query["tier"]


@FAULTS.in_answer("least relevance ignored", "list_memories", "list-filters-by-relevance")
def _(call, reply):
    if call.query.get("min_relevance") == "1":
        for memory in reply.data:
            memory["relevance_score"] = 0.4


@FAULTS.in_request("limit of 101 cut silently", "list_entities", "refuses-a-wrong-limit")
def _(call):
    if call.path == "/entities" and call.query.get("limit") == "101":
        call.query["limit"] = "100"


@FAULTS.in_between("threshold ignored", "search_memories", "search-applies-the-threshold")
def _():
    def fault(call, forward):
        asked = call.fields.get("threshold")
        valid = isinstance(asked, (int, float)) and not isinstance(asked, bool) and 0 <= asked <= 1
        if valid:
            call.fields["threshold"] = 0
        reply = forward(call)
        if valid and reply.data:
            reply.data["threshold"] = asked
        return reply

    return fault


@FAULTS.in_request("default threshold of 0.5", "search_memories", "search-applies-its-defaults")
def _(call):
    if call.path == "/search":
        call.fields.setdefault("threshold", 0.5)


@FAULTS.in_request("50 results by default", "search_memories", "search-applies-its-defaults")
def _(call):
    if call.path == "/search":
        call.fields.setdefault("limit", 50)


@FAULTS.in_answer("worst first", "search_memories", "search-ranks-the-best-first")
def _(call, reply):
    if call.path == "/search" and reply.data:
        reply.data["results"].reverse()


@FAULTS.in_request("ignored nature", "search_memories", "search-filters-by-nature")
def _(call):
    if call.path == "/search" and call.fields.get("memory_nature") in ("semantic", "episodic"):
        del call.fields["memory_nature"]


@FAULTS.in_request("ignored tags", "search_memories", "search-filters-by-tags", "assumed")
def _(call):
    tags = call.fields.get("tags")
    if call.path == "/search" and isinstance(tags, list) and all(isinstance(t, str) for t in tags):
        del call.fields["tags"]


@FAULTS.in_request("ignored entities", "search_memories", "search-filters-by-entities", "assumed")
def _(call):
    ids = call.fields.get("entities")
    if call.path == "/search" and isinstance(ids, list) and all(isinstance(i, str) for i in ids):
        del call.fields["entities"]


@FAULTS.in_answer("all equally similar", "search_memories", "search-prefers-the-very-words")
def _(call, reply):
    if call.path == "/search" and reply.data:
        for result in reply.data["results"]:
            result["similarity"] = 1.0


@FAULTS.in_between("an index that never learns", "search_memories", "search-sees-new-content")
def _():
    first = {}

    def fault(call, forward):
        reply = forward(call)
        if call.what == "POST /memories" and reply.data:
            first[reply.data["id"]] = reply.data["content"]
        if call.path == "/search" and reply.data:
            for result in reply.data["results"]:
                result["content"] = first.get(result["id"], result["content"])
        return reply

    return fault


@FAULTS.in_request("budget ignored", "get_context", "context-never-exceeds-the-budget")
def _(call):
    budget = call.fields.get("max_tokens")
    if isinstance(budget, int) and not isinstance(budget, bool) and budget >= 0:
        call.fields["max_tokens"] = 4000


@FAULTS.in_answer("tokens not counted", "get_context", "context-counts-its-tokens")
def _(call, reply):
    if call.path == "/context" and reply.data:
        reply.data["token_count"] = 0


@FAULTS.in_request("prose for JSON", "get_context", "context-as-json-is-json")
def _(call):
    if call.path == "/context" and call.fields.get("format") == "json":
        call.fields["format"] = "text"


@FAULTS.in_answer("a context without its text", "get_context", "context-uses-what-fits-the-query")
def _(call, reply):
    if call.path == "/context" and reply.data:
        reply.data["context"] = "Nothing is known."


@FAULTS.in_answer("tags unsorted", "list_tags", "tags-are-sorted", "assumed")
def _(call, reply):
    if call.path == "/tags":
        reply.data.reverse()


@FAULTS.in_request("entity type ignored", "list_entities", "entities-are-found-by-name-and-type")
def _(call):
    if call.path == "/entities" and call.query.get("type") == "place":
        del call.query["type"]


@FAULTS.in_answer("aliases lost", "create_entity", "entity-keeps-every-field", "assumed")
def _(call, reply):
    if call.what == "POST /entities" and reply.data:
        reply.data["aliases"] = []
