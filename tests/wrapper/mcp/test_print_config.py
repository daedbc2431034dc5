"""`memoryos mcp --print-config`: what each application gets, with a reference to the key."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from memoryos._cli.main import main
from memoryos._cli.mcp_configurations import APPLICATIONS
from memoryos.testing import FaultProxy

from .calls import answer
from .official_client import over_http, over_stdio

pytestmark = pytest.mark.anyio

KEY = "mos_test_telltale0123456789"
URL = "https://memory.example.com/mcp"
BASE_URL = "https://memory.example.com/v1"
SERVERS = {"vscode": "servers", "zed": "context_servers"}
REFERENCES = {
    "claude-code": "${MEMORY_OS_API_KEY}",
    "cursor": "${env:MEMORY_OS_API_KEY}",
    "vscode": "${input:memoryos-key}",
}
INPUTS = [
    {
        "type": "promptString",
        "id": "memoryos-key",
        "description": "API key of Memory OS",
        "password": True,
    }
]


@pytest.fixture(autouse=True)
def _no_key(monkeypatch):
    """`--key-file` sets the variable in this process, and this restores it."""
    monkeypatch.setenv("MEMORY_OS_API_KEY", "")


@pytest.fixture
def printed(capsys):
    """A function that prints a configuration, and returns it and what standard error has."""

    def run(application, *options):
        assert main(["mcp", "--print-config", application, *options]) == 0
        written = capsys.readouterr()
        assert KEY not in written.out + written.err
        return json.loads(written.out), written.err

    return run


@pytest.fixture
def complaint(capsys):
    """A function that prints no configuration, and returns why."""

    def run(*options):
        assert main(["mcp", *options]) == 2
        written = capsys.readouterr()
        assert written.out == ""
        assert KEY not in written.err
        return written.err

    return run


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "my key"
    path.write_text(f"{KEY}\n")
    return path


def entry(configuration, application):
    """Return the only server of a configuration."""
    ((name, server),) = configuration[SERVERS.get(application, "mcpServers")].items()
    assert name == "memoryos"
    return server


@pytest.mark.parametrize("application", APPLICATIONS)
async def test_what_is_printed_starts_the_server(printed, application, tmp_path, monkeypatch):
    """From any folder, with the options that were given."""
    monkeypatch.setenv("MEMORY_OS_EMBEDDER", "hashing")
    monkeypatch.chdir(tmp_path)
    options = ("--data", "m.db", "--user", "-x y", "--scope", "project=x", "--read-only")
    configuration, _ = printed(application, *options)
    server = entry(configuration, application)
    kind = {"type": "stdio"} if application in ("claude-code", "vscode") else {}
    assert server == {
        **kind,
        "command": sys.executable,
        "args": [
            *("-m", "memoryos", "mcp", "--read-only", "--data", str(tmp_path / "m.db")),
            *("--user=-x y", "--scope", "project=x"),
        ],
        "env": {"MEMORY_OS_EMBEDDER": "hashing"},
    }
    (tmp_path / "m.db").touch()
    monkeypatch.chdir("/")
    environment = {**server["env"], "PYTHONPATH": ":".join(sys.path)}
    started = over_stdio(server["command"], server["args"], environment, subprocess.DEVNULL)
    async with started as client:
        assert set(await client.tools()) == {"search_memories", "get_context", "list_memories"}


@pytest.mark.parametrize("application", APPLICATIONS)
def test_standard_error_says_where_it_goes(printed, application):
    """On each system, and standard output has nothing else than JSON."""
    _, told = printed(application, "--local")
    assert told.startswith(f"{APPLICATIONS[application].title}: add this to ")
    if application == "claude-code":
        assert ".mcp.json" in told
    else:
        assert re.findall(r"^  (macOS|Windows|Linux) +\S", told, re.MULTILINE) == [
            *("macOS", "Windows", "Linux")
        ]


@pytest.mark.parametrize(("application", "reference"), REFERENCES.items())
def test_a_key_is_a_reference(printed, application, reference, monkeypatch):
    """To the variable, or to a value that the application asks for."""
    monkeypatch.setenv("MEMORY_OS_API_KEY", KEY)
    monkeypatch.setenv("MEMORY_OS_BASE_URL", BASE_URL)
    configuration, told = printed(application)
    assert entry(configuration, application)["env"] == {
        "MEMORY_OS_BASE_URL": BASE_URL,
        "MEMORY_OS_API_KEY": reference,
    }
    assert configuration.get("inputs") == (INPUTS if application == "vscode" else None)
    assert ("MEMORY_OS_API_KEY must be set" in told) == (application != "vscode")
    by_option, _ = printed(application, "--base-url", BASE_URL)
    assert entry(by_option, application)["env"] == {"MEMORY_OS_API_KEY": reference}
    local, told = printed(application, "--local")
    assert "env" not in entry(local, application)
    assert "inputs" not in local
    assert "must be set" not in told


@pytest.mark.parametrize("application", ["claude-desktop", "zed"])
def test_an_application_without_references_needs_a_file(complaint, printed, application, key_file):
    """It would have the key itself in its configuration otherwise."""
    told = complaint("--print-config", application, "--base-url", BASE_URL)
    assert "--key-file" in told
    options = ("--base-url", BASE_URL, "--key-file", str(key_file))
    server = entry(printed(application, *options)[0], application)
    assert server["args"][-2:] == ["--key-file", str(key_file)]
    assert "env" not in server


@pytest.mark.parametrize(
    ("application", "kind"), [("claude-code", "http"), ("cursor", None), ("vscode", "http")]
)
def test_a_server_over_http_is_an_address_and_a_header(printed, application, kind):
    configuration, _ = printed(application, "--url", URL)
    server = entry(configuration, application)
    assert server.pop("type", None) == kind
    authorization = f"Bearer {REFERENCES[application]}"
    assert server == {"url": URL, "headers": {"Authorization": authorization}}
    assert configuration.get("inputs") == (INPUTS if application == "vscode" else None)


@pytest.mark.local_server
async def test_the_printed_address_and_header_open_a_server(printed, served):
    """With the key in the place of the reference, as the application puts it there."""
    configuration, _ = printed("cursor", "--url", served.url)
    server = entry(configuration, "cursor")
    header = server["headers"]["Authorization"].replace(REFERENCES["cursor"], served.new_key())
    async with over_http(server["url"], header[len("Bearer ") :]) as client:
        assert (await answer(client, "list_memories"))["total"] == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--url", URL), "--url needs --print-config"),
        (("--print-config", "zed", "--url", URL), "--base-url"),
        (("--print-config", "claude-desktop", "--url", URL), "--base-url"),
        (("--print-config", "cursor", "--url", "memory.example.com/mcp"), "whole address"),
        (("--print-config", "cursor", "--url", "https://memory.example.com"), "whole address"),
        (("--print-config", "cursor", "--url", "file:///mcp"), "whole address"),
        (("--print-config", "cursor", "--url", f"https://a:{KEY}@x.com/mcp"), "password"),
        (("--print-config", "cursor", "--url", URL, "--user", "alice"), "--user"),
        (("--print-config", "cursor", "--url", URL, "--user=-a"), "combined with --user:"),
        (("--print-config", "cursor", "--url", URL, "--read-only"), "--read-only"),
        (("--print-config", "cursor", "--url", URL, "--data", "m.db"), "--data"),
        (("--print-config", "cursor", "--store", f"postgresql://a:{KEY}@x/db"), "~/.pgpass"),
        (("--print-config", "cursor", "--local", "--base-url", BASE_URL), "--base-url"),
        (("--print-config", "cursor", "--data", "/"), "is a folder"),
        (("--print-config", "cursor", "--user", ""), "must not be empty"),
        (("--print-config", "cursor", "--user", "${A}"), "would replace"),
        (("--print-config", "vscode", "--url", URL + "/${A}"), "would replace"),
    ],
)
def test_what_a_configuration_can_t_express_is_an_error(complaint, options, said):
    assert said in complaint(*options)


def test_an_unknown_application_is_an_error(capsys):
    with pytest.raises(SystemExit):
        main(["mcp", "--print-config", "emacs"])
    told = capsys.readouterr().err
    assert all(name in told for name in APPLICATIONS)


def test_the_command_is_the_installed_one(printed, tmp_path, monkeypatch):
    """By its absolute path, if it was started by its name; not behind its links."""
    target = tmp_path / "real"
    target.write_text("#!/bin/sh\n")
    target.chmod(0o755)
    script = tmp_path / "bin" / "memoryos"
    script.parent.mkdir()
    script.symlink_to(target)
    for name in (str(script), "memoryos", "bin/memoryos"):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("PATH", str(script.parent))
        monkeypatch.setattr(sys, "argv", [name, "mcp"])
        server = entry(printed("cursor", "--local")[0], "cursor")
        assert server == {"command": str(script), "args": ["mcp", "--local"]}


async def test_the_key_is_read_from_the_file(started, key_file):
    """Also where another one is in the environment."""
    with FaultProxy() as proxy:
        environment = {"MEMORY_OS_API_KEY": "mos_other", "MEMORY_OS_BASE_URL": proxy.base_url}
        async with started("--key-file", str(key_file), **environment) as client:
            await client.call("list_memories", {})
        (request,) = proxy.received
    assert request.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("command", ["mcp", "doctor"])
@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (None, (), "No such file"),
        (b"", (), "holds no API key"),
        (b"sk-telltale", (), "holds no API key"),
        (b"\xff\xfe", (), "holds no API key"),
        (KEY.encode(), ("--local",), "--key-file can't be combined"),
        (KEY.encode(), ("--data", "m.db"), "--key-file can't be combined"),
    ],
)
def test_a_wrong_key_file_is_an_error(tmp_path, capsys, command, content, options, said):
    """Without what it contains."""
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)
    assert main([command, "--key-file", str(path), *options]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "telltale" not in told


def test_a_folder_is_no_key_file(complaint):
    assert "Is a directory" in complaint("--key-file", str(Path("/")))
