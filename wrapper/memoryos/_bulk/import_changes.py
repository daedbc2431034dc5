"""Changes that make an existing memory match an exported one."""

from __future__ import annotations

from typing import Any, Dict, Mapping, cast

from .import_dates import KEPT_KEYS
from .import_file import SEPARATE_KEYS
from .import_matching import metadata_key

UPDATE_FIELDS = ("content", "tier", "importance_score", "memory_nature", "metadata")


def changed_fields(memory: Mapping[str, Any], existing: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the updatable fields in which an exported memory differs from the existing one."""
    changed = {
        name: memory[name]
        for name in UPDATE_FIELDS
        if memory.get(name) is not None and _is_other(memory[name], existing.get(name))
    }
    there = existing.get("metadata")
    if isinstance(changed.get("metadata"), dict) and isinstance(there, dict):
        kept = cast("Dict[str, Any]", there)
        others: Dict[str, Any] = {key: [] for key in SEPARATE_KEYS if kept.get(key)}
        others.update({key: kept[key] for key in KEPT_KEYS if key in kept})
        changed["metadata"] = {**others, **changed["metadata"]}
    return changed


def _is_other(value: Any, existing: Any) -> bool:
    if not (isinstance(value, dict) and isinstance(existing, dict)):
        return bool(value != existing)
    try:  # for Python, True is equal to 1
        return metadata_key(value, is_exact=True) != metadata_key(existing, is_exact=True)
    except RecursionError:
        return True
