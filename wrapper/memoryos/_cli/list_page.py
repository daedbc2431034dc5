"""Print one page of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos._protocol.response_fields import reading

from .output.console import print_id, print_json
from .output.formatting import number

if TYPE_CHECKING:
    import argparse

    from .output.console import Console
    from .output.tables import Listing

__all__ = ["show_page"]


def show_page(
    page: Any, listing: Listing, noun: str, console: Console, options: argparse.Namespace
) -> None:
    """Print a page of the API as a table, or as JSON or ids with `--json` or `--quiet`.

    If more items follow, a hint on the terminal shows how to list them.

    Args:
        page: Response of the API: `data` and `meta`.
        listing: The same items as a table.
        noun: Plural noun for the items, such as `tags`.
        console: Console to print to.
        options: Options of `add_page`, with `json` or `quiet`.
    """
    quiet = getattr(options, "quiet", False)
    if options.json or quiet:
        for item in page["data"]:
            print_json(item) if options.json else print_id(item)
        return
    if not page["data"]:
        console.note(f"No {noun}.")
        return
    console.listing(listing)
    with reading("the meta of the page"):
        has_more, total = page["meta"]["has_more"], number(page["meta"]["total"])
    if has_more:
        end = options.offset + len(page["data"])
        shown = number(len(page["data"]))
        console.note(f"{shown} of {total} {noun}; show more with --offset {end}")
