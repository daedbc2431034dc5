"""`memoryos contract-test` as a command: what it prints, writes and returns, and how it stops."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import uvicorn

from memoryos._cli.main import main
from memoryos_server.commands.listening import listen
from memoryos_server.http.app import create_app
from memoryos_server.http.dispatch import Dispatcher

from .test_safety import CALLER, stored

KEYS = ("MEMORY_OS_API_KEY", "MEMORY_OS_READER_API_KEY")


@pytest.fixture
def address(server):
    """The address of the server, over HTTP."""
    listener = listen("127.0.0.1", 0)
    config = uvicorn.Config(
        create_app(Dispatcher(server.service)), log_config=None, ws="none", lifespan="off"
    )
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    running.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture
def command(server, address, monkeypatch):
    """Run the command against the server, in this process."""
    monkeypatch.setenv("MEMORY_OS_API_KEY", server.key)
    monkeypatch.setenv("MEMORY_OS_READER_API_KEY", server.reader_key)
    return lambda *options: main(["contract-test", "--base-url", address, *options])


QUICK = ("--settle", "0", "--sequences", "0", "--cases", "20")


def test_a_good_server_passes(command, capsys, tmp_path):
    """Status 0, a table by operation, and the same as JUnit XML and as JSON."""
    junit, report = tmp_path / "junit.xml", tmp_path / "report.json"
    files = ("--junit", str(junit), "--json", str(report))
    assert command(*QUICK, "--only", "list_tags", "--strict", *files) == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert lines[0].split() == ["operation", "checked", "failed", "assumed", "skipped", "cases"]
    row = next(line.split() for line in lines if line.startswith("list_tags"))
    assert int(row[1]) > 20
    assert row[2:] == ["0", "0", "0", "20"]
    assert "list_tags: 20 generated cases" in printed.err.replace("generated cases: ", "")
    suite = ET.parse(junit).getroot().find("testsuite[@name='list_tags']")
    assert suite.get("failures") == "0"
    assert {case.get("name") for case in suite} >= {"needs-its-scope", "tags-are-sorted"}
    written = json.loads(report.read_text(encoding="utf-8"))
    assert written["exit_status"] == 0
    assert written["generated_cases"] == 20
    assert {finding["verdict"] for finding in written["findings"]} == {"passed"}


def test_a_violation_is_named_and_fails(command, server, capsys, tmp_path, monkeypatch):
    """Status 1; operation, check, sentence and request stand in the report and in the XML."""
    monkeypatch.setattr(type(server.service), "list_tags", type(server.service).list_entities)
    server.service.create_entity(CALLER, {}, {"name": "an entity", "type": "thing"})
    junit = tmp_path / "junit.xml"
    assert command(*QUICK, "--only", "list_tags", "--junit", str(junit)) == 1
    printed = capsys.readouterr().out
    assert "list_tags: response-schema\n    Every body matches its schema" in printed
    assert "GET /v1/tags" in printed
    suite = ET.parse(junit).getroot().find("testsuite[@name='list_tags']")
    failed = [case.get("name") for case in suite if case.find("failure") is not None]
    assert "response-schema" in failed
    assert suite.get("failures") == str(len(failed))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--only", "nothing"), "there is no operation nothing; the operations are list_memories"),
        (("--base-url", "ftp://x"), "must be an address"),
        (("--api-key", "sk_secret"), "is not a Memory OS key"),
        (("--api-key", ""), "is blank"),
        (("--reader-key", "sk_secret"), "is not a Memory OS key"),
    ],
)
def test_misuse_says_what_to_do(command, capsys, options, sentence):
    """Status 2 and one line, before anything is sent; no key is shown."""
    assert command(*options) == 2
    printed = capsys.readouterr()
    assert sentence in printed.err
    assert "sk_secret" not in printed.err + printed.out


def test_without_address_or_key_it_says_which_variable(monkeypatch, capsys):
    """Status 2, with the names of the variables."""
    assert main(["contract-test"]) == 2
    assert "MEMORY_OS_BASE_URL" in capsys.readouterr().err
    monkeypatch.setenv("MEMORY_OS_BASE_URL", "http://127.0.0.1:1/v1")
    assert main(["contract-test"]) == 2
    assert "MEMORY_OS_API_KEY" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--cases=-1", "--cases=many", "--seed=x", "--settle=x"])
def test_an_amount_must_be_a_number(command, option):
    """Status 2, as any command gives for wrong options."""
    with pytest.raises(SystemExit) as stopped:
        command(option)
    assert stopped.value.code == 2


def test_an_unreachable_server_is_no_violation(command, capsys):
    """Status 2 and the reason, where nobody answers, the key is refused or the path is wrong."""
    assert command("--base-url", "http://127.0.0.1:1/v1") == 2
    assert "refused" in capsys.readouterr().out
    assert command("--api-key", "mos_test_of_nobody") == 2
    assert "rejects this API key" in capsys.readouterr().out


def test_a_missing_base_path_is_said_so(command, address, capsys):
    """Status 2 and the hint that /v1 is missing."""
    assert command("--base-url", address.removesuffix("/v1")) == 2
    assert "/v1 missing?" in capsys.readouterr().out


def test_without_the_extra_it_says_what_to_install(command, capsys, monkeypatch):
    """The package that is missing, the extra, and from where."""
    for name in [name for name in sys.modules if name.startswith("memoryos.contract_testing")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "schemathesis", None)
    assert command() == 1
    assert "needs the extra [contract] (schemathesis is missing)" in capsys.readouterr().err


def test_no_key_is_ever_shown(command, server, capsys, tmp_path):
    """Neither key stands in what is printed and written."""
    files = [tmp_path / "junit.xml", tmp_path / "report.json"]
    command(*QUICK, "--junit", str(files[0]), "--json", str(files[1]))
    printed = capsys.readouterr()
    texts = [printed.out, printed.err, *(file.read_text(encoding="utf-8") for file in files)]
    for key in (server.key, server.reader_key):
        assert not any(key in text for text in texts)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_and_nothing_remains(server, address, number):
    """Ctrl-C and SIGTERM in the middle: what it made is removed, the partial report is printed."""
    environment = {**os.environ, "MEMORY_OS_API_KEY": server.key, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "memoryos", "contract-test", "--base-url", address]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        for line in process.stderr:
            if line.startswith("create_memory: checks"):
                break
        assert stored(server)
        process.send_signal(number)
        output, rest = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "cleaning up" in rest
    assert "Interrupted: the results above are incomplete." in output
    assert "Traceback" not in rest
    assert stored(server) == {}


def test_the_command_is_described(capsys):
    """The help names every option and says that it is safe, and what the status means."""
    with pytest.raises(SystemExit):
        main(["contract-test", "--help"])
    text = capsys.readouterr().out
    for option in ("--base-url", "--api-key", "--junit", "--json", "--cases", "--sequences"):
        assert option in text
    assert "exit status: 0" in text


def test_the_contract_testing_package_needs_no_generated_client():
    """It reads the contract as data: a fault of the generated code can't hide one of the server."""
    folder = Path(sys.modules["memoryos"].__file__).parent / "contract_testing"
    sources = [path.read_text(encoding="utf-8") for path in folder.rglob("*.py")]
    assert sources
    assert not any("import memoryos_api" in text or "from memoryos_api" in text for text in sources)
