"""Changes between two schemas, of requests or of responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from contract_changes import messages
from contract_changes.change import Change, classified
from contract_changes.schema_shapes import (
    LOWER_LIMITS,
    NOTHING,
    UPPER_LIMITS,
    Shape,
    alternative_texts,
    shape_of,
)
from contract_changes.untouched import references

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generation.contract import Json


class Place(NamedTuple):
    """Where a schema is used."""

    label: str
    side: str
    operation: str
    name: str
    """What programs call it."""

    def inside(self, label: str, name: str) -> Place:
        """Return a place within this one."""
        return self._replace(label=label, name=name)

    def change(
        self, kind: str, what: str, *, name: str = "", before: Any = None, after: Any = None
    ) -> Change:
        """Return a change at this place."""
        return classified(
            kind,
            self.label,
            what,
            side=self.side,
            operation=self.operation,
            name=name or self.name,
            before=before,
            after=after,
        )


class Contracts(NamedTuple):
    """The two contracts, for resolving references."""

    old: Json
    new: Json
    untouched: frozenset[str]
    """The references that lead to the same in both."""

    def agree_on(self, old: Json, new: Json) -> bool:
        """Return whether two schemas are identical, including the schemas they refer to."""
        return old == new and self.untouched.issuperset(references(old))


def compare_schemas(
    contracts: Contracts,
    old: Json,
    new: Json,
    place: Place,
    inside: frozenset[tuple[str, str]] = frozenset(),
) -> Iterator[Change]:
    """Yield the changes from one schema to another.

    Args:
        contracts: The contracts, for resolving references.
        old: The schema in the old contract.
        new: The schema in the new one.
        place: Where it is used.
        inside: The pairs of components around it, to stop at recursion.
    """
    if contracts.agree_on(old, new):
        return
    before, after = shape_of(contracts.old, old), shape_of(contracts.new, new)
    if before.name and after.name:
        if (before.name, after.name) in inside:
            return
        inside |= {(before.name, after.name)}
    own = before.name is not None and before.name == after.name
    within = place.inside(str(after.name), place.name) if own else place
    yield from _default(before, after, place)
    yield from _types(before, after, within)
    yield from _values(before, after, within)
    yield from _limits(before, after, within)
    yield from _rules(before, after, within)
    yield from _assumed_limits(before, after, within)
    yield from _alternatives(contracts, before, after, within)
    yield from _needed(before, after, within)
    yield from _properties(contracts, before, after, within, inside)
    yield from _nested(contracts, before, after, within, inside)
    if own:
        yield from documentation(_own_notes(old), _own_notes(new), place)
        before = shape_of(contracts.old, _bare(str(before.name)))
        after = shape_of(contracts.new, _bare(str(after.name)))
    yield from documentation(before.notes, after.notes, within)


def _default(before: Shape, after: Shape, place: Place) -> Iterator[Change]:
    old, new = before.default, after.default
    if old is NOTHING and new is not NOTHING:
        yield place.change("default added", messages.value_text(new), after=new)
    elif new is NOTHING and old is not NOTHING:
        yield place.change("default removed", f"was {messages.value_text(old)}", before=old)
    elif old is not NOTHING and (old, isinstance(old, bool)) != (new, isinstance(new, bool)):
        what = f"{messages.value_text(old)} → {messages.value_text(new)}"
        yield place.change("default changed", what, before=old, after=new)


def _types(before: Shape, after: Shape, place: Place) -> Iterator[Change]:
    if before.nullable != after.nullable:
        kind = "null allowed" if after.nullable else "null refused"
        yield place.change(kind, "may be null" if after.nullable else "may not be null")
    old, new = before.types, after.types
    if old != new:
        kind = "type widened" if old < new else "type narrowed" if new < old else "type changed"
        what = f"{messages.types_text(old)} → {messages.types_text(new)}"
        yield place.change(kind, what, before=sorted(old), after=sorted(new))


def _values(before: Shape, after: Shape, place: Place) -> Iterator[Change]:
    old, new = before.values, after.values
    if old == new:
        return
    if old is None:
        assert new is not None
        what = f"only {messages.values_text(new)}"
        yield place.change("values restricted", what, after=list(new))
    elif new is None:
        what = f"no longer only {messages.values_text(old)}"
        yield place.change("values opened", what, before=list(old))
    else:
        lists = {"before": list(old), "after": list(new)}
        for value in new:
            if value not in old:
                text = messages.value_text(value)
                yield place.change("value added", text, name=str(value), **lists)
        for value in old:
            if value not in new:
                text = messages.value_text(value)
                yield place.change("value removed", text, name=str(value), **lists)


def _limits(before: Shape, after: Shape, place: Place) -> Iterator[Change]:
    for keyword in (*LOWER_LIMITS, *UPPER_LIMITS):
        old, new = before.limits.get(keyword), after.limits.get(keyword)
        if old == new:
            continue
        narrower = _is_narrower(keyword, old, new)
        what = f"{messages.limit_text(keyword, old)} → {messages.limit_text(keyword, new)}"
        kind = "limit narrowed" if narrower else "limit widened"
        yield place.change(kind, what, before=dict(before.limits), after=dict(after.limits))


def _is_narrower(keyword: str, old: float | None, new: float | None) -> bool:
    if new is None or old is None:
        return old is None
    return new > old if keyword in LOWER_LIMITS else new < old


def _rules(before: Shape, after: Shape, place: Place) -> Iterator[Change]:
    for keyword in sorted(before.rules.keys() | after.rules.keys()):
        old, new = before.rules.get(keyword), after.rules.get(keyword)
        if old == new:
            continue
        if old is None:
            kind, what = "rule added", f"{keyword} {messages.value_text(new)}"
        elif new is None:
            kind, what = "rule removed", f"{keyword} {messages.value_text(old)}"
        else:
            kind = "rule changed"
            what = f"{keyword} {messages.value_text(old)} → {messages.value_text(new)}"
        yield place.change(kind, what, before=old, after=new)


def _assumed_limits(before: Shape, after: Shape, place: Place) -> Iterator[Change]:
    for keyword in sorted(before.assumed.keys() | after.assumed.keys()):
        old, new = before.assumed.get(keyword), after.assumed.get(keyword)
        if old != new:
            texts = ("none" if each is None else messages.value_text(each) for each in (old, new))
            what = f"{keyword} {' → '.join(texts)}"
            yield place.change("assumed limit changed", what, before=old, after=new)


def _alternatives(
    contracts: Contracts, before: Shape, after: Shape, place: Place
) -> Iterator[Change]:
    old = alternative_texts(contracts.old, before)
    new = alternative_texts(contracts.new, after)
    if old != new:
        kind = _direction(bool(old) and old < new, bool(new) and new < old)
        yield place.change(f"choice {kind}", f"{_alternative(old)} → {_alternative(new)}")


def _alternative(alternatives: set[str]) -> str:
    return f"{len(alternatives)} alternatives" if alternatives else "no choice"


def _needed(before: Shape, after: Shape, place: Place) -> Iterator[Change]:
    """Compare the sets of fields of which one is required; no set means no requirement."""
    old, new = before.needed, after.needed
    if old == new:
        return
    kind = _direction(not new or (bool(old) and old < new), not old or (bool(new) and new < old))
    yield place.change(f"choice {kind}", f"{_groups(old)} → {_groups(new)}")


def _groups(needed: frozenset[frozenset[str]]) -> str:
    groups = sorted(" and ".join(f"`{name}`" for name in sorted(group)) for group in needed)
    return f"{' or '.join(groups)} needed" if groups else "none needed"


def _direction(wider: bool, narrower: bool) -> str:
    return "widened" if wider else "narrowed" if narrower else "changed"


def _properties(
    contracts: Contracts,
    before: Shape,
    after: Shape,
    place: Place,
    inside: frozenset[tuple[str, str]],
) -> Iterator[Change]:
    required = sorted(before.required)
    for name in before.properties | after.properties:
        field = place.inside(f"{place.label}.{name}", name)
        if name not in before.properties:
            needed = name in after.required
            text = messages.schema_text(contracts.new, after.properties[name])
            kind = "required field added" if needed else "field added"
            yield field.change(kind, text, before=required)
        elif name not in after.properties:
            text = messages.schema_text(contracts.old, before.properties[name])
            yield field.change("field removed", text)
        else:
            yield from _requirement(before, after, field, name)
            old, new = before.properties[name], after.properties[name]
            yield from compare_schemas(contracts, old, new, field, inside)
    undescribed = (before.required ^ after.required) - before.properties.keys()
    for name in sorted(undescribed - after.properties.keys()):
        yield from _requirement(before, after, place.inside(f"{place.label}.{name}", name), name)


def _requirement(before: Shape, after: Shape, field: Place, name: str) -> Iterator[Change]:
    if name in after.required and name not in before.required:
        yield field.change("now required", "was optional", before=sorted(before.required))
    elif name in before.required and name not in after.required:
        yield field.change("now optional", "was required")


def _nested(
    contracts: Contracts,
    before: Shape,
    after: Shape,
    place: Place,
    inside: frozenset[tuple[str, str]],
) -> Iterator[Change]:
    if "array" in before.types & after.types and (before.items or after.items):
        items = place.inside(f"{place.label}[]", place.name)
        yield from compare_schemas(contracts, before.items, after.items, items, inside)
    old, new = before.additional, after.additional
    if old is False or new is False:
        if old is not new:
            kind = "unknown fields refused" if new is False else "unknown fields allowed"
            what = "no further fields" if new is False else "further fields"
            yield place.change(kind, what)
    elif "object" in before.types & after.types and (_any(old) or _any(new)):
        further = place.inside(f"{place.label}.*", place.name)
        yield from compare_schemas(contracts, _any(old), _any(new), further, inside)


def _any(additional: Json | bool) -> Json:
    return additional if isinstance(additional, dict) else {}


def _own_notes(schema: Json) -> Json:
    """Return the annotations of a schema that refers to a component."""
    return {key: value for key, value in schema.items() if key not in ("$ref", "allOf", "default")}


def _bare(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def documentation(before: Json, after: Json, place: Place) -> Iterator[Change]:
    """Yield one change that names the changed texts and annotations, if any."""
    changed = sorted(
        key for key in before.keys() | after.keys() if before.get(key) != after.get(key)
    )
    if changed:
        yield classified(
            "documentation", place.label, ", ".join(changed), operation=place.operation
        )
