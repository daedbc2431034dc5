"""The options of `memoryos serve` from the environment and from a TOML file."""

from __future__ import annotations

import argparse
import os
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from memoryos_server.commands import configuration, serve_options
from memoryos_server.commands.errors import UsageError
from memoryos_server.commands.serve_options import ServeOptions, add_arguments, read_options
from memoryos_server.http.rate_limit import Rate

PASSWORD_URL = "postgresql://ada:s3cr3t-pa55word@db/memories"


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def read(*words, file=None, warn=lambda _: None, **environ):
    """Read options from words of a command line, a file's text, and variables."""
    if file is not None:
        Path("serve.toml").write_text(file, encoding="utf-8")
        words = ("--config", "serve.toml", *words)
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    variables = {f"MEMORY_OS_{name}": value for name, value in environ.items()}
    return read_options(parser.parse_args(words), variables, warn)


def refusal(*words, **settings):
    with pytest.raises(UsageError) as raised:
        read(*words, **settings)
    return str(raised.value)


def sample(action):
    """Return a text that is a value of an option, and no option's default."""
    if action.nargs == 0:
        return "true"
    if action.choices:
        return list(action.choices)[-1]
    samples = {
        "store": "postgresql://h/d",
        "rate_limit": "5/s",
        "failed_auth_limit": "5/s",
        "backup_every": "5h",
        "embedder": "none",
        "trusted_proxies": "::1",
        "cors_origins": "https://app.example",
    }
    return samples.get(action.dest, "5")


OPTIONS = {
    name: action for name, action in serve_options.options_by_name().items() if name != "config"
}


@pytest.mark.parametrize("name", OPTIONS)
def test_each_option_means_the_same_wherever_it_is_set(name):
    text = sample(OPTIONS[name])
    is_flag = OPTIONS[name].nargs == 0
    option = f"--{name.replace('_', '-')}"
    on_line = getattr(read(option if is_flag else f"{option}={text}"), name)
    in_environment = getattr(read(**{name.upper(): text}), name)
    in_file = getattr(read(file=f"[serve]\n{name} = {text if is_flag else repr(text)}\n"), name)
    assert on_line == in_environment
    assert on_line != getattr(ServeOptions(), name)
    if OPTIONS[name].type is configuration.file_path:
        assert in_file == os.path.join(os.getcwd(), text)  # noqa: PTH109, PTH118 - as a text
    else:
        assert in_file == on_line


def test_the_options_have_no_others_and_no_defaults_but_those_of_serve_options():
    assert sorted(OPTIONS) == sorted(each.name for each in fields(ServeOptions))
    assert read() == ServeOptions()


def test_options_exclude_each_other_in_all_sources_alike():
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    groups = parser._mutually_exclusive_groups
    on_line = {tuple(action.dest for action in group._group_actions) for group in groups}
    assert on_line == set(serve_options._EXCLUSIVE)


def test_the_command_line_comes_before_the_environment_and_that_before_the_file():
    file = "[serve]\nport = 1\nhost = '::1'\nmax_requests = 9\nno_mcp = true\n"
    options = read("--port", "3", file=file, PORT="2", HOST="localhost", NO_MCP="no")
    assert (options.port, options.host, options.max_requests) == (3, "localhost", 9)
    assert options.no_mcp is False


def test_an_option_that_excludes_another_one_removes_it_from_the_sources_below():
    file = f"[serve]\nstore = {PASSWORD_URL!r}\nno_key = true\n"
    options = read(file=file, DATA="m.db", PRINT_KEY="1")
    assert (options.data, options.store, options.print_key, options.no_key) == (
        *("m.db", None),
        *(True, False),
    )
    options = read("--data", "m.db", STORE=PASSWORD_URL)
    assert (options.data, options.store) == ("m.db", None)
    assert read(file="[serve]\nprint_key = true\n", NO_KEY="false").print_key is True


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"PORT": "http"}, "MEMORY_OS_PORT: must be a number from 0 to 65535, not http"),
        ({"LOG": "loud"}, "MEMORY_OS_LOG: must be one of debug, info, warning, error, not loud"),
        (
            {"LOG_FORMAT": "jsno"},
            "MEMORY_OS_LOG_FORMAT: must be one of text, json, not jsno; did you mean json?",
        ),
        ({"JSON": "on"}, "MEMORY_OS_JSON: must be true or false, not on"),
        ({"RATE_LIMIT": "5"}, "MEMORY_OS_RATE_LIMIT: '5' is not a rate; write it like 50/s, "),
        ({"STORE": "mysql://u:s3cr3t@h/d"}, "MEMORY_OS_STORE: must begin with postgresql://"),
        (
            {"STORE": PASSWORD_URL, "DATA": "m.db"},
            "MEMORY_OS_DATA and MEMORY_OS_STORE exclude each other; unset one of these variables",
        ),
        ({"file": "[serve]\nprot = 1"}, "serve.toml: [serve] prot: unknown; did you mean port?"),
        ({"file": "[serve]\ntls-cert = 'c'"}, "tls-cert: unknown; did you mean tls_cert?"),
        ({"file": "[serve]\nconfig = 'c'"}, "serve.toml: [serve] config: unknown"),
        ({"file": '[serve]\n"a\\n\\u001bb" = 1'}, "serve.toml: [serve] a \ufffdb: unknown"),
        ({"file": "port = 1"}, "serve.toml: port: write the options into the table [serve]"),
        ({"file": "[server]\nport = 1"}, "server: write the options into the table [serve]"),
        ({"file": "serve = 1"}, "serve.toml: serve: must be a table; write its name as [serve]"),
        ({"file": "[[serve]]"}, "serve.toml: serve: must be a table; write its name as [serve]"),
        ({"DATA": "mysql://u:s3cr3t@h/d"}, "MEMORY_OS_DATA: must be a path, not a URL"),
        ({"file": "[serve]\nport = 65536"}, "[serve] port: must be a number from 0 to 65535"),
        ({"file": "[serve]\nport = 1.5"}, "[serve] port: must be a text or a number"),
        ({"file": "[serve]\nport = true"}, "[serve] port: must be a text or a number"),
        ({"file": "[serve]\nport = [1]"}, "[serve] port: must be a text or a number"),
        ({"file": "[serve]\njson = 'yes'"}, "[serve] json: must be true or false, without quot"),
        ({"file": "[serve]\ncors_origins = [1]"}, "cors_origins: must be an array of texts"),
        ({"file": "[serve]\ncors_origins = 1979-05-27"}, "must be an array of texts"),
        ({"file": "[serve]\ndata = ''"}, "serve.toml: [serve] data: must not be empty"),
        ({"file": '[serve]\ndata = "a\\u0000b"'}, "data: must not be empty or contain a NUL"),
        ({"file": f"[serve]\nport = {'9' * 5000}"}, "serve.toml: is not valid TOML: "),
        (
            {"file": "[serve]\nprint_key = true\nno_key = true"},
            "serve.toml: [serve] print_key and serve.toml: [serve] no_key exclude each other",
        ),
        ({"file": "[serve]\nport =\n"}, "serve.toml: is not valid TOML: Invalid value (at line 2"),
        ({"file": f"[serve]\nport = 0x{'f' * 5000}"}, "[serve] port: must be a text or a number"),
        ({"CONFIG": "nowhere.toml"}, "nowhere.toml: No such file or directory"),
        ({"CONFIG": "."}, ".: Is a directory"),
    ],
    ids=str,
)
def test_an_error_names_its_source_and_shows_no_secret(settings, message):
    said = refusal(**settings)
    assert message in said
    assert "s3cr3t" not in said
    assert "\n" not in said


def test_a_file_that_is_no_text_is_refused():
    Path("serve.toml").write_bytes("[serve]\nhost = '\u00e4'".encode("latin-1"))
    assert refusal("--config", "serve.toml") == "serve.toml: must be a text in UTF-8"


def test_an_empty_variable_is_not_set_and_white_space_around_a_value_is_ignored():
    assert read(PORT="", DATA=" ", JSON="", CONFIG="") == ServeOptions()
    assert read(PORT=" 8000\n", LOG="WARNING").port == 8000


def test_lists_are_arrays_or_texts():
    proxies = ("10.0.0.0/8", "::1")
    assert read("--trusted-proxies", " 10.0.0.0/8, ::1,").trusted_proxies == proxies
    assert read(TRUSTED_PROXIES="10.0.0.0/8,::1").trusted_proxies == proxies
    for value in ("['10.0.0.0/8', '::1']", "'10.0.0.0/8,::1'"):
        assert read(file=f"[serve]\ntrusted_proxies = {value}").trusted_proxies == proxies
    assert read(file="[serve]\ntrusted_proxies = []", TRUSTED_PROXIES="").trusted_proxies == ()


def test_numbers_rates_and_times_are_parsed():
    options = read(file="[serve]\nport = '80'\nmax_requests = 5\nrate_limit = '5/s'", PORT="")
    assert (options.port, options.max_requests, options.rate_limit) == (80, 5, Rate(5, 1.0))
    assert read(BACKUP_EVERY="90min").backup_every == timedelta(minutes=90)


def test_paths_in_the_file_are_relative_to_it_and_begin_at_home(tmp_path, monkeypatch):
    folder = tmp_path / "etc"
    folder.mkdir()
    monkeypatch.setenv("HOME", "/home/ada")
    text = "[serve]\ndata = 'm.db'\ntls_cert = '~/c.pem'\ntls_key = '/k.pem'\nbackup_dir = '../b'"
    (folder / "serve.toml").write_text(text, encoding="utf-8")
    for options in (read("--config", "etc/serve.toml"), read(CONFIG=str(folder / "serve.toml"))):
        assert options.data == str(folder / "m.db")
        assert (options.tls_cert, options.tls_key) == ("/home/ada/c.pem", "/k.pem")
        assert options.backup_dir == str(folder / "../b")
    for unchanged in (":memory:", PASSWORD_URL):
        assert read(file=f"[serve]\ndata = {unchanged!r}").data == unchanged
    assert read("--tls-cert=~/c.pem").tls_cert == "/home/ada/c.pem"
    assert read("--tls-cert", "c.pem").tls_cert == "c.pem"


def test_the_example_of_the_documentation_is_a_configuration():
    page = (Path(__file__).resolve().parents[3] / "docs" / "cli.md").read_text(encoding="utf-8")
    options = read(file=page.partition("```toml\n")[2].partition("```")[0])
    assert options.tls_cert == str(Path("tls/chain.pem").absolute())
    assert options.trusted_proxies == ("10.0.0.0/8", "127.0.0.1")


def test_a_byte_order_mark_is_ignored():
    assert read(file="\ufeff[serve]\nport = 1").port == 1


@pytest.mark.skipif(os.name != "posix", reason="this system has no modes of files")
def test_a_password_in_a_file_that_everybody_can_read_is_warned_of():
    said = []
    Path("serve.toml").touch(0o600)
    read(file=f"[serve]\nstore = {PASSWORD_URL!r}", warn=said.append)
    assert said == []
    Path("serve.toml").chmod(0o644)
    read(file="[serve]\nstore = 'postgresql://ada@db/memories'", warn=said.append)
    assert said == []
    read(file=f"[serve]\nstore = {PASSWORD_URL!r}", warn=said.append)
    assert said == [
        "serve.toml has a password in store, and every user can read it: run chmod o-r on it"
    ]


def test_a_variable_that_is_almost_one_of_an_option_is_warned_of():
    said = []
    others = {"API_KEY": "k", "BASE_URL": "u", "POOL_SIZE": "5", "SHARED": "/s", "LONG_TESTS": "1"}
    read(**others, warn=said.append)
    assert said == []
    read(PROT="1", TLS_CERTS="1", warn=said.append)
    read_options(argparse.Namespace(), {"MEMORYOS_DATA": "m.db"}, said.append)
    assert said == [
        "the variable MEMORY_OS_PROT has no effect; did you mean MEMORY_OS_PORT?",
        "the variable MEMORY_OS_TLS_CERTS has no effect; did you mean MEMORY_OS_TLS_CERT?",
        "the variable MEMORYOS_DATA has no effect; did you mean MEMORY_OS_DATA?",
    ]


def test_a_home_folder_that_is_missing_is_an_error_of_the_option(monkeypatch):
    def expanduser(_):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", expanduser)
    assert refusal(TLS_CERT="~/c") == "MEMORY_OS_TLS_CERT: ~/c: this user has no home folder"
