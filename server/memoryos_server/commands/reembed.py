"""`memoryos reembed`: change the embedder of a local Memory OS."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import TYPE_CHECKING, Any

from memoryos_server.embedders import MissingEmbedderError
from memoryos_server.embedders.protocol import address_of
from memoryos_server.embedders.registry import EMBEDDER_NAMES, make_importable, named_embedder
from memoryos_server.embedders.remote.pricing import (
    cost_in_dollars,
    format_dollars,
    price_of,
    usage_of,
    usage_summary,
)
from memoryos_server.embedders.remote.timeouts_and_retries import BATCH
from memoryos_server.model.errors import ServiceError

from . import option_values
from .errors import UsageError
from .exit_statuses import BROKEN_PIPE, FAILED, INTERRUPTED, USAGE_ERROR
from .formatting import one_line, plural
from .store_options import add_store_options, store_place

if TYPE_CHECKING:
    from memoryos_server.embedders import Embedder
    from memoryos_server.service.reembedding import Estimate, Plan, Reembedding

    from .output import Output

__all__ = ["configure", "run"]

_EPILOG = f"""examples:
  memoryos reembed --embedder openai --dry-run
  memoryos reembed --embedder ollama:nomic-embed-text
  memoryos reembed --embedder none --data notes.db

exit status:
  0 done; {FAILED} failed; {USAGE_ERROR} invalid option; {INTERRUPTED} interrupted; \
{BROKEN_PIPE} output closed

You can interrupt the command at any time; run it again to continue. Servers can keep running
meanwhile. After the change they reject searches and writes until you restart them with the new
embedder."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `reembed`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    # A prefix that is unambiguous today may be ambiguous in the next release.
    parser.allow_abbrev = False
    parser.add_argument(
        "--embedder",
        type=option_values.embedder,
        required=True,
        metavar="NAME",
        help="the new embedder, as in `memoryos serve`: "
        f"{EMBEDDER_NAMES.replace('auto, ', '')}; none drops all vectors, and search is by words",
    )
    add_store_options(parser)
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="change nothing; show how many memories and tokens there are to embed, and the cost",
    )
    parser.add_argument(
        "-y",
        "--yes",
        action="store_true",
        help="don't ask before memories are sent to another service; without a terminal, the "
        "command never asks",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")


def run(options: argparse.Namespace, output: Output) -> int:
    """Change the embedder and return the exit status."""
    from memoryos_server.stores.factory import MissingStoreError

    try:
        return _reembed(output, options)
    except UsageError as error:
        output.error(f"memoryos reembed: {one_line(str(error))}")
        return USAGE_ERROR
    except (ServiceError, MissingStoreError) as error:
        output.error(f"memoryos reembed: {one_line(str(error))}")
        return FAILED


def _reembed(output: Output, options: argparse.Namespace) -> int:
    from memoryos_server.service.reembedding import Reembedding
    from memoryos_server.stores.factory import open_store

    embedder = _embedder(options.embedder)
    name = None if embedder is None else embedder.name
    place = store_place(options)
    with closing(open_store(place, embedder=name, may_create=False)) as store:
        reembedding = Reembedding(store, embedder)
        plan = reembedding.plan()
        address = address_of(embedder)
        estimate = None
        if options.dry_run or address is not None:
            estimate = _estimate(output, reembedding, plan)
        if not options.json:
            _show_plan(output, plan, estimate, address)
        if options.dry_run:
            _show_dry_run(output, plan, estimate, options)
            return 0
        if not (options.yes or _is_confirmed(output, plan, address)):
            output.note("Nothing has changed.")
            return FAILED
        done = _run(output, reembedding, plan)
        _show_done(output, plan, done, embedder, options)
    return 0


def _embedder(name: str) -> Embedder | None:
    if name == "auto":
        raise UsageError("--embedder: name the one to use, not auto")
    make_importable(name)
    try:
        return named_embedder(name, BATCH)
    except MissingEmbedderError as error:
        raise UsageError(str(error)) from error


def _estimate(output: Output, reembedding: Reembedding, plan: Plan) -> Estimate:
    with output.progress("Counting", plan.remaining) as progress:
        return reembedding.estimate(progress.update)


def _run(output: Output, reembedding: Reembedding, plan: Plan) -> int:
    done = 0
    try:
        with output.progress("Embedding", plan.remaining) as progress:

            def report(count: int) -> None:
                nonlocal done
                done = count
                progress.update(done, max(plan.remaining, done))

            return reembedding.run(report)
    except BaseException:
        if done:
            output.error(
                f"stopped after {_memory_count(done)}; the same command continues from there"
            )
        raise


def _is_confirmed(output: Output, plan: Plan, address: str | None) -> bool:
    """Ask the user before memories are sent to another service."""
    return address is None or not plan.remaining or output.confirm("Go on?")


def _show_plan(output: Output, plan: Plan, estimate: Estimate | None, address: str | None) -> None:
    before = "without vectors" if plan.before is None else f"embedded by {plan.before}"
    output.line(f"{_memory_count(plan.memories)}, {before}")
    if plan.after is None:
        return
    output.line(f"{_memory_count(plan.remaining)} to embed with {plan.after}{_price(estimate)}")
    if address is not None and plan.remaining:
        output.line(f"Their texts are sent to {address}", "warning")


def _price(estimate: Estimate | None) -> str:
    if estimate is None:
        return ""
    cost = "" if estimate.cost is None else f", for {format_dollars(estimate.cost)}"
    return f": about {plural(estimate.tokens, 'token')}{cost}"


def _show_dry_run(
    output: Output, plan: Plan, estimate: Estimate | None, options: argparse.Namespace
) -> None:
    if options.json and estimate is not None:
        output.json(
            {
                **_facts(plan),
                "dry_run": True,
                "to_embed": estimate.memories,
                "tokens": estimate.tokens,
                "dollars": estimate.cost,
            }
        )


def _show_done(
    output: Output,
    plan: Plan,
    done: int,
    embedder: Embedder | None,
    options: argparse.Namespace,
) -> None:
    if options.json:
        tokens, cost = _spent(embedder)
        output.json(
            {**_facts(plan), "dry_run": False, "embedded": done, "tokens": tokens, "dollars": cost}
        )
        return
    summary = usage_summary(embedder)
    if plan.after is None:
        output.line("All vectors are dropped; search is by words", "good")
    else:
        output.line(f"{_memory_count(done)} embedded", "good")
    if summary is not None:
        output.line(summary)
    if plan.before != plan.after:
        output.line(f"From now on, serve them with --embedder={options.embedder}")


def _spent(embedder: Embedder | None) -> tuple[int | None, float | None]:
    usage = usage_of(embedder)
    if usage is None:
        return None, None
    return usage.tokens, cost_in_dollars(usage.tokens, price_of(embedder))


def _facts(plan: Plan) -> dict[str, Any]:
    return {"embedder_before": plan.before, "embedder": plan.after, "memories": plan.memories}


def _memory_count(count: int) -> str:
    return plural(count, "memory", "memories")
