"""The documentation keeps its word: its code runs and prints what it shows, its commands exist."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import doctest
import inspect
import io
import json
import logging
import re
import subprocess
import sys
from importlib import import_module

import pytest

from memoryos import MemoryOS
from memoryos._extras import MissingExtraError

from .commands import make_targets, memoryos_problem, problem_of
from .pages import INCLUDED, ROOT, Block, blocks_of, commands_of, name_of, prose_of, written_pages

if sys.version_info >= (3, 11):
    import tomllib

PAGES = written_pages()
LANGUAGES = {"console", "diff", "ini", "json", "python", "sh", "text", "toml", "yaml"}

every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)
every_page_with_python = pytest.mark.parametrize(
    "page",
    [page for page in PAGES if any(block.language == "python" for block in blocks_of(page))],
    ids=name_of,
)


class Program:
    """A page's code, run block after block as one program that prints into a buffer."""

    def __init__(self, page):
        self._page = page
        self._names = {"__name__": "__main__"}

    def run(self, block):
        """Run a block, and return what it printed."""
        above = "\n" * (block.line - 1)  # so that a traceback names the page's own line
        code = compile(above + block.code, str(self._page), "exec")
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            exec(code, self._names)
        return printed.getvalue()

    def close(self):
        """Close the clients that are left open."""
        for value in self._names.values():
            if isinstance(value, MemoryOS):
                value.close()


def is_a_test(block):
    """Whether pytest is to run the block."""
    return not block.is_a_file and any(
        isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_")
        for node in ast.parse(block.code).body
    )


def run_by_pytest(blocks, folder):
    """Run blocks as files of tests, as their reader would; all of them must pass."""
    for block in blocks:
        folder.joinpath(f"test_line_{block.line}.py").write_text(block.code, encoding="utf-8")
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-W", "error"]
    # pytest-asyncio warns where nobody has chosen one of its settings.
    command += ["-p", "no:cacheprovider", "-p", "no:asyncio"]
    finished = subprocess.run(
        [*command, "--rootdir", str(folder), str(folder)],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


def assert_prints(block, printed):
    """Fail unless this is what the page shows.

    `…` stands for anything in a line; as a line of its own, for any number of lines.
    """
    if block.output is None:
        return
    shown = "".join(pattern_of(line) for line in block.output.strip().splitlines())
    assert re.fullmatch(shown, printed.strip() + "\n"), f"line {block.line} printed:\n{printed}"


def pattern_of(line):
    """Return the expression that a line of a page stands for."""
    if line == "…":
        return r"(?:.*\n)*"
    return ".*".join(re.escape(part) for part in line.split("…")) + r"\n"


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
    blocks = [block for block in blocks_of(page) if block.language == "python"]
    tests = [block for block in blocks if is_a_test(block)]
    with contextlib.closing(Program(page)) as program:
        for block in blocks:
            if block not in tests and not block.is_a_file:
                assert_prints(block, program.run(block))
    if tests:
        run_by_pytest(tests, reader)


@every_page
def test_every_block_of_a_page_is_of_a_language_that_is_checked(page):
    """JSON and TOML are read, Python and commands are run or checked elsewhere."""
    for block in blocks_of(page):
        assert block.language in LANGUAGES, f"line {block.line}"
        if block.language == "json":
            json.loads(block.code)
        if block.language == "toml" and sys.version_info >= (3, 11):
            tomllib.loads(block.code)
        if "--8<--" in block.code:
            assert (ROOT / INCLUDED.fullmatch(block.code.strip())[1]).is_file()


@contextlib.contextmanager
def needed_extras():
    """Skip, with the reason, what needs an extra that is not installed."""
    try:
        yield
    except MissingExtraError as error:
        pytest.skip(str(error))


@every_page
def test_every_command_of_a_page_exists(page):
    """With its options, as the command line itself reads them."""
    shown = [
        command
        for block in blocks_of(page)
        if block.language in {"sh", "console"}
        for command in commands_of(block)
    ]
    with needed_extras():
        assert [problem for problem in map(problem_of, shown) if problem] == []


@every_page
def test_every_command_that_a_sentence_names_exists(page):
    """`make …` and `memoryos …`, between backticks."""
    for quoted in re.findall(r"`([^`\n]+)`", prose_of(page)):
        words = quoted.split()
        if words[:1] == ["make"] and len(words) > 1 and words[1] != "…":
            assert words[1] in make_targets(), quoted
        if words[:1] == ["memoryos"] and len(words) > 1:
            with needed_extras():
                problem = memoryos_problem([*words[1:2], "--help"])
                assert problem is None, quoted


@every_page
def test_every_variable_that_a_page_names_is_read_somewhere(page):
    """The names of environment variables are those of the code."""
    code = "".join(
        file.read_text(encoding="utf-8")
        for folder in ("wrapper", "server", "tools", "tests")
        for file in (ROOT / folder).rglob("*.py")
    )
    named = set(re.findall(r"MEMORY_OS_[A-Z_]+", page.read_text(encoding="utf-8")))
    assert {name for name in named if f'"{name}"' not in code} == set()


# What the examples of docstrings take for granted.
MODULES = (
    "memoryos._sync.client",
    "memoryos._async.client",
    "memoryos._sync.bulk",
    "memoryos.prompts",
)
MODULES = (*MODULES, "memoryos._async.bulk", "memoryos.otel")


def docstring_examples():
    """Return the code of every example in the docstrings of the reference, by its place."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    return {
        test.name: "".join(example.source for example in test.examples)
        for module in MODULES
        for test in finder.find(import_module(module))
        if test.examples
    }


EXAMPLES = docstring_examples()


@pytest.mark.embedder
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_of_a_docstring_runs(name, reader):
    """On a Memory OS, with the names that it takes for granted."""
    from openai import OpenAI

    from memoryos import AsyncMemoryOS, prompts
    from memoryos._protocol import observers

    async def run():
        code = compile(EXAMPLES[name], name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        is_async = code.co_flags & inspect.CO_COROUTINE
        with MemoryOS() as memory, OpenAI() as openai:
            async with AsyncMemoryOS() as async_memory:
                names = {
                    "AsyncMemoryOS": AsyncMemoryOS,
                    "MemoryOS": MemoryOS,
                    "lines": ["one", "two"],
                    "memory": async_memory if is_async else memory,
                    "openai": openai,
                    "prompts": prompts,
                    "question": "Is the door locked?",
                }
                result = eval(code, names)
                if is_async:
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
    """In any line; `…` is as generous as it says, and no more."""
    block = Block("python", "", 1, output="one …\n…\nlast\n")
    assert_prints(block, "one 1\nlast\n")
    assert_prints(block, "one 1\ntwo\nthree\nlast\n")
    for printed in ("one 1\nlast\nmore\n", "One 1\nlast\n", "one\nlast\n", ""):
        with pytest.raises(AssertionError):
            assert_prints(block, printed)
