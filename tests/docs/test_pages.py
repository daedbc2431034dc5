"""The documentation is correct: its code runs and prints what it shows, its commands exist."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import doctest
import inspect
import logging
import re
from pathlib import Path

import pytest
from sybil import Region
from sybil.document import PythonDocStringDocument
from sybil.example import SybilFailure

from code_blocks import without_code_blocks
from memoryos import MemoryOS
from memoryos._extras import MissingExtraError
from memoryos_server.commands import configuration, serve_options

from .commands import ROOT, make_targets, memoryos_problem, problem_of
from .pages import (
    EVALUATORS,
    ROOT_PAGES,
    examples_of,
    is_output,
    language_of,
    name_of,
    written_pages,
)

PAGES = [*written_pages(), *(ROOT / name for name in ROOT_PAGES)]
# The blocks that are run, those with their output, and what an application serves.
RUN = ("python", "text", "html")

every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


def examples_in(page, languages):
    """Return the code blocks of a page that are in these languages."""
    return [example for example in examples_of(page) if language_of(example) in languages]


def evaluate(examples):
    """Evaluate code blocks in their order, in the names of their document."""
    for example in examples:
        example.evaluate()


def is_run_elsewhere(page):
    """Whether a page or a module needs a framework: tests/integrations runs with those."""
    return page.parent.name == "integrations"


every_page_with_python = pytest.mark.parametrize(
    "page",
    [
        page
        for page in written_pages()
        if examples_in(page, {"python"}) and not is_run_elsewhere(page)
    ],
    ids=name_of,
)


@pytest.fixture
def reader(account, openai, monkeypatch, tmp_path):
    """What a reader has: a key, a place for files, and the log as it was before."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    logger = logging.getLogger("memoryos")
    before = logger.level, list(logger.handlers)
    yield tmp_path
    logger.setLevel(before[0])
    logger.handlers[:] = before[1]


@pytest.mark.embedder
@every_page_with_python
def test_the_python_of_a_page_runs_and_prints_what_it_shows(page, reader):
    """From top to bottom, as one program."""
    examples = examples_in(page, RUN)
    try:
        evaluate(examples)
    finally:
        for value in examples[0].namespace.values():
            if isinstance(value, MemoryOS):
                value.close()


@contextlib.contextmanager
def needed_extras():
    """Skip a test that needs an extra which is not installed."""
    try:
        yield
    except MissingExtraError as error:
        pytest.skip(str(error))


@every_page
def test_the_commands_of_a_page_exist_and_its_data_can_be_parsed(page):
    """Commands with their options, as the command line itself reads them; JSON and TOML."""
    with needed_extras():
        evaluate(examples_in(page, EVALUATORS.keys() - RUN))


@every_page
def test_every_command_that_a_sentence_names_exists(page):
    """`make …` and `memoryos …`, between backticks."""
    for quoted in re.findall(r"`([^`\n]+)`", without_code_blocks(page.read_text(encoding="utf-8"))):
        words = quoted.split()
        if words[:1] == ["make"] and len(words) > 1 and words[1] != "…":
            assert words[1] in make_targets(), quoted
        if words[:1] == ["memoryos"] and len(words) > 1:
            with needed_extras():
                problem = memoryos_problem([*words[1:2], "--help"])
                assert problem is None, quoted


@every_page
def test_every_variable_that_a_page_names_is_read_somewhere(page):
    """The names of environment variables are those of the code, or of the options of `serve`."""
    of_options = set(map(configuration.variable, serve_options.options_by_name()))
    code = "".join(
        file.read_text(encoding="utf-8")
        for folder in ("wrapper", "server", "tools", "tests")
        for file in (ROOT / folder).rglob("*.py")
    )
    named = set(re.findall(r"MEMORY_OS_[A-Z_]+", page.read_text(encoding="utf-8")))
    assert {name for name in named - of_options if f'"{name}"' not in code} == set()


def docstring_code(document):
    """Yield the examples of a docstring as one program (a parser for sybil)."""
    examples = doctest.DocTestParser().get_examples(document.text)
    if examples:
        code = "".join(example.source for example in examples)
        yield Region(0, len(document.text), parsed=code)


def module_of(example):
    """Return the path of an example's module in the package."""
    return Path(example.path).relative_to(ROOT / "wrapper").as_posix()


DOCSTRINGS = [
    example
    for file in sorted((ROOT / "wrapper").rglob("*.py"))
    if not is_run_elsewhere(file)
    for example in PythonDocStringDocument.parse(str(file), docstring_code)
]


@pytest.mark.embedder
@pytest.mark.off_contract(reason="examples of memoryos.testing inject faults")
@pytest.mark.parametrize(
    "example", DOCSTRINGS, ids=lambda example: f"{module_of(example)}:{example.line}"
)
def test_the_example_of_a_docstring_runs(example, reader):
    """On a Memory OS, with the names that it assumes."""
    from openai import OpenAI

    import memoryos
    from memoryos import AsyncMemoryOS, prompts, testing
    from memoryos._protocol import observers
    from memoryos.mcp import create_server

    async def run():
        code = compile(example.parsed, example.path, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        is_async = "_async" in module_of(example)
        with contextlib.ExitStack() as stack, MemoryOS() as memory, OpenAI() as openai:
            async with AsyncMemoryOS() as async_memory:
                names = {
                    **{name: getattr(memoryos, name) for name in memoryos.__all__},
                    **{name: getattr(testing, name) for name in testing.__all__},
                    "create_server": create_server,
                    "memory_id": memory.memories.create("The door is locked")["id"],
                    "server": stack.enter_context(testing.MemoryServer()),
                    "lines": ["one", "two"],
                    "memory": async_memory if is_async else memory,
                    "openai": openai,
                    "prompts": prompts,
                    "question": "Is the door locked?",
                }
                result = eval(code, names)
                if code.co_flags & inspect.CO_COROUTINE:
                    await result

    before = list(observers.factories)
    asyncio.run(run())
    observers.factories[:] = before


@pytest.mark.parametrize(
    "line",
    [
        "memoryos search --thresold 0.5 coffee",
        "memoryos search",
        "memoryos serch coffee",
        "memoryos list --json | memoryos serch -",
        "MEMORY_OS_LOG=info memoryos export",
        "make nonsense",
        "pip install '.[nonsense]'",
        "python examples/nonsense.py",
        "python -m nonsense",
        "uvicorn --app-dir examples nonsense:app",
        "rm -rf build",
        "claude mcp add memoryos -- /home/you/bin/memoryos nonsense",
    ],
)
def test_a_command_that_does_not_exist_is_found(line):
    """A misspelt option, command, target, extra or file; a program that no test knows."""
    assert problem_of(line) is not None


def test_an_output_that_is_not_what_the_page_shows_is_found():
    """In any line; `…` matches no more than it should."""
    shown = "one …\n…\nlast\n"
    assert is_output(shown, "one 1\nlast\n")
    assert is_output(shown, "one 1\ntwo\nthree\nlast\n")
    for printed in ("one 1\nlast\nmore\n", "One 1\nlast\n", "one\nlast\n", ""):
        assert not is_output(shown, printed)


@pytest.mark.parametrize(
    "block",
    [
        "```python\nraise ValueError\n```",
        "```python\ndef test_it():\n    assert False\n```",
        '```python\nprint("yes")\n```\n\n```text\nno\n```',
        '```python\n--8<-- "examples/nonsense.py"\n```',
        "```json\n{\n```",
        "```sh\nmake nonsense\n```",
        "1. in a list\n\n   ```console\n   $ make nonsense\n   ```",
        "```a-language-that-is-not-checked\n```",
    ],
)
def test_a_block_that_does_not_work_is_found(block, reader):
    """Of every language, wherever it is on the page."""
    page = reader / "page.md"
    page.write_text(f"# Page\n\n{block}\n", encoding="utf-8")
    with pytest.raises((SybilFailure, ValueError, KeyError)):
        evaluate(examples_of(page))
