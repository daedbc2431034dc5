from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.context_format import ContextFormat, check_context_format
from ..models.tier import Tier, check_tier
from ..types import UNSET, Unset, read

T = TypeVar("T", bound="ContextRequest")


@_attrs_define
class ContextRequest:
    """The query, the token budget and the format of a context.

    Attributes:
        query (str): The topic of the prompt, in natural language. The local Memory OS accepts at
            most 32768 characters.
        max_tokens (int | Unset): The maximum number of tokens in the context. Default: 4000.
        tier (Tier | Unset): How long a memory is kept. `short` memories expire 24 hours after
            creation and lose about 10 % of their relevance per hour. `medium` memories fade over
            days. `long` memories don't expire and fade over months.
        format_ (ContextFormat | Unset): The format of a context. `text` is plain text, `json` a
            JSON document. Default: 'text'.
    """

    query: str
    max_tokens: int | Unset = 4000
    tier: Tier | Unset = UNSET
    format_: ContextFormat | Unset = "text"

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON has it, without the fields that are UNSET."""
        fields: dict[str, Any] = {
            "query": self.query,
            "max_tokens": self.max_tokens,
            "tier": self.tier,
            "format": self.format_,
        }
        return {key: value for key, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the model from JSON: a missing field is UNSET, a value of another type stays as it is."""

        _source = dict(src_dict)
        query = _source.pop("query", UNSET)
        max_tokens = _source.pop("max_tokens", UNSET)

        def _read_tier(_value: Any) -> Tier | Unset:
            _tier = _value
            tier: Tier | Unset
            if isinstance(_tier, Unset):
                tier = UNSET
            else:
                tier = check_tier(_tier)

            return tier

        tier = read(_read_tier, _source.pop("tier", UNSET))

        def _read_format_(_value: Any) -> ContextFormat | Unset:
            _format_ = _value
            format_: ContextFormat | Unset
            if isinstance(_format_, Unset):
                format_ = UNSET
            else:
                format_ = check_context_format(_format_)

            return format_

        format_ = read(_read_format_, _source.pop("format", UNSET))
        return cls(
            query=query,
            max_tokens=max_tokens,
            tier=tier,
            format_=format_,
        )
