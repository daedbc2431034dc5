"""`memoryos reembed`: another embedder for the memories of a local Memory OS."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Optional, Tuple

from memoryos._cli import arguments
from memoryos._cli.command_runner import run_with_console
from memoryos._cli.confirmation import is_confirmed
from memoryos._cli.error_messages import FAILED, InputError
from memoryos._cli.output.console import print_json
from memoryos._cli.output.formatting import one_line, plural
from memoryos._extras import missing_extra, require_python

if TYPE_CHECKING:
    import argparse

    from memoryos._cli.output.console import Console
    from memoryos_server.embedders import Embedder
    from memoryos_server.service.reembedding import Estimate, Plan, Reembedding

__all__ = ["configure", "run"]

_FEATURE = "memoryos reembed"
_EXAMPLES = """
memoryos reembed --embedder openai --dry-run
memoryos reembed --embedder ollama:nomic-embed-text
memoryos reembed --embedder none --data notes.db
"""
_NOTE = """
It can be interrupted at any time: the same command goes on where it stopped. Servers may run
meanwhile; after the change they refuse to search and to write until they are started with the new
embedder."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `reembed`."""
    require_python(_FEATURE)
    from memoryos_server.commands.serve_options import read_embedder, store_url
    from memoryos_server.embedders.registry import EMBEDDER_NAMES

    arguments.describe(parser, _EXAMPLES)
    parser.epilog = f"{parser.epilog}\n{_NOTE}"
    parser.add_argument(
        "--embedder",
        type=read_embedder,
        required=True,
        metavar="NAME",
        help="the new embedder, as in `memoryos serve`: "
        f"{EMBEDDER_NAMES.replace('auto, ', '')}; none drops all vectors, and search is by words",
    )
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--data", metavar="FILE", help="the file that holds the memories, as in `memoryos serve`"
    )
    place.add_argument(
        "--store",
        type=store_url,
        metavar="URL",
        help="the PostgreSQL database that holds them, as in `memoryos serve`",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="change nothing, and say how many memories and tokens there are to embed, and what "
        "that costs",
    )
    parser.add_argument(
        "-y",
        "--yes",
        action="store_true",
        help="don't ask before memories are sent to another service; in a pipe or a script nobody "
        "is asked",
    )
    arguments.add_json(parser, "what was done as JSON")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")


def run(options: argparse.Namespace) -> int:
    """Change the embedder, and return the exit status."""
    try:
        from memoryos_server.model.errors import ServiceError
        from memoryos_server.stores.factory import MissingStoreError
    except ImportError as error:
        raise missing_extra("local", _FEATURE, error) from error

    def work(console: Console) -> int:
        try:
            return _reembed(console, options)
        except (ServiceError, MissingStoreError) as error:
            console.error(f"{_FEATURE}: {one_line(str(error))}")
            return FAILED

    return run_with_console("reembed", options, work)


def _reembed(console: Console, options: argparse.Namespace) -> int:
    from memoryos_server.embedders.protocol import address_of
    from memoryos_server.service.reembedding import Reembedding
    from memoryos_server.stores.factory import open_store

    embedder = _embedder(options.embedder)
    name = None if embedder is None else embedder.name
    with closing(open_store(_place(options), embedder=name)) as store:
        reembedding = Reembedding(store, embedder)
        plan = reembedding.plan()
        address = address_of(embedder)
        estimate = None
        if options.dry_run or address is not None:
            estimate = _estimate(console, reembedding, plan)
        if not options.json:
            _tell_plan(console, plan, estimate, address)
        if options.dry_run:
            _tell_dry_run(plan, estimate, options)
            return 0
        if not (options.yes or _is_wanted(plan, address)):
            console.note("Nothing is changed.")
            return FAILED
        done = _run(console, reembedding, plan)
        _tell_done(console, plan, done, embedder, options)
    return 0


def _embedder(name: str) -> Optional[Embedder]:
    from memoryos_server.embedders import MissingEmbedderError, registry
    from memoryos_server.embedders.retry_policy import BATCH

    if name == "auto":
        raise InputError("--embedder: name the one that is to be used, not auto")
    registry.make_importable(name)
    try:
        return registry.named_embedder(name, BATCH)
    except MissingEmbedderError as error:
        raise InputError(str(error)) from error


def _place(options: argparse.Namespace) -> str:
    from memoryos_server.stores.data_path import IN_MEMORY, data_path

    if options.store:
        return str(options.store)
    data = data_path(options.data)
    if data == IN_MEMORY:
        raise InputError("a Memory OS in memory is gone when its process ends: name a file")
    if not Path(data).exists():
        raise InputError(f"there is no file {data}")
    return data


def _estimate(console: Console, reembedding: Reembedding, plan: Plan) -> Estimate:
    with console.progress("Counting", plan.remaining) as progress:
        return reembedding.estimate(progress.update)


def _run(console: Console, reembedding: Reembedding, plan: Plan) -> int:
    done = 0
    try:
        with console.progress("Embedding", plan.remaining) as progress:

            def report(count: int) -> None:
                nonlocal done
                done = count
                progress.update(done, max(plan.remaining, done))

            return reembedding.run(report)
    except BaseException:
        if done:
            console.error(f"stopped after {_memories(done)}; the same command goes on from there")
        raise


def _is_wanted(plan: Plan, address: Optional[str]) -> bool:
    """Ask before texts are sent away, where a person is there to answer."""
    return address is None or not plan.remaining or is_confirmed("Go on?")


def _tell_plan(
    console: Console, plan: Plan, estimate: Optional[Estimate], address: Optional[str]
) -> None:
    before = "without vectors" if plan.before is None else f"embedded by {plan.before}"
    console.line(f"{_memories(plan.memories)}, {before}")
    if plan.after is None:
        return
    console.line(f"{_memories(plan.remaining)} to embed with {plan.after}{_price(estimate)}")
    if address is not None and plan.remaining:
        console.line(f"Their texts are sent to {address}", "warning")


def _price(estimate: Optional[Estimate]) -> str:
    from memoryos_server.embedders.pricing import format_dollars

    if estimate is None:
        return ""
    cost = "" if estimate.cost is None else f", for {format_dollars(estimate.cost)}"
    return f": about {plural(estimate.tokens, 'token')}{cost}"


def _tell_dry_run(plan: Plan, estimate: Optional[Estimate], options: argparse.Namespace) -> None:
    if options.json and estimate is not None:
        print_json(
            {
                **_facts(plan),
                "dry_run": True,
                "to_embed": estimate.memories,
                "tokens": estimate.tokens,
                "dollars": estimate.cost,
            }
        )


def _tell_done(
    console: Console,
    plan: Plan,
    done: int,
    embedder: Optional[Embedder],
    options: argparse.Namespace,
) -> None:
    from memoryos_server.embedders.pricing import usage_summary

    if options.json:
        tokens, cost = _spent(embedder)
        print_json(
            {**_facts(plan), "dry_run": False, "embedded": done, "tokens": tokens, "dollars": cost}
        )
        return
    told = usage_summary(embedder)
    if plan.after is None:
        console.line("All vectors are dropped; search is by words", "good")
    else:
        console.line(f"{_memories(done)} embedded", "good")
    if told is not None:
        console.line(told)
    if plan.before != plan.after:
        console.line(f"From now on, serve them with --embedder={options.embedder}")


def _spent(embedder: Optional[Embedder]) -> Tuple[Optional[int], Optional[float]]:
    from memoryos_server.embedders.pricing import cost_in_dollars, price_of, usage_of

    usage = usage_of(embedder)
    return (
        (None, None)
        if usage is None
        else (
            usage.tokens,
            cost_in_dollars(usage.tokens, price_of(embedder)),
        )
    )


def _facts(plan: Plan) -> Dict[str, Any]:
    return {"embedder_before": plan.before, "embedder": plan.after, "memories": plan.memories}


def _memories(count: int) -> str:
    return plural(count, "memory", "memories")
