"""`memoryos evaluate`: measure how well searches answer questions of your own."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Generator, List, Mapping

from memoryos._cli import arguments
from memoryos._cli.command_runner import run_command
from memoryos._cli.error_messages import InputError
from memoryos._cli.evaluation import Answer, Expectations, Question, measures, parse_questions
from memoryos._cli.file_names import expand_user
from memoryos._cli.filter_options import add_filters, filters_of
from memoryos._cli.output.console import print_json
from memoryos._cli.output.formatting import one_line, plural, truncate
from memoryos._cli.scope_options import add_scope_options
from memoryos._cli.standard_input import STDIN, decoded
from memoryos._cli.temporary_path import temporary_path
from memoryos._protocol.response_fields import reading
from memoryos.exceptions import NotSupportedError, ValidationError

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._cli.output.console import Console

__all__ = ["configure", "run"]

_MAX_RESULTS = 100
_MISS_RANK = 5
_MAX_TEXT_LENGTH = 100
_OF_QUERY = ("query ", "body.query")
_EXAMPLES = """
memoryos evaluate questions.jsonl
memoryos evaluate --user ada --threshold 0.7 questions.jsonl
memoryos evaluate --data memories.db --embedder none questions.jsonl
memoryos evaluate --json questions.jsonl | jq .MRR
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `evaluate`."""
    arguments.describe(parser, _EXAMPLES)
    parser.add_argument(
        "file",
        metavar="FILE",
        help='questions, one for each line: {"query": "Where does Ada live?", "expected": ["Ada '
        'moved to Ghent"]}; what is expected is an id, an external id or a part of the content of '
        "a memory; - reads them from standard input",
    )
    parser.add_argument(
        "--threshold",
        type=arguments.fraction,
        default=0.0,
        metavar="0..1",
        help="minimum similarity of a result (default: 0, which measures the order alone)",
    )
    parser.add_argument(
        "--limit",
        type=arguments.at_least(1),
        default=_MAX_RESULTS,
        metavar="N",
        help="number of results to look for the expected ones in, up to 100 (default: %(default)s)",
    )
    parser.add_argument(
        "--miss",
        type=arguments.at_least(1),
        default=_MISS_RANK,
        metavar="K",
        help="show the questions without an expected memory among the first K results "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--embedder",
        metavar="NAME",
        help="evaluate a copy in memory with the vectors of this embedder, as for `memoryos "
        "serve`, which takes as long as embedding all memories",
    )
    add_filters(parser, entities=True)
    arguments.add_json(parser, "the figures and the ranks of each question as JSON")
    add_scope_options(parser)
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Evaluate. Return the exit status."""
    return run_command("evaluate", options, _evaluate)


def _evaluate(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    if options.embedder is not None and options.entity:
        raise InputError("--embedder can't be combined with --entity: the copy has no entities")
    name = "standard input" if options.file == STDIN else options.file
    expectations = Expectations(parse_questions(_read(options.file, name), name))
    filters = filters_of(options)
    with console.progress("Reading memories") as progress, reading("the memories"):
        listed = {key: value for key, value in filters.items() if key != "entities"}
        for memory in client.memories.iterate(**listed):
            expectations.look_at(memory)
            progress.update(expectations.count)
    expectations.check(name)
    search = {**filters, "threshold": options.threshold, "limit": options.limit}
    if options.embedder is None:
        answers = _ask(client, console, expectations, search, name)
    else:
        with _copy(client, console, options.embedder, expectations.count) as copy:
            answers = _ask(copy, console, expectations, search, name)
    if options.json:
        print_json(_report(answers, expectations.count))
    else:
        _show(answers, expectations.count, options.miss, console)
    return 0


def _read(file: str, name: str) -> str:
    content = sys.stdin.buffer.read() if file == STDIN else Path(expand_user(file)).read_bytes()
    return decoded(content, name)


@contextmanager
def _copy(
    client: MemoryOS, console: Console, embedder: str, count: int
) -> Generator[MemoryOS, None, None]:
    """Yield a copy of the memories, with the vectors of another embedder, in this process."""
    from memoryos import MemoryOS

    with temporary_path("memories.jsonl") as file, MemoryOS.local(
        ":memory:", embedder=embedder
    ) as copy:
        client.memories.export(file)
        with console.progress("Embedding", count) as progress:
            copy.memories.import_(
                file,
                on_conflict="duplicate",
                on_error="reject",  # what has expired meanwhile
                on_progress=progress.update,
            )
        yield copy


def _ask(
    client: MemoryOS,
    console: Console,
    expectations: Expectations,
    search: Mapping[str, Any],
    name: str,
) -> List[Answer]:
    """Return the answers to all questions. Counts no accesses where the service can do without.

    Raises:
        InputError: A question is no query that the service accepts.
    """
    explain: Dict[str, Any] = {"explain": True}  # such a search counts none
    answers: List[Answer] = []
    with console.progress("Asking", len(expectations.questions)) as progress:
        for question in expectations.questions:
            try:
                response = client.search(question.query, **search, **explain)
            except NotSupportedError:
                if not explain:
                    raise
                explain = {}
                console.error("warning: the service may count each result as an access")
                response = client.search(question.query, **search)
            except ValidationError as error:
                if not error.message.startswith(_OF_QUERY):
                    raise
                raise InputError(f"{name}: line {question.line}: {error.message}") from None
            with reading("the response"):
                answers.append(expectations.answer(question, list(response["results"])))
            progress.update(len(answers))
    return answers


def _show(answers: List[Answer], memories: int, miss_rank: int, console: Console) -> None:
    asked = f"{plural(len(answers), 'question')} about {plural(memories, 'memory', 'memories')}"
    console.line(asked, "strong")
    console.line("  ".join(f"{name} {value:.3f}" for name, value in measures(answers).items()))
    misses = [one for one in answers if one.best is None or one.best > miss_rank]
    for answer in sorted(misses, key=_worst_first):
        place = f"rank {answer.best}" if answer.best else "not found"
        console.line("")
        console.line(f"line {answer.question.line}: {_short(answer.question.query)}")
        console.line(f"  expected ({place}): {_expected(answer.question)}")
        if answer.first:
            console.line(f"  first: {_short(answer.first[0]['content'])}")


def _worst_first(answer: Answer) -> int:
    return -(answer.best or _MAX_RESULTS + 1)


def _expected(question: Question) -> str:
    return _short(" | ".join(question.expected))


def _short(text: str) -> str:
    return truncate(one_line(text), _MAX_TEXT_LENGTH)


def _report(answers: List[Answer], memories: int) -> Dict[str, Any]:
    return {
        "questions": len(answers),
        "memories": memories,
        **measures(answers),
        "answers": [
            {
                **answer.question._asdict(),
                "ranks": answer.ranks,
                "first": answer.first[0] if answer.first else None,
            }
            for answer in answers
        ],
    }
