"""Pages of the documentation, and the evaluators of their code blocks."""

from __future__ import annotations

import ast
import configparser
import contextlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path

from sybil import Document
from sybil.evaluators.python import PythonEvaluator

from code_blocks import LEXER

from .commands import ROOT, problem_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = None

DOCS = ROOT / "docs"
ROOT_PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")

TITLED = re.compile(r'(\w+) title="([\w.]+)"')
INCLUDED = re.compile(r'--8<-- "(.+)"')
# No Python name, so that no block can use it: where the last Python block ends, and its output.
PRINTED = "last output"


def written_pages():
    """Return the pages written by hand; those of docs/reference/ are generated."""
    return sorted(page for page in DOCS.rglob("*.md") if page.parent.name != "reference")


def name_of(page):
    """Return a page's name for test ids."""
    return page.relative_to(ROOT).as_posix()


def examples_of(page):
    """Return the code blocks of a page as sybil's examples, which can be evaluated in order."""
    document = Document.parse(str(page), code_blocks)
    document.namespace["__name__"] = "__main__"
    return list(document)


def code_blocks(document):
    """Yield every fenced code block, with the evaluator of its language (a parser for sybil)."""
    for region in LEXER(document):
        region.parsed = region.lexemes["source"]
        titled = TITLED.fullmatch(region.lexemes["language"])
        if titled:
            region.lexemes["language"], region.lexemes["title"] = titled.groups()
        region.evaluator = write_file if titled else EVALUATORS[region.lexemes["language"]]
        yield region


def language_of(example):
    """Return the language of a code block."""
    return example.region.lexemes["language"]


def write_file(example):
    """Write a block with a title to that file in the working directory; run it if it has tests.

    Further blocks with the same title go to the end of the file.
    """
    file = Path(example.region.lexemes["title"])
    included = included_file(example)
    text = included.read_text(encoding="utf-8") if included else example.parsed
    before = file.read_text(encoding="utf-8") + "\n\n" if file.exists() else ""
    file.write_text(before + text, encoding="utf-8")
    return run_by_pytest(file) if file.name.startswith("test_") else None


def included_file(example):
    """Return the file of the repository that a block includes, or None."""
    included = INCLUDED.fullmatch(example.parsed.strip())
    return ROOT / included[1] if included else None


def is_a_test(example):
    """Return whether a Python block defines tests, so that pytest has to run it."""
    return any(
        isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_")
        for node in ast.parse(example.parsed).body
    )


def evaluate_python(example):
    """Run a block after those above it, as one program; keep its output for the block below."""
    file = included_file(example)
    if file is not None:  # has tests of its own
        return None if file.is_file() else f"no such file: {file}"
    if is_a_test(example):
        file = Path(f"test_line_{example.line}.py")
        file.write_text(example.parsed, encoding="utf-8")
        return run_by_pytest(file)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        PythonEvaluator()(example)
    example.namespace[PRINTED] = example.end, printed.getvalue()
    return None


def run_by_pytest(file):
    """Run a test file of the working directory; return pytest's output if it fails."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-W", "error", "--rootdir=."]
    # pytest-asyncio warns unless one of its settings is chosen.
    command += ["-p", "no:cacheprovider", "-p", "no:asyncio", str(file)]
    finished = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    return finished.stdout + finished.stderr if finished.returncode else None


def evaluate_output(example):
    """Compare a block of text directly below a Python block with the output of that block."""
    end, printed = example.namespace.pop(PRINTED, (0, ""))
    if example.document.text[end : example.start].strip():
        return None
    return None if is_output(example.parsed, printed) else f"The block above printed:\n{printed}"


def is_output(shown, printed):
    """Return whether a page may show the output like this.

    `…` matches anything within a line; on a line of its own, any number of lines.
    """
    pattern = "".join(_pattern_of(line) for line in shown.strip().splitlines())
    return re.fullmatch(pattern, printed.strip() + "\n") is not None


def _pattern_of(line):
    if line == "…":
        return r"(?:.*\n)*"
    return ".*".join(re.escape(part) for part in line.split("…")) + r"\n"


def commands_of(example):
    """Return the command lines of a block: all of `sh`, those behind a prompt of `console`."""
    lines = example.parsed.replace("\\\n", " ").splitlines()
    if language_of(example) == "console":
        return [line[2:] for line in lines if line.startswith("$ ")]
    return [line for line in lines if line.strip() and not line.startswith("#")]


def evaluate_commands(example):
    """Return what is wrong with the commands of a block."""
    problems = [problem_of(command) for command in commands_of(example)]
    return "\n".join(filter(None, problems))


def evaluate_json(example):
    """Parse a block of JSON."""
    json.loads(example.parsed)


def evaluate_toml(example):
    """Parse a block of TOML, where Python can."""
    if tomllib:
        tomllib.loads(example.parsed)


def evaluate_ini(example):
    """Parse a block of settings in sections, such as those of systemd."""
    configparser.ConfigParser(interpolation=None, strict=False).read_string(example.parsed)


def evaluate_sql(example):
    """Parse a block of SQL, where the parser is installed."""
    with contextlib.suppress(ModuleNotFoundError):
        import sqlglot

        sqlglot.parse(example.parsed, dialect="postgres")


EVALUATORS = {
    "console": evaluate_commands,
    "ini": evaluate_ini,
    "diff": lambda _: None,  # the README's; tests/contract/evolution applies it
    "json": evaluate_json,
    "python": evaluate_python,
    "sh": evaluate_commands,
    "sql": evaluate_sql,
    "text": evaluate_output,
    "toml": evaluate_toml,
}
