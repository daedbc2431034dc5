"""Changes between two contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_changes.change import Change, classified, merged
from contract_changes.operation_comparison import compare_operations
from contract_changes.operations import Operation, read
from contract_changes.schema_comparison import Contracts
from contract_changes.untouched import untouched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generation.contract import Json


def compare(old: Json, new: Json) -> list[Change]:
    """Return the changes from one contract to the other; breaking ones first.

    Schemas are compared as they are once references and allOf are followed: to write the same in
    another way is no change. Where no other change is found and yet the two are not equal, one
    change of the kind `wording` says so.

    Args:
        old: The old contract, as JSON.
        new: The new contract.

    Raises:
        ContractError: A reference has no target.
    """
    found = merged([*_operations(Contracts(old, new, untouched(old, new))), *_document(old, new)])
    if not found and old != new:
        return [classified("wording", "the contract", "written in another way")]
    return found


def _operations(contracts: Contracts) -> Iterator[Change]:
    before, after = read(contracts.old), read(contracts.new)
    renamed = _renamed(before, after)
    for name, operation in before.items():
        if name in after:
            yield from compare_operations(contracts, operation, after[name])
        elif name in renamed:
            new = renamed[name]
            what = f"`{name}` → `{new.name}`"
            yield _change("operation renamed", operation, what, after=new.name)
            yield from compare_operations(contracts, operation, new)
        else:
            yield _change("operation removed", operation, _address(operation))
    taken = {operation.name for operation in renamed.values()}
    for name, operation in after.items():
        if name not in before and name not in taken:
            yield _change("operation added", operation, _address(operation))


def _renamed(before: dict[str, Operation], after: dict[str, Operation]) -> dict[str, Operation]:
    """The new operations that stand at the address of one that is gone, by the old name."""
    arrived = {item.address: item for name, item in after.items() if name not in before}
    gone = {name: item for name, item in before.items() if name not in after}
    return {name: arrived[item.address] for name, item in gone.items() if item.address in arrived}


def _change(kind: str, operation: Operation, what: str, after: str | None = None) -> Change:
    name = operation.name
    return classified(kind, name, what, operation=name, name=name, before=name, after=after)


def _address(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def _document(old: Json, new: Json) -> Iterator[Change]:
    """What is said of the API as a whole."""
    yield from _servers(old, new)
    schemes = [item.get("components", {}).get("securitySchemes", {}) for item in (old, new)]
    before, after = ({name: _scheme(node) for name, node in item.items()} for item in schemes)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield classified("authentication changed", name, "another way of authentication")
    if old["info"].get("version") != new["info"].get("version"):
        what = f"{old['info'].get('version')} → {new['info'].get('version')}"
        yield classified("version", "the contract", what)
    texts = [(item["info"] | {"version": ""}, item.get("tags", [])) for item in (old, new)]
    if texts[0] != texts[1] or (before == after and schemes[0] != schemes[1]):
        yield classified("documentation", "the contract", "what it says of the API as a whole")


def _scheme(node: Json) -> Json:
    texts = ("description", "bearerFormat")
    return {key: value for key, value in node.items() if key not in texts}


def _servers(old: Json, new: Json) -> Iterator[Change]:
    before, after = ([item["url"] for item in each.get("servers", [])] for each in (old, new))
    for url in before:
        if url not in after:
            yield classified("address removed", "servers", url, name=url)
    for url in after:
        if url not in before:
            yield classified("address added", "servers", url, name=url)
    if before == after and old.get("servers") != new.get("servers"):
        yield classified("documentation", "servers", "description")
