from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.search_type import SearchType, check_search_type
from ..types import UNSET, Unset, read, to_json

if TYPE_CHECKING:
    from ..models.search_result import SearchResult

T = TypeVar("T", bound="SearchResponse")


@_attrs_define
class SearchResponse:
    """The results of a search.

    Attributes:
        results (list[SearchResult]): The memories found, best first.
        search_type (SearchType): The kind of search that ran: `semantic`, by meaning, or `text`,
            by words, if the service fell back to text search.
        threshold (float): The threshold that was applied.
    """

    results: list[SearchResult]
    search_type: SearchType
    threshold: float
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON has it, without the fields that are UNSET."""
        fields: dict[str, Any] = {
            "results": to_json(self.results),
            "search_type": self.search_type,
            "threshold": self.threshold,
            **to_json(self.additional_properties),
        }
        return {key: value for key, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the model from JSON: a missing field is UNSET, a value of another type stays as it is."""
        from ..models.search_result import SearchResult

        _source = dict(src_dict)

        def _read_results(_value: Any) -> list[SearchResult]:
            results = []
            _results = _value
            for results_item_data in _results:
                results_item = SearchResult.from_dict(results_item_data)

                results.append(results_item)

            return results

        results = read(_read_results, _source.pop("results", UNSET))

        def _read_search_type(_value: Any) -> SearchType:
            search_type = check_search_type(_value)

            return search_type

        search_type = read(_read_search_type, _source.pop("search_type", UNSET))
        threshold = _source.pop("threshold", UNSET)
        model = cls(
            results=results,
            search_type=search_type,
            threshold=threshold,
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
