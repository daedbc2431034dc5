"""The models of the API, each imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .content_type import ContentType
    from .context_envelope import ContextEnvelope
    from .context_format import ContextFormat
    from .context_memory import ContextMemory
    from .context_omissions import ContextOmissions
    from .context_request import ContextRequest
    from .context_response import ContextResponse
    from .deletion import Deletion
    from .deletion_envelope import DeletionEnvelope
    from .entity import Entity
    from .entity_create import EntityCreate
    from .entity_envelope import EntityEnvelope
    from .entity_page import EntityPage
    from .entity_type import EntityType
    from .error_detail import ErrorDetail
    from .error_details import ErrorDetails
    from .error_envelope import ErrorEnvelope
    from .field_error import FieldError
    from .memory import Memory
    from .memory_create import MemoryCreate
    from .memory_envelope import MemoryEnvelope
    from .memory_nature import MemoryNature
    from .memory_page import MemoryPage
    from .memory_update import MemoryUpdate
    from .meta import Meta
    from .metadata import Metadata
    from .metadata_filter import MetadataFilter
    from .page_meta import PageMeta
    from .score_explanation import ScoreExplanation
    from .score_part import ScorePart
    from .search_envelope import SearchEnvelope
    from .search_request import SearchRequest
    from .search_response import SearchResponse
    from .search_result import SearchResult
    from .search_type import SearchType
    from .sort_order import SortOrder
    from .tag import Tag
    from .tag_page import TagPage
    from .tag_sort import TagSort
    from .tier import Tier

_MODULES = {
    "ContentType": ".content_type",
    "ContextEnvelope": ".context_envelope",
    "ContextFormat": ".context_format",
    "ContextMemory": ".context_memory",
    "ContextOmissions": ".context_omissions",
    "ContextRequest": ".context_request",
    "ContextResponse": ".context_response",
    "Deletion": ".deletion",
    "DeletionEnvelope": ".deletion_envelope",
    "Entity": ".entity",
    "EntityCreate": ".entity_create",
    "EntityEnvelope": ".entity_envelope",
    "EntityPage": ".entity_page",
    "EntityType": ".entity_type",
    "ErrorDetail": ".error_detail",
    "ErrorDetails": ".error_details",
    "ErrorEnvelope": ".error_envelope",
    "FieldError": ".field_error",
    "Memory": ".memory",
    "MemoryCreate": ".memory_create",
    "MemoryEnvelope": ".memory_envelope",
    "MemoryNature": ".memory_nature",
    "MemoryPage": ".memory_page",
    "MemoryUpdate": ".memory_update",
    "Meta": ".meta",
    "Metadata": ".metadata",
    "MetadataFilter": ".metadata_filter",
    "PageMeta": ".page_meta",
    "ScoreExplanation": ".score_explanation",
    "ScorePart": ".score_part",
    "SearchEnvelope": ".search_envelope",
    "SearchRequest": ".search_request",
    "SearchResponse": ".search_response",
    "SearchResult": ".search_result",
    "SearchType": ".search_type",
    "SortOrder": ".sort_order",
    "Tag": ".tag",
    "TagPage": ".tag_page",
    "TagSort": ".tag_sort",
    "Tier": ".tier",
}

__all__ = (
    "ContentType",
    "ContextEnvelope",
    "ContextFormat",
    "ContextMemory",
    "ContextOmissions",
    "ContextRequest",
    "ContextResponse",
    "Deletion",
    "DeletionEnvelope",
    "Entity",
    "EntityCreate",
    "EntityEnvelope",
    "EntityPage",
    "EntityType",
    "ErrorDetail",
    "ErrorDetails",
    "ErrorEnvelope",
    "FieldError",
    "Memory",
    "MemoryCreate",
    "MemoryEnvelope",
    "MemoryNature",
    "MemoryPage",
    "MemoryUpdate",
    "Meta",
    "Metadata",
    "MetadataFilter",
    "PageMeta",
    "ScoreExplanation",
    "ScorePart",
    "SearchEnvelope",
    "SearchRequest",
    "SearchResponse",
    "SearchResult",
    "SearchType",
    "SortOrder",
    "Tag",
    "TagPage",
    "TagSort",
    "Tier",
)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
