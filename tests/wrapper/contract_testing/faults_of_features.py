"""Faults in the optional features, of a server that names them."""

from __future__ import annotations

from datetime import datetime, timezone

from .faulty import Faults, error

FAULTS = Faults()

FILTERS = ("tags", "external_id", "metadata", "created_after", "created_before")
CHECKS = {
    "GET /memories": ("list_memories", "list-filters-by-its-features"),
    "POST /search": ("search_memories", "search-filters-by-its-features"),
    "POST /context": ("get_context", "context-filters-by-its-features"),
}


def _ignoring(what, name):
    def change(call):
        if call.what == what:
            call.query.pop(name, None)
            call.fields.pop(name, None)

    return change


for _what, _check in CHECKS.items():
    for _name in FILTERS:
        if (_what, _name) != ("POST /search", "tags"):  # not a feature: searches always had them
            FAULTS.in_request(f"{_what} ignoring {_name}", *_check)(_ignoring(_what, _name))

for _name, _what, _operation, _check in (
    ("tags", "POST /memories", "create_memory", "create-takes-tags"),
    ("tags", "PATCH /memories/{id}", "update_memory", "update-replaces-tags"),
    ("expires_at", "POST /memories", "create_memory", "create-takes-a-time-of-expiry"),
    (
        "upsert",
        "POST /memories",
        "create_memory",
        "upsert-updates-the-memory-with-the-external-id",
    ),
    (
        "upsert_within",
        "POST /memories",
        "create_memory",
        "upsert-within-tags-leaves-other-memories",
    ),
    ("upsert", "POST /memories", "create_memory", "upsert-needs-an-external-id"),
    (
        "if_updated_at",
        "PATCH /memories/{id}",
        "update_memory",
        "update-fails-if-another-was-first",
    ),
    ("created_at", "POST /memories", "create_memory", "import-fields-need-the-permission-admin"),
    ("highlights", "POST /search", "search_memories", "search-contains-highlights"),
    ("explain", "POST /search", "search_memories", "search-explains-the-score"),
    ("uncounted", "GET /memories/{id}", "get_memory", "get-can-be-uncounted"),
):
    FAULTS.in_request(f"{_what} without {_name}: {_check}", _operation, _check)(
        _ignoring(_what, _name)
    )


@FAULTS.in_answer("no metadata in contexts", "get_context", "context-contains-metadata")
def _(call, reply):
    if call.what == "POST /context" and reply.status == 200:
        for memory in reply.data["memories"]:
            memory.pop("metadata", None)


@FAULTS.in_answer("wrong explanation", "search_memories", "search-explains-the-score")
def _(call, reply):
    if call.what == "POST /search" and reply.status == 200:
        for result in reply.data["results"]:
            result["combined_score"] += 0.25


@FAULTS.in_between(
    "explanations count accesses",
    "search_memories",
    "search-with-explanations-counts-no-access",
)
def _():
    def fault(call, forward):
        answer = forward(call)
        if call.fields.get("explain") and answer.status == 200:
            for result in answer.data["results"]:
                forward(call.other("GET", result["id"]))
        return answer

    return fault


@FAULTS.in_answer(
    "updates without changes",
    "create_memory",
    "upsert-updates-the-memory-with-the-external-id",
)
def _(call, reply):
    if call.what == "POST /memories" and call.fields.get("upsert") and reply.status == 200:
        reply.data["updated_at"] = f"2030-01-01T00:00:00.{id(reply) % 10**6:06}Z"


_UPSERT = ("create_memory", "upsert-updates-the-memory-with-the-external-id")


@FAULTS.in_request("an upsert sets what it leaves out", *_UPSERT)
def _(call):
    if call.fields.get("upsert"):
        call.fields.setdefault("importance_score", 0.5)


@FAULTS.in_request("an upsert keeps the content", *_UPSERT)
def _(call):
    if call.fields.get("upsert"):
        call.fields["content"] = "Tea"


@FAULTS.in_request("new tags take other metadata away", "update_memory", "update-replaces-tags")
def _(call):
    if call.what == "PATCH /memories/{id}" and "tags" in call.fields:
        call.fields.setdefault("metadata", {})


@FAULTS.in_request(
    "a time of expiry in the past is ignored", "create_memory", "create-takes-a-time-of-expiry"
)
def _(call):
    if str(call.fields.get("expires_at", "9")) < datetime.now(timezone.utc).isoformat():
        call.fields.pop("expires_at")


_CONFLICT = ("update_memory", "update-fails-if-another-was-first")


@FAULTS.in_request("every update with a time is a conflict", *_CONFLICT)
def _(call):
    if "if_updated_at" in call.fields:
        call.fields["if_updated_at"] = "2001-01-01T00:00:00Z"


@FAULTS.in_between("a conflict that changes the memory", *_CONFLICT)
def _():
    def fault(call, forward):
        if_updated_at = str(call.fields.pop("if_updated_at", ""))  # no later update fails for it
        answer = forward(call)
        return error(409, "CONFLICT") if if_updated_at.startswith("2001") else answer

    return fault
