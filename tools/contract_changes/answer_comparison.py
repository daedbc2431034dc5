"""Changes in the responses of an operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_changes import messages
from contract_changes.schema_comparison import Contracts, Place, compare_schemas, documentation
from contract_changes.schema_shapes import component_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_changes.change import Change
    from contract_changes.operations import Answer, Operation
    from generation.contract import Json


def compare_answers(contracts: Contracts, old: Operation, new: Operation) -> Iterator[Change]:
    """Yield the changes in an operation's responses, status by status."""
    for status in sorted(old.answers.keys() | new.answers.keys()):
        place = Place(f"answer {status}", "answer", old.name, status)
        group = "error" if status >= "4" else "success"
        if status not in old.answers:
            yield place.change(f"{group} status added", _text(new.answers[status]))
        elif status not in new.answers:
            yield place.change(f"{group} status removed", _text(old.answers[status]))
        else:
            yield from _answer(contracts, old.answers[status], new.answers[status], place)


def _text(answer: Answer) -> str:
    return ", ".join([*answer.codes, answer.notes.get("description", "").strip()])


def _answer(contracts: Contracts, old: Answer, new: Answer, place: Place) -> Iterator[Change]:
    yield from _codes(old, new, place)
    yield from _headers(contracts, old.headers, new.headers, place)
    yield from documentation(old.notes, new.notes, place)
    if old.body is None and new.body is not None:
        yield place.change("answer added", messages.type_text(contracts.new, new.body.schema))
    elif new.body is None and old.body is not None:
        yield place.change("answer removed", messages.type_text(contracts.old, old.body.schema))
    elif old.body is not None and new.body is not None:
        if old.body.media_types != new.body.media_types:
            types = (", ".join(body.media_types) for body in (old.body, new.body))
            yield place.change("media type changed", " → ".join(types))
        label = component_name(new.body.schema) or place.label
        schemas = (old.body.schema, new.body.schema)
        yield from compare_schemas(contracts, *schemas, place.inside(label, place.name))
        yield from documentation(old.body.notes, new.body.notes, place)


def _codes(old: Answer, new: Answer, place: Place) -> Iterator[Change]:
    gone = [code for code in old.codes if code not in new.codes]
    arrived = [code for code in new.codes if code not in old.codes]
    if gone and arrived:
        what = f"{messages.values_text(gone)} → {messages.values_text(arrived)}"
        yield place.change("error code changed", what, name=gone[0], before=gone, after=arrived)
        return
    for code in gone:
        yield place.change("error code removed", messages.value_text(code), name=code)
    for code in arrived:
        yield place.change("error code added", messages.value_text(code), name=code)


def _headers(contracts: Contracts, old: Json, new: Json, place: Place) -> Iterator[Change]:
    for name in sorted(old.keys() | new.keys()):
        header = place.inside(f"{name} in the answer's headers", name)
        if name not in old:
            yield header.change("header added", _header(contracts.new, new[name]))
        elif name not in new:
            yield header.change("header removed", _header(contracts.old, old[name]))
        else:
            schemas = (old[name].get("schema", {}), new[name].get("schema", {}))
            yield from compare_schemas(contracts, *schemas, header)
            yield from documentation(_notes(old[name]), _notes(new[name]), header)


def _notes(header: Json) -> Json:
    return {key: value for key, value in header.items() if key != "schema"}


def _header(contract: Json, header: Json) -> str:
    return messages.type_text(contract, header.get("schema", {}))
