"""The public surface: every public name, with its signature."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import griffe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGE = "memoryos"
SEARCHED = ("wrapper", "generated")
Surface = dict[str, str]

# For the command `memoryos` alone.
_NOT_PUBLIC = {"contract_testing"}
_CLIENTS = {f"{PACKAGE}.MemoryOS", f"{PACKAGE}.AsyncMemoryOS"}
_SPECIAL = {"__init__", "__enter__", "__exit__", "__aenter__", "__aexit__"}


class Difference(NamedTuple):
    """The added, removed and changed public names."""

    added: list[str]
    removed: list[str]
    changed: list[str]

    def __bool__(self) -> bool:
        return any(self._asdict().values())


def read(root: Path) -> Surface:
    """Return the public surface of the package at `root`, without importing it.

    Names are as in use, `memoryos.MemoryOS.memories.create`, whichever module defines them.
    """
    loader = griffe.GriffeLoader(
        search_paths=[str(root / folder) for folder in SEARCHED], allow_inspection=False
    )
    package = loader.load(PACKAGE)
    loader.load("memoryos_api")
    loader.resolve_aliases(implicit=True, external=False)
    assert isinstance(package, griffe.Module)
    return dict(sorted(_of_module(package, package)))


def difference(old: Surface, new: Surface) -> Difference:
    """Return the difference between two surfaces."""
    return Difference(
        added=[name for name in new if name not in old],
        removed=[name for name in old if name not in new],
        changed=[name for name in new if name in old and new[name] != old[name]],
    )


def _of_module(package: griffe.Module, module: griffe.Module) -> Iterator[tuple[str, str]]:
    for name, member in module.members.items():
        path = f"{module.path}.{name}"
        if isinstance(member, griffe.Module):
            if not name.startswith("_") and name not in _NOT_PUBLIC:
                yield from _of_module(package, member)
        elif _is_public(module, member):
            target = member.final_target if isinstance(member, griffe.Alias) else member
            yield from _of_object(package, path, target)


def _is_public(module: griffe.Module, member: griffe.Object | griffe.Alias) -> bool:
    if module.exports is not None:
        return member.name in {str(name) for name in module.exports}
    from_everywhere = isinstance(member, griffe.Alias) and member.wildcard_imported
    return not member.name.startswith("_") and (from_everywhere or not member.is_alias)


def _of_object(
    package: griffe.Module, path: str, target: griffe.Object | griffe.Alias
) -> Iterator[tuple[str, str]]:
    if isinstance(target, griffe.Class):
        bases = [str(base) for base in target.bases if not str(base).startswith("_")]
        yield path, f"class({', '.join(bases)})"
        yield from _members(package, path, target, _SPECIAL)
    elif isinstance(target, griffe.Function):
        yield path, target.signature()
    elif isinstance(target, griffe.Attribute):
        yield path, _attribute(target)
        resource = _class_of(package, str(target.annotation))
        if resource is not None and path.rpartition(".")[0] in _CLIENTS:
            yield from _members(package, path, resource, set())


def _members(
    package: griffe.Module, path: str, owner: griffe.Class, special: set[str]
) -> Iterator[tuple[str, str]]:
    for name, member in owner.all_members.items():
        if name in special or not name.startswith("_"):
            target = member.final_target if isinstance(member, griffe.Alias) else member
            yield from _of_object(package, f"{path}.{name}", target)


def _attribute(attribute: griffe.Attribute) -> str:
    """Return an attribute's signature: the value of a type alias, else the type."""
    if attribute.annotation is not None:
        return str(attribute.annotation)
    value = str(attribute.value)
    return value if re.match(r"[A-Z]\w*\[", value) else "a constant"


def _class_of(package: griffe.Module, annotation: str) -> griffe.Class | None:
    """Return the class of a resource, which users reach by an attribute: `memory.memories`."""
    for folder in ("_async", "_sync"):
        for module in package.modules[folder].modules.values():
            member = module.members.get(annotation)
            if isinstance(member, griffe.Class):
                return member
    return None
