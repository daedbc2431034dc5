"""Showing one page of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .output.console import print_json
from .output.formatting import number

if TYPE_CHECKING:
    import argparse

    from .output.console import Console
    from .output.tables import Listing

__all__ = ["show_page"]


def show_page(
    page: Any, listing: Listing, what: str, console: Console, options: argparse.Namespace
) -> None:
    """Show a page of the API, for programs or for people, who are told where it goes on.

    Args:
        page: The API's answer: `data` and `meta`.
        listing: The same, for people.
        what: What it lists, in the plural.
        console: Where to show it.
        options: Those of `add_page`, and `json` or `quiet`.
    """
    quiet = getattr(options, "quiet", False)
    if options.json or quiet:
        for item in page["data"]:
            print_json(item) if options.json else print(item["id"])
        return
    if not page["data"]:
        console.note(f"No {what}.")
        return
    console.listing(listing)
    if page["meta"]["has_more"]:
        end = options.offset + len(page["data"])
        shown, total = number(len(page["data"])), number(page["meta"]["total"])
        console.note(f"{shown} of {total} {what}; --offset {end} goes on")
