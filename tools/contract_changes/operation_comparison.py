"""Changes within one operation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contract_changes import messages
from contract_changes.answer_comparison import compare_answers
from contract_changes.change import Change, classified
from contract_changes.schema_comparison import Contracts, Place, compare_schemas, documentation
from contract_changes.schema_shapes import component_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_changes.operations import Body, Operation
    from generation.contract import Json

_SERIALIZATION = ("style", "explode", "allowReserved", "allowEmptyValue")

Parameters = dict[tuple[str, str], "Json"]


def compare_operations(contracts: Contracts, old: Operation, new: Operation) -> Iterator[Change]:
    """Yield the changes of one operation, which may have been renamed."""
    yield from _itself(old, new)
    yield from _parameters(contracts, old, new)
    yield from _request_body(contracts, old.body, new.body, old.name)
    yield from compare_answers(contracts, old, new)


def _itself(old: Operation, new: Operation) -> Iterator[Change]:
    name = old.name
    if old.address != new.address:
        what = f"{old.method} {old.path} → {new.method} {new.path}"
        yield classified("operation moved", name, what, operation=name, name=name, before=old.path)
    if old.deprecated != new.deprecated:
        kind = "operation deprecated" if new.deprecated else "operation kept"
        yield classified(kind, name, "deprecated" if new.deprecated else "no longer deprecated")
    for scope in sorted(new.scopes - old.scopes):
        yield classified("scope needed", name, f"`{scope}`", operation=name, name=scope)
    for scope in sorted(old.scopes - new.scopes):
        yield classified("scope dropped", name, f"`{scope}`", operation=name, name=scope)
    if old.schemes != new.schemes:
        what = f"{_schemes(old)} → {_schemes(new)}"
        yield classified("authentication changed", name, what, operation=name)
    yield from documentation(old.notes, new.notes, Place(name, "", name, name))


def _schemes(operation: Operation) -> str:
    return " or ".join(sorted(operation.schemes)) or "none"


def _parameters(contracts: Contracts, old: Operation, new: Operation) -> Iterator[Change]:
    before, renames = _by_new_names(old, new)
    for was, now in renames.items():
        place = Place(f"{was} in the path", "request", old.name, was)
        yield place.change("parameter renamed", f"`{was}` → `{now}`", before=was, after=now)
    places = {name: where for where, name in new.parameters}
    for (where, name), parameter in before.items():
        place = Place(_label(where, name), "request", old.name, name)
        if (where, name) in new.parameters:
            after = new.parameters[where, name]
            yield from _parameter(contracts, parameter, after, place)
        elif name in places:
            what = f"{where} → {places[name]}"
            yield place.change("parameter moved", what, before=where, after=places[name])
            after = new.parameters[places[name], name]
            yield from _parameter(contracts, parameter, after, place)
        else:
            text = messages.schema_text(contracts.old, parameter.get("schema", {}))
            yield place.change("parameter removed", text)
    yield from _added_parameters(contracts, before, new)


def _added_parameters(contracts: Contracts, before: Parameters, new: Operation) -> Iterator[Change]:
    known = {name for _, name in before}
    for (where, name), parameter in new.parameters.items():
        if name not in known:
            place = Place(_label(where, name), "request", new.name, name)
            text = messages.schema_text(contracts.new, parameter.get("schema", {}))
            kind = "required parameter added" if parameter.get("required") else "parameter added"
            yield place.change(kind, text)


def _label(where: str, name: str) -> str:
    return f"{name} in the {where}"


def _by_new_names(old: Operation, new: Operation) -> tuple[Parameters, dict[str, str]]:
    """Return the old parameters, path parameters by their new names, and the renamed ones."""
    renames = {}
    if old.address == new.address:
        names = (re.findall(r"\{([^}]*)\}", operation.path) for operation in (old, new))
        renames = {was: now for was, now in zip(*names, strict=True) if was != now}
    parameters = {
        (where, renames.get(name, name) if where == "path" else name): parameter
        for (where, name), parameter in old.parameters.items()
    }
    return parameters, renames


def _parameter(contracts: Contracts, old: Json, new: Json, place: Place) -> Iterator[Change]:
    yield from _required(bool(old.get("required")), bool(new.get("required")), place)
    schemas = (old.get("schema", {}), new.get("schema", {}))
    yield from compare_schemas(contracts, *schemas, place)
    for keyword in _SERIALIZATION:
        if old.get(keyword) != new.get(keyword):
            what = f"{keyword} {old.get(keyword)} → {new.get(keyword)}"
            yield place.change("rule changed", what, before=old.get(keyword))
    yield from documentation(_notes(old), _notes(new), place)


def _notes(parameter: Json) -> Json:
    compared = {"name", "in", "required", "schema", *_SERIALIZATION}
    return {key: value for key, value in parameter.items() if key not in compared}


def _required(before: bool, after: bool, place: Place) -> Iterator[Change]:
    if after and not before:
        yield place.change("now required", "was optional")
    elif before and not after:
        yield place.change("now optional", "was required")


def _request_body(
    contracts: Contracts, old: Body | None, new: Body | None, operation: str
) -> Iterator[Change]:
    place = Place(f"the body of {operation}", "request", operation, operation)
    if old is None and new is not None:
        text = messages.type_text(contracts.new, new.schema)
        yield place.change("required body added" if new.required else "body added", text)
    elif new is None and old is not None:
        yield place.change("body removed", messages.type_text(contracts.old, old.schema))
    elif old is not None and new is not None:
        if old.required != new.required:
            kind = "body required" if new.required else "body optional"
            yield place.change(kind, "was optional" if new.required else "was required")
        yield from _media_types(old, new, place)
        label = component_name(new.schema) or place.label
        yield from compare_schemas(
            contracts, old.schema, new.schema, place.inside(label, operation)
        )
        yield from documentation(old.notes, new.notes, place)


def _media_types(old: Body, new: Body, place: Place) -> Iterator[Change]:
    before, after = set(old.media_types), set(new.media_types)
    if before != after:
        wider, narrower = before < after, after < before
        kind = "type widened" if wider else "type narrowed" if narrower else "type changed"
        what = f"{', '.join(sorted(before))} → {', '.join(sorted(after))}"
        yield place.change(kind, what)
