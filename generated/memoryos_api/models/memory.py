from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.content_type import ContentType, check_content_type
from ..models.memory_nature import MemoryNature, check_memory_nature
from ..models.tier import Tier, check_tier
from ..types import UNSET, Unset, parse_datetime, read, to_json

if TYPE_CHECKING:
    from ..models.metadata import Metadata

T = TypeVar("T", bound="Memory")


@_attrs_define
class Memory:
    """A stored memory.

    Attributes:
        id (UUID): The memory's id.
        content (str): The text of the memory.
        content_type (ContentType): The kind of text.
        tier (Tier): How long a memory is kept. `short` memories expire 24 hours after creation
            and lose about 10 % of their relevance per hour. `medium` memories fade over days. `long`
            memories don't expire and fade over months.
        memory_nature (MemoryNature | None):
        relevance_score (float): The memory's current relevance, from 0 to 1. It decays over time
            at a rate that depends on the tier; each access raises it again.
        importance_score (float): The memory's importance, from 0 to 1, as set by its creator.
        confidence_score (float): The service's confidence in the memory, from 0 to 1.
        decay_rate (float): The rate at which the relevance decays.
        access_count (int): How many times the memory was read by its id, returned by a search or
            used in a context.
        last_accessed_at (datetime.datetime | None): The time of the last access; null before the
            first one.
        parent_memory_id (None | UUID): The id of the parent memory; null if there is none.
        external_id (None | str): The application's own identifier for the memory; null if there
            is none.
        source_id (None | str): The application's identifier for the memory's source; null if
            there is none.
        metadata (Metadata): Any JSON object. Searches filter by two of its keys, `tags` and
            `entities`; the service stores all other keys unchanged. The local Memory OS accepts at
            most 65536 bytes, measured as compact JSON in UTF-8.
        pii_detected (bool): Whether personal data was detected in the content.
        pii_fields (list[str]): The kinds of personal data that were detected.
        integrity_hash (str): A hash of the content.
        created_at (datetime.datetime): The time of creation.
        updated_at (datetime.datetime): The time of the last change.
        expires_at (datetime.datetime | None): The time at which the memory expires; null if it
            doesn't expire.
    """

    id: UUID
    content: str
    content_type: ContentType
    tier: Tier
    memory_nature: MemoryNature | None
    relevance_score: float
    importance_score: float
    confidence_score: float
    decay_rate: float
    access_count: int
    last_accessed_at: datetime.datetime | None
    parent_memory_id: None | UUID
    external_id: None | str
    source_id: None | str
    metadata: Metadata
    pii_detected: bool
    pii_fields: list[str]
    integrity_hash: str
    created_at: datetime.datetime
    updated_at: datetime.datetime
    expires_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON has it, without the fields that are UNSET."""
        fields: dict[str, Any] = {
            "id": to_json(self.id),
            "content": self.content,
            "content_type": self.content_type,
            "tier": self.tier,
            "memory_nature": to_json(self.memory_nature),
            "relevance_score": self.relevance_score,
            "importance_score": self.importance_score,
            "confidence_score": self.confidence_score,
            "decay_rate": self.decay_rate,
            "access_count": self.access_count,
            "last_accessed_at": to_json(self.last_accessed_at),
            "parent_memory_id": to_json(self.parent_memory_id),
            "external_id": to_json(self.external_id),
            "source_id": to_json(self.source_id),
            "metadata": to_json(self.metadata),
            "pii_detected": self.pii_detected,
            "pii_fields": self.pii_fields,
            "integrity_hash": self.integrity_hash,
            "created_at": to_json(self.created_at),
            "updated_at": to_json(self.updated_at),
            "expires_at": to_json(self.expires_at),
            **to_json(self.additional_properties),
        }
        return {key: value for key, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the model from JSON: a missing field is UNSET, a value of another type stays as it is."""
        from ..models.metadata import Metadata

        _source = dict(src_dict)

        def _read_id(_value: Any) -> UUID:
            id = UUID(_value)

            return id

        id = read(_read_id, _source.pop("id", UNSET))
        content = _source.pop("content", UNSET)

        def _read_content_type(_value: Any) -> ContentType:
            content_type = check_content_type(_value)

            return content_type

        content_type = read(_read_content_type, _source.pop("content_type", UNSET))

        def _read_tier(_value: Any) -> Tier:
            tier = check_tier(_value)

            return tier

        tier = read(_read_tier, _source.pop("tier", UNSET))

        def _read_memory_nature(_value: Any) -> MemoryNature | None:
            def _parse_memory_nature(data: object) -> MemoryNature | None:
                if data is None:
                    return data
                try:
                    if not isinstance(data, str):
                        raise TypeError()
                    memory_nature_type_0 = check_memory_nature(data)

                    return memory_nature_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast("MemoryNature | None", data)

            memory_nature = _parse_memory_nature(_value)

            return memory_nature

        memory_nature = read(_read_memory_nature, _source.pop("memory_nature", UNSET))
        relevance_score = _source.pop("relevance_score", UNSET)
        importance_score = _source.pop("importance_score", UNSET)
        confidence_score = _source.pop("confidence_score", UNSET)
        decay_rate = _source.pop("decay_rate", UNSET)
        access_count = _source.pop("access_count", UNSET)

        def _read_last_accessed_at(_value: Any) -> datetime.datetime | None:
            def _parse_last_accessed_at(data: object) -> datetime.datetime | None:
                if data is None:
                    return data
                try:
                    if not isinstance(data, str):
                        raise TypeError()
                    last_accessed_at_type_0 = parse_datetime(data)

                    return last_accessed_at_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast("datetime.datetime | None", data)

            last_accessed_at = _parse_last_accessed_at(_value)

            return last_accessed_at

        last_accessed_at = read(_read_last_accessed_at, _source.pop("last_accessed_at", UNSET))

        def _read_parent_memory_id(_value: Any) -> None | UUID:
            def _parse_parent_memory_id(data: object) -> None | UUID:
                if data is None:
                    return data
                try:
                    if not isinstance(data, str):
                        raise TypeError()
                    parent_memory_id_type_0 = UUID(data)

                    return parent_memory_id_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast("None | UUID", data)

            parent_memory_id = _parse_parent_memory_id(_value)

            return parent_memory_id

        parent_memory_id = read(_read_parent_memory_id, _source.pop("parent_memory_id", UNSET))

        def _read_external_id(_value: Any) -> None | str:
            def _parse_external_id(data: object) -> None | str:
                if data is None:
                    return data
                return cast("None | str", data)

            external_id = _parse_external_id(_value)

            return external_id

        external_id = read(_read_external_id, _source.pop("external_id", UNSET))

        def _read_source_id(_value: Any) -> None | str:
            def _parse_source_id(data: object) -> None | str:
                if data is None:
                    return data
                return cast("None | str", data)

            source_id = _parse_source_id(_value)

            return source_id

        source_id = read(_read_source_id, _source.pop("source_id", UNSET))

        def _read_metadata(_value: Any) -> Metadata:
            metadata = Metadata.from_dict(_value)

            return metadata

        metadata = read(_read_metadata, _source.pop("metadata", UNSET))
        pii_detected = _source.pop("pii_detected", UNSET)

        def _read_pii_fields(_value: Any) -> list[str]:
            pii_fields = cast("list[str]", _value)

            return pii_fields

        pii_fields = read(_read_pii_fields, _source.pop("pii_fields", UNSET))
        integrity_hash = _source.pop("integrity_hash", UNSET)

        def _read_created_at(_value: Any) -> datetime.datetime:
            created_at = parse_datetime(_value)

            return created_at

        created_at = read(_read_created_at, _source.pop("created_at", UNSET))

        def _read_updated_at(_value: Any) -> datetime.datetime:
            updated_at = parse_datetime(_value)

            return updated_at

        updated_at = read(_read_updated_at, _source.pop("updated_at", UNSET))

        def _read_expires_at(_value: Any) -> datetime.datetime | None:
            def _parse_expires_at(data: object) -> datetime.datetime | None:
                if data is None:
                    return data
                try:
                    if not isinstance(data, str):
                        raise TypeError()
                    expires_at_type_0 = parse_datetime(data)

                    return expires_at_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast("datetime.datetime | None", data)

            expires_at = _parse_expires_at(_value)

            return expires_at

        expires_at = read(_read_expires_at, _source.pop("expires_at", UNSET))
        model = cls(
            id=id,
            content=content,
            content_type=content_type,
            tier=tier,
            memory_nature=memory_nature,
            relevance_score=relevance_score,
            importance_score=importance_score,
            confidence_score=confidence_score,
            decay_rate=decay_rate,
            access_count=access_count,
            last_accessed_at=last_accessed_at,
            parent_memory_id=parent_memory_id,
            external_id=external_id,
            source_id=source_id,
            metadata=metadata,
            pii_detected=pii_detected,
            pii_fields=pii_fields,
            integrity_hash=integrity_hash,
            created_at=created_at,
            updated_at=updated_at,
            expires_at=expires_at,
        )
        model.additional_properties = _source
        return model

    @property
    def additional_keys(self) -> list[str]:
        """The keys that the contract does not name."""
        return list(self.additional_properties)

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
