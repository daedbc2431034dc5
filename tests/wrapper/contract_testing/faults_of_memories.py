"""Faults in what is stored, changed and deleted."""

from __future__ import annotations

import unicodedata

from .faulty import Faults, error

FAULTS = Faults()


@FAULTS.in_request("another default tier", "create_memory", "create-fills-in-the-defaults")
def _(call):
    if call.what == "POST /memories":
        call.fields.setdefault("tier", "medium")


@FAULTS.in_answer("no expiry", "create_memory", "short-memories-expire")
def _(call, reply):
    if call.what == "POST /memories" and reply.data:
        reply.data["expires_at"] = None


@FAULTS.in_answer("external_id lost", "create_memory", "create-keeps-every-field")
def _(call, reply):
    if "external_id" in reply.data:
        reply.data["external_id"] = None


@FAULTS.in_request("spaces stripped", "create_memory", "contents-come-back-unchanged")
def _(call):
    content = call.fields.get("content")
    if isinstance(content, str) and content.strip():
        call.fields["content"] = content.strip()


@FAULTS.in_request("characters composed", "create_memory", "contents-come-back-unchanged")
def _(call):
    content = call.fields.get("content")
    if isinstance(content, str):
        call.fields["content"] = unicodedata.normalize("NFC", content)


@FAULTS.in_request("content cut off", "create_memory", "a-large-content-comes-back")
def _(call):
    content = call.fields.get("content")
    if isinstance(content, str):
        call.fields["content"] = content[:100_000]


@FAULTS.in_answer("numbers become text", "create_memory", "metadata-comes-back-unchanged")
def _(call, reply):
    if "metadata" in reply.data:
        numbers = {k: v for k, v in reply.data["metadata"].items() if isinstance(v, float)}
        reply.data["metadata"].update({name: str(number) for name, number in numbers.items()})


@FAULTS.in_answer("blind to personal data", "create_memory", "create-detects-personal-data")
def _(call, reply):
    if call.what == "POST /memories" and reply.data:
        reply.data.update(pii_detected=False, pii_fields=[])


@FAULTS.in_request("unknown tier accepted", "create_memory", "refuses-a-wrong-tier")
def _(call):
    if call.fields.get("tier", "short") not in ("short", "medium", "long"):
        call.fields["tier"] = "short"


@FAULTS.in_request("importance capped", "create_memory", "refuses-a-wrong-importance_score")
def _(call):
    score = call.fields.get("importance_score")
    if isinstance(score, float) and score > 1:
        call.fields["importance_score"] = 1


@FAULTS.in_request("content lost on update", "update_memory", "update-of-the-content-stays")
def _(call):
    content = call.fields.get("content")
    if call.method == "PATCH" and isinstance(content, str) and content:
        del call.fields["content"]
        call.fields.setdefault("importance_score", 0.5)


@FAULTS.in_between("content shown, not stored", "update_memory", "update-of-the-content-stays")
def _():
    def fault(call, forward):
        wanted = call.fields.get("content")
        taken = call.method == "PATCH" and isinstance(wanted, str) and wanted
        if taken:
            del call.fields["content"]
            call.fields.setdefault("importance_score", 0.5)
        reply = forward(call)
        if taken and reply.data:
            reply.data["content"] = wanted
        return reply

    return fault


@FAULTS.in_between("metadata merged", "update_memory", "update-replaces-the-whole-metadata")
def _():
    stored = {}

    def fault(call, forward):
        given = call.fields.get("metadata")
        if call.method == "PATCH" and isinstance(given, dict):
            call.fields["metadata"] = {**stored.get(call.memory_id, {}), **given}
        reply = forward(call)
        if "metadata" in reply.data:
            stored[reply.data["id"]] = reply.data["metadata"]
        return reply

    return fault


@FAULTS.in_between("half a refused update", "update_memory", "a-refused-update-changes-nothing")
def _():
    def fault(call, forward):
        if call.method == "PATCH" and len(call.fields) > 1:
            first = call.other("PATCH", call.memory_id)
            first.body = dict([next(iter(call.fields.items()))])
            forward(first)
        return forward(call)

    return fault


@FAULTS.in_between("another field reset", "update_memory", "update-changes-one-field-alone")
def _():
    def fault(call, forward):
        if call.method == "PATCH" and call.fields.get("tier") in ("short", "medium", "long"):
            call.fields.setdefault("importance_score", 0.9)
        return forward(call)

    return fault


@FAULTS.in_between("deleted in words", "delete_memory", "a-deleted-memory-can-not-be-read")
def _():
    def fault(call, forward):
        if call.method != "DELETE":
            return forward(call)
        reply = forward(call.other("GET", call.memory_id))
        if reply.data:
            reply.body["data"] = {"deleted": True}
        return reply

    return fault


def _hidden_by_its_id():
    gone = set()

    def fault(call, forward):
        if call.memory_id in gone:
            return error(404, "NOT_FOUND")
        if call.method != "DELETE":
            return forward(call)
        reply = forward(call.other("GET", call.memory_id))
        if reply.data:
            gone.add(call.memory_id)
            reply.body["data"] = {"deleted": True}
        return reply

    return fault


for _name, _check in {
    "a deleted memory still found": "a-deleted-memory-is-not-found-by-a-search",
    "a deleted memory still listed": "a-deleted-memory-is-not-listed",
    "a deleted memory still used": "a-deleted-memory-is-in-no-context",
}.items():
    FAULTS.in_between(_name, "delete_memory", _check)(_hidden_by_its_id)


@FAULTS.in_between("the parent deleted too", "delete_memory", "delete-leaves-the-others")
def _():
    parents = {}

    def fault(call, forward):
        reply = forward(call)
        if call.what == "POST /memories" and reply.data:
            parents[reply.data["id"]] = reply.data["parent_memory_id"]
        if call.method == "DELETE" and reply.data and parents.get(call.memory_id):
            forward(call.other("DELETE", parents[call.memory_id]))
        return reply

    return fault
