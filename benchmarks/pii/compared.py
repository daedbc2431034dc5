"""Comparison with phonenumbers on the same texts, if it is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.marked import table

from .measure import Counts, counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .measure import Text

__all__ = ["compared"]


def compared(labelled: Sequence[Text]) -> str:
    """Return a table of telephone numbers: the server's rules, and phonenumbers' in three ways.

    Raises:
        ImportError: phonenumbers is not installed.
    """
    rows = [
        ("the local Memory OS", *_figures(counts(labelled)["phone"])),
        ("phonenumbers, no country given", *_figures(_with_country(labelled, ""))),
        (
            "phonenumbers, told that all are of the United States",
            *_figures(_with_country(labelled, "US")),
        ),
        ("phonenumbers, told the country of each text", *_figures(_with_country(labelled, "own"))),
    ]
    return table(("telephone numbers in all texts, by", "precision", "recall"), rows)


def _with_country(labelled: Sequence[Text], country: str) -> Counts:
    import phonenumbers

    def find(text: Text) -> Iterable[str]:
        region = {"": None, "own": text.locale[-2:]}.get(country, country)
        return ("phone",) if phonenumbers.PhoneNumberMatcher(text.text, region).has_next() else ()

    return counts(labelled, find)["phone"]


def _figures(measured: Counts) -> tuple[str, str]:
    return f"{measured.precision:.3f}", f"{measured.recall:.3f}"
