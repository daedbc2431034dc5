from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset, read, to_json

if TYPE_CHECKING:
    from ..models.context_memory import ContextMemory
    from ..models.context_omissions import ContextOmissions

T = TypeVar("T", bound="ContextResponse")


@_attrs_define
class ContextResponse:
    """A context for a prompt.

    Attributes:
        context (str): The text to insert into the prompt.
        memories (list[ContextMemory]): The memories used in the context, best first.
        token_count (int): The number of tokens in the context, estimated by the service.
        retrieval_time_ms (int): The time that the retrieval took, in milliseconds.
        omitted (ContextOmissions | Unset): How many of the memories considered for a context were
            left out of it, by reason. A memory of which the context contains passages is not counted.
    """

    context: str
    memories: list[ContextMemory]
    token_count: int
    retrieval_time_ms: int
    omitted: ContextOmissions | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON has it, without the fields that are UNSET."""
        fields: dict[str, Any] = {
            "context": self.context,
            "memories": to_json(self.memories),
            "token_count": self.token_count,
            "retrieval_time_ms": self.retrieval_time_ms,
            "omitted": to_json(self.omitted),
            **to_json(self.additional_properties),
        }
        return {key: value for key, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the model from JSON: a missing field is UNSET, a value of another type stays as it is."""
        from ..models.context_memory import ContextMemory
        from ..models.context_omissions import ContextOmissions

        _source = dict(src_dict)
        context = _source.pop("context", UNSET)

        def _read_memories(_value: Any) -> list[ContextMemory]:
            memories = []
            _memories = _value
            for memories_item_data in _memories:
                memories_item = ContextMemory.from_dict(memories_item_data)

                memories.append(memories_item)

            return memories

        memories = read(_read_memories, _source.pop("memories", UNSET))
        token_count = _source.pop("token_count", UNSET)
        retrieval_time_ms = _source.pop("retrieval_time_ms", UNSET)

        def _read_omitted(_value: Any) -> ContextOmissions | Unset:
            _omitted = _value
            omitted: ContextOmissions | Unset
            if isinstance(_omitted, Unset):
                omitted = UNSET
            else:
                omitted = ContextOmissions.from_dict(_omitted)

            return omitted

        omitted = read(_read_omitted, _source.pop("omitted", UNSET))
        model = cls(
            context=context,
            memories=memories,
            token_count=token_count,
            retrieval_time_ms=retrieval_time_ms,
            omitted=omitted,
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
