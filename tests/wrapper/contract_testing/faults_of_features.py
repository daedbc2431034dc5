"""Faults in the optional features, of a server that names them."""

from __future__ import annotations

from .faulty import Faults

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


@FAULTS.in_answer(
    "updates without changes",
    "create_memory",
    "upsert-updates-the-memory-with-the-external-id",
)
def _(call, reply):
    if call.what == "POST /memories" and call.fields.get("upsert") and reply.status == 200:
        reply.data["updated_at"] = f"2030-01-01T00:00:00.{id(reply) % 10**6:06}Z"
