"""Decides by example whether a change of a contract breaks users; shares no code with the tool.

Calls and answers are tried on both contracts. A call that worked breaks if the new contract rejects
it or gives it another meaning; an answer breaks if a program written for the old contract can't
read it.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, NamedTuple, Optional

import jsonschema

Json = Dict[str, Any]

UUID = "550e8400-e29b-41d4-a716-446655440000"
METHODS = ("get", "put", "post", "patch", "delete")
NOTE = {"text": UUID}
VALUES = {
    "text": [UUID, "2020-01-01", "x", None],
    "kind": ["a", "b", "c"],
    "free": ["x", "xyz", "abcdef", "abcdefghijkl", "2020-01-01", None, 5, 2.5, {}],
    "rank": [1, 5, 7, 2.5, None, "s"],
    "odd": ["a", "ab", True, []],
    "size": [1, 5, 9, 10],
    "tags": [["x"], ["x", "y", "z"], ["x", "y", "z", "w"], [1]],
    "more": [{}, {"unknown": 1}],
    "shade": ["grey", "red"],
    "b": ["x"],
    "unknown": [1],
}
NOTES = [
    {},
    {"kind": "a"},
    {"free": "x"},
    *({**NOTE, field: value} for field, values in VALUES.items() for value in values),
]
ARGUMENTS = [
    {"id": "1"},
    {"id": "1", "dry": True},
    {"id": "1", "dry": True, "size": 5},
    {"id": "1", "size": 1},
    {"id": "1", "size": 9},
]
LIMITS = {
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "enum",
    "const",
    "oneOf",
    "anyOf",
    "additionalProperties",
}
"""What programs tolerate in an answer if it changes: further values, fields and alternatives."""


class Call(NamedTuple):
    """A call as a program writes it."""

    operation: str
    arguments: Json
    body: Optional[Json]


class Sent(NamedTuple):
    """What a client sends for a call."""

    server: str
    scheme: Json
    scopes: frozenset
    method: str
    path: str
    parameters: Dict[tuple, Any]
    media_type: Optional[str]
    body: Optional[Json]


CALLS = [
    *(Call("put_note", arguments, NOTE) for arguments in ARGUMENTS),
    *(Call("put_note", ARGUMENTS[0], note) for note in NOTES),
    Call("put_note", ARGUMENTS[0], None),
    Call("list_notes", {}, None),
    Call("list_notes", {}, NOTE),
]


def breaks_a_call(old: Json, new: Json) -> bool:
    """Return whether a call that works by the old contract fails by the new one."""
    return any(_is_broken(call, old, new) for call in CALLS)


def breaks_an_answer(old: Json, new: Json) -> bool:
    """Return whether the new contract allows an answer that programs for the old can't read."""
    after = {operation["operationId"]: operation for _, _, operation in _operations(new)}
    return any(
        _answer_is_broken(status, answer, after[operation["operationId"]]["responses"], old, new)
        for _, _, operation in _operations(old)
        if operation["operationId"] in after
        for status, answer in operation["responses"].items()
    )


def _is_broken(call: Call, old: Json, new: Json) -> bool:
    for server in old["servers"]:
        sent = _send(call, old, server["url"])
        if sent is None or _meaning(sent, old) is None:
            return False
        if _send(call, new, server["url"]) is None:
            return True
        before, after = _meaning(sent, old), _meaning(sent, new)
        if after is None or not before.items() <= after.items():
            return True
    return False


def _send(call: Call, contract: Json, server: str) -> Optional[Sent]:
    """Return what the contract's client sends; None where it has no such method or argument."""
    for path, method, operation in _operations(contract):
        if operation["operationId"] != call.operation:
            continue
        parameters = _parameters(contract, path, operation)
        content = operation.get("requestBody", {}).get("content")
        if not set(call.arguments) <= {name for name, _ in parameters}:
            return None
        if call.body is not None and not content:
            return None
        sent = {
            (*place, _form(parameter)): call.arguments[place[0]]
            for place, parameter in parameters.items()
            if place[0] in call.arguments
        }
        in_path = {f"{{{name}}}": value for (name, at, _), value in sent.items() if at == "path"}
        for name, value in in_path.items():
            path = path.replace(name, value)  # noqa: PLW2901 - filled in step by step
        (scheme,) = contract["components"]["securitySchemes"].values()
        return Sent(
            server,
            scheme,
            _scopes(contract, operation),
            method,
            path,
            {place: value for place, value in sent.items() if place[1] != "path"},
            None if call.body is None else next(iter(content)),
            call.body,
        )
    return None


def _meaning(sent: Sent, contract: Json) -> Optional[Json]:
    """Return what the contract's service understands; None where it rejects the request."""
    for path, method, operation in _operations(contract):
        if method != sent.method or not _fits(path, sent.path):
            continue
        (scheme,) = contract["components"]["securitySchemes"].values()
        rejected = (
            sent.server not in [server["url"] for server in contract["servers"]]
            or scheme != sent.scheme
            or not _scopes(contract, operation) <= sent.scopes
        )
        parameters = _understood(sent, _parameters(contract, path, operation), contract)
        body = operation.get("requestBody")
        if rejected or parameters is None or not _takes(body, sent, contract):
            return None
        return parameters
    return None


def _understood(sent: Sent, parameters: Dict[tuple, Json], contract: Json) -> Optional[Json]:
    """Return the values of the parameters, defaults included; None where one is not allowed."""
    known = {(*place, _form(parameter)): parameter for place, parameter in parameters.items()}
    if not set(sent.parameters) <= set(known):
        return None
    values = {}
    for place, parameter in known.items():
        name, where, _ = place
        schema = parameter["schema"]
        if place in sent.parameters:
            if not _is_valid(sent.parameters[place], schema, contract):
                return None
            values[name] = sent.parameters[place]
        elif where != "path" and parameter.get("required"):
            return None
        elif _default(schema, contract) is not None:
            values[name] = _default(schema, contract)
    return values


def _takes(body: Optional[Json], sent: Sent, contract: Json) -> bool:
    if sent.body is None:
        return not (body and body.get("required"))
    if body is None or sent.media_type not in body["content"]:
        return False
    return _is_valid(sent.body, body["content"][sent.media_type]["schema"], contract)


def _answer_is_broken(status: str, answer: Json, later: Json, old: Json, new: Json) -> bool:
    if status not in later:
        return status.startswith("2")
    before, after = _resolved(answer, old), _resolved(later[status], new)
    if not set(before.get("headers", {})) <= set(after.get("headers", {})):
        return True
    if not set(before.get("content", {})) <= set(after.get("content", {})):
        return True
    return any(
        not _codes(media) <= _codes(after["content"][name])
        or _body_is_broken(media.get("schema", {}), after["content"][name]["schema"], old, new)
        for name, media in before.get("content", {}).items()
    )


def _body_is_broken(schema: Json, later: Json, old: Json, new: Json) -> bool:
    reads = _tolerant({"components": old["components"], **schema})
    allowed = [note for note in NOTES if _is_valid(note, later, new)]
    if not all(_is_valid(note, reads, reads) for note in allowed):
        return True
    fields = _resolved(schema, old).get("properties", {})
    if not set(fields) <= set(_resolved(later, new).get("properties", {})):
        return True
    return any(
        _none_is_left([{**NOTE, field: value} for value in VALUES[field]], schema, later, old, new)
        for field in fields
    )


def _none_is_left(notes: list, schema: Json, later: Json, old: Json, new: Json) -> bool:
    """Return whether no value of the old type comes any more, though another one does."""
    notes = [note for note in notes if None not in note.values()]
    before = [note for note in notes if _is_valid(note, schema, old)]
    after = [note for note in notes if _is_valid(note, later, new)]
    return bool(after) and not any(note in before for note in after)


def _tolerant(schema: Any) -> Any:
    """Return the schema by which a program reads answers: what it can do without is left out."""
    if isinstance(schema, list):
        return [_tolerant(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    names = schema.get("properties", {})
    kept = {key: _tolerant(part) for key, part in schema.items() if key not in LIMITS | {"type"}}
    if names:
        kept["properties"] = {name: _tolerant(part) for name, part in names.items()}
    if isinstance(schema.get("type"), (str, list)) and "null" not in schema["type"]:
        kept["not"] = {"type": "null"}
    return kept


def _is_valid(value: Any, schema: Json, contract: Json) -> bool:
    whole = _without_assumed({"components": contract["components"], **schema})
    checker = jsonschema.FormatChecker()
    return jsonschema.Draft202012Validator(whole, format_checker=checker).is_valid(value)


def _without_assumed(schema: Any) -> Any:
    """Leave out the limits that only the local Memory OS is known to enforce."""
    if isinstance(schema, list):
        return [_without_assumed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    assumed = schema.get("x-assumed-limits", ())
    return {key: _without_assumed(part) for key, part in schema.items() if key not in assumed}


def _operations(contract: Json) -> Iterator[tuple]:
    for path, item in contract["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def _parameters(contract: Json, path: str, operation: Json) -> Dict[tuple, Json]:
    both = [*contract["paths"][path].get("parameters", []), *operation.get("parameters", [])]
    return {(parameter["name"], parameter["in"]): parameter for parameter in both}


def _form(parameter: Json) -> tuple:
    return parameter.get("style"), parameter.get("explode", True)


def _scopes(contract: Json, operation: Json) -> frozenset:
    needed = operation.get("security", contract["security"])
    return frozenset(scope for one in needed for scopes in one.values() for scope in scopes)


def _fits(template: str, path: str) -> bool:
    parts, given = template.split("/"), path.split("/")
    return len(parts) == len(given) and all(
        part == one or part.startswith("{") for part, one in zip(parts, given)
    )


def _default(schema: Json, contract: Json) -> Any:
    found = _resolved(schema, contract)
    inherited = [_default(part, contract) for part in found.get("allOf", [])]
    return found.get("default", next(iter(inherited), None))


def _resolved(part: Json, contract: Json) -> Json:
    while "$ref" in part:
        name = part["$ref"].split("/")[-2:]
        part = contract["components"][name[0]][name[1]]
    return part


def _codes(media: Json) -> set:
    examples = [media.get("example"), *(one["value"] for one in media.get("examples", {}).values())]
    return {one["error"]["code"] for one in examples if isinstance(one, dict) and "error" in one}
