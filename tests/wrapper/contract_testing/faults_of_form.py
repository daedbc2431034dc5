"""Faults in the form of answers: statuses, envelopes, types, headers, keys."""

from __future__ import annotations

import httpx

from .faulty import Faults, error

FAULTS = Faults()


@FAULTS.in_answer("wrong status", "create_memory", "documented-status")
def _(call, reply):
    if call.what == "POST /memories" and reply.status == 200:
        reply.status = 202


@FAULTS.in_answer("missing field", "get_memory", "response-schema")
def _(call, reply):
    if call.what == "GET /memories/{id}" and reply.data:
        del reply.data["decay_rate"]


@FAULTS.in_answer("wrong type", "list_memories", "response-schema")
def _(call, reply):
    if call.what == "GET /memories":
        for memory in reply.data:
            memory["access_count"] = str(memory["access_count"])


@FAULTS.in_answer("wrong form of a time", "update_memory", "response-schema")
def _(call, reply):
    if call.method == "PATCH" and reply.data:
        reply.data["updated_at"] = "22.11.2026 10:00"


@FAULTS.in_answer("envelope missing", "get_memory", "response-schema")
def _(call, reply):
    if call.what == "GET /memories/{id}" and reply.data:
        reply.body = reply.data


@FAULTS.in_answer("200 on an error", "get_memory", "get-of-an-unknown-id-is-not-found")
def _(call, reply):
    if call.what == "GET /memories/{id}" and reply.status == 404:
        reply.status = 200


@FAULTS.in_answer("400 on an unknown id", "update_memory", "update-of-an-unknown-id-is-not-found")
def _(call, reply):
    if call.method == "PATCH" and reply.status == 404:
        reply.status = 400
        reply.body["error"]["code"] = "VALIDATION_ERROR"


@FAULTS.in_answer("another error envelope", "update_memory", "response-schema")
def _(call, reply):
    if call.method == "PATCH" and reply.status == 404:
        reply.body = {"detail": "Not Found"}


@FAULTS.in_answer("another error code", "delete_memory", "error-code")
def _(call, reply):
    if call.method == "DELETE" and reply.status == 404:
        reply.body["error"]["code"] = "MISSING"


@FAULTS.in_answer("deleted: false", "delete_memory", "response-schema")
def _(call, reply):
    if call.method == "DELETE" and reply.data:
        reply.data["deleted"] = False


@FAULTS.in_answer("a page of HTML", "list_tags", "json-body")
def _(call, reply):
    if call.path == "/tags":
        reply.raw, reply.headers = b"<html>Welcome</html>", {"content-type": "text/html"}


@FAULTS.in_answer("JSON declared as text", "list_entities", "json-body")
def _(call, reply):
    if call.what == "GET /entities":
        reply.headers["content-type"] = "text/plain"


@FAULTS.in_between("emoji break it", "create_memory", "no-server-error")
def _():
    def fault(call, forward):
        content = call.fields.get("content")
        if isinstance(content, str) and any(ord(character) > 0xFFFF for character in content):
            return error(500, "INTERNAL_ERROR")
        return forward(call)

    return fault


@FAULTS.in_between("hangs up", "update_memory", "answers")
def _():
    def fault(call, forward):
        if call.method == "PATCH":
            raise httpx.RemoteProtocolError("server disconnected")
        return forward(call)

    return fault


@FAULTS.in_answer("no X-Request-Id", "get_memory", "request-id", "assumed")
def _(call, reply):
    reply.headers.pop("x-request-id", None)


@FAULTS.in_answer("no request id in meta", "search_memories", "assumed-schema", "assumed")
def _(call, reply):
    if call.path == "/search" and reply.data:
        del reply.body["meta"]["request_id"]


@FAULTS.in_request("no idempotency", "create_memory", "a-repeated-key-creates-nothing", "assumed")
def _(call):
    call.headers.pop("idempotency-key", None)


@FAULTS.in_request(
    "bodies not compared", "create_memory", "a-key-with-another-body-is-a-conflict", "assumed"
)
def _(call):
    if len(call.headers.get("idempotency-key", "")) < 200:
        call.headers.pop("idempotency-key", None)
