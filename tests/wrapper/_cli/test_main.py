"""The `memoryos` command without its extras."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from memoryos import _extras
from memoryos._cli.commands import SUMMARIES
from memoryos._cli.main import main
from memoryos._extras import MissingExtraError, missing_extra, require_python
from memoryos._version import __version__
from memoryos_server import requirements


def python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_the_version_is_told(capsys):
    """`memoryos --version`, as people try first."""
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert (stop.value.code, capsys.readouterr().out) == (0, f"memoryos {__version__}\n")


def test_the_help_names_every_command(capsys):
    """With a few words on each."""
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    text = capsys.readouterr().out
    assert stop.value.code == 0
    for name, summary in SUMMARIES.items():
        assert name in text
        assert summary in text


def test_no_command_at_all_shows_the_help(capsys):
    """On standard error, with the exit status of a usage error."""
    assert main([]) == 2
    assert "usage: memoryos" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_and_version_import_nothing_heavy(arguments):
    """Neither httpx nor the module of any command; of the server, only what lists its commands."""
    result = python(
        "import sys\n"
        "from memoryos._cli.main import main\n"
        f"try: main({arguments!r})\n"
        "except SystemExit: pass\n"
        "ours = {name for name in sys.modules if name.startswith('memoryos_server')}\n"
        "parts = ('', '.commands', '.commands.argument_parser', '.commands.exit_statuses',\n"
        "         '.commands.formatting', '.commands.redaction', '.commands.standard_streams',\n"
        "         '.commands.suggestions', '.requirements')\n"
        "light = {f'memoryos_server{part}' for part in parts}\n"
        "heavy = {'httpx', 'memoryos_api', 'memoryos._cli.commands.create'} & set(sys.modules)\n"
        "sys.exit(repr(heavy | (ours - light)) if heavy | (ours - light) else 0)\n"
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_version_and_help_are_commands_too(run):
    """As in git; the same output as that of the options."""
    assert run("version") == run("--version") == run("-V") == (0, f"memoryos {__version__}\n", "")
    assert run("help") == run("--help")
    assert run("help", "list") == run("list", "--help")
    assert run("help", "version").status == 0


@pytest.mark.skipif(sys.version_info < (3, 10), reason="the server needs a newer Python")
def test_help_knows_the_actions_of_a_command(run):
    assert run("help", "keys", "create") == run("keys", "create", "--help")
    assert "revoke" in run("help", "keys").out


TYPING_ERRORS = {
    "serach": "unknown command serach; did you mean search?",
    "lsit": "unknown command lsit; did you mean list?",
    "Search": "unknown command Search; did you mean search?",
    "contract_test": "unknown command contract_test; did you mean contract-test?",
    "exports": "unknown command exports; did you mean export?",
    "xyz": "unknown command; choose from create, add, get",
}


@pytest.mark.parametrize(("word", "said"), TYPING_ERRORS.items())
def test_a_mistyped_command_is_answered_with_the_nearest(run, word, said):
    for arguments in ([word], [word, "x"], ["--local", word], ["help", word]):
        result = run(*arguments)
        assert (result.status, result.out) == (2, "")
        assert said in result.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["list", "--limt=3"], "unknown option --limt; did you mean --limit?"),
        (["list", "--min_relevance", "0.5"], "did you mean --min-relevance?"),
        (["--lcoal", "list"], "unknown option --lcoal; did you mean --local?"),
        (["--dta", "notes.db", "list"], "unknown option --dta; did you mean --data?"),
        (["--tiemout=5", "list"], "unknown option --tiemout; did you mean --timeout?"),
        (["keys", "--stroe", "u", "list"], "unknown option --stroe; did you mean --store?"),
        (["--verison"], "unknown option --verison; did you mean --version?"),
        (["list", "--tier", "medum"], "did you mean medium?"),
        (["search", "a", "b", "c"], "2 arguments too many; a text with spaces needs quotes"),
        (["search", "a", "b"], "1 argument too many"),
        (["--debug"], "no command; `memoryos help` lists the commands"),
    ],
)
def test_a_mistyped_option_is_answered_with_the_nearest(run, arguments, said):
    result = run(*arguments)
    assert (result.status, result.out) == (2, "")
    assert said in result.err


def test_an_unknown_command_is_a_usage_error(capsys):
    """The message names what there is."""
    with pytest.raises(SystemExit) as stop:
        main(["fly"])
    assert stop.value.code == 2
    assert "serve" in capsys.readouterr().err


def test_an_old_python_is_told_which_one_is_needed(monkeypatch, capsys):
    """In one line, without a traceback, before anything of the server is imported."""
    old = SimpleNamespace(version_info=(3, 9, 18))
    monkeypatch.setattr(_extras, "sys", old)
    monkeypatch.setattr(requirements, "sys", old)
    for command in ("serve", "contract-test"):
        assert main([command]) == 1
        assert capsys.readouterr().err == (
            f"memoryos {command} needs Python 3.10 or newer; this is 3.9\n"
        )
    monkeypatch.setattr(_extras, "sys", SimpleNamespace(version_info=(3, 10, 0)))
    require_python("memoryos serve")


@pytest.mark.skipif(sys.version_info < (3, 10), reason="an older Python is told so instead")
def test_a_missing_extra_is_told_with_the_line_that_installs_it(monkeypatch, capsys):
    """From a checkout: the name alone is another product."""
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert main(["serve"]) == 1
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert "memoryos serve needs the extra [local] (uvicorn is missing)" in message
    assert "pip install '.[local]'" in message


@pytest.mark.skipif(sys.version_info < (3, 10), reason="an older Python is told so instead")
def test_the_options_of_serve_are_told_without_the_extra(monkeypatch, capsys):
    """Help costs nothing."""
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    text = capsys.readouterr().out
    for option in ("--host", "--port", "--data", "--sync", "--allow-remote", "--json"):
        assert option in text


def test_only_a_missing_package_is_blamed_on_an_extra():
    """A fault in our own modules stays visible as it is."""
    blamed = missing_extra("local", "MemoryOS.local()", ModuleNotFoundError(name="numpy.linalg"))
    assert isinstance(blamed, ImportError)
    assert isinstance(blamed, MissingExtraError)
    assert "(numpy is missing)" in str(blamed)
    own = ("memoryos", "memoryos_api.models", "memoryos_server.x")
    for ours in (ImportError("cannot"), *(ModuleNotFoundError(name=name) for name in own)):
        with pytest.raises(ImportError) as raised:
            missing_extra("local", "MemoryOS.local()", ours)
        assert raised.value is ours
