"""The files in deploy/ pass the checks of their formats, and name what exists."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import pytest

from memoryos_server.commands.serve_options import ServeOptions

from .conftest import PATIENCE_SECONDS
from .units import BACKUPS, DEPLOY, PROGRAM, settings

ROOT = DEPLOY.parent
UNITS = ("memoryos.service", "memoryos-backup.service", "memoryos-backup.timer")
MAX_EXPOSURE = 1.2
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


def program(name):
    """Return a program of this environment or system; skip where it isn't installed."""
    beside_python = shutil.which(name, path=str(Path(sys.executable).parent))
    found = beside_python or shutil.which(name) or shutil.which(name, path="/usr/sbin")
    return found or pytest.skip(f"{name} is not installed")


def check(*command):
    """Run a program, which must find nothing."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=DEPLOY)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_hadolint_finds_nothing_in_the_dockerfile():
    assert check(program("hadolint"), "Dockerfile") == ""


def test_compose_lint_finds_nothing_serious_in_the_compose_file():
    """Its warnings are about digests, which age, and about the ports that Caddy must publish."""
    told = check(program("compose-lint"), "compose.yaml")
    assert set(re.findall(r"CL-\d{4}", told.replace("e.g. compose-lint --explain", ""))) == {
        "CL-0005",
        "CL-0019",
    }


@pytest.fixture
def installed_units(tmp_path):
    """The units with a program that exists, as `verify` asks."""
    for name in UNITS:
        text = (DEPLOY / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace(PROGRAM, "/usr/bin/env"))
    return [str(tmp_path / name) for name in UNITS]


def test_systemd_finds_nothing_in_the_units(installed_units):
    assert check(program("systemd-analyze"), "verify", *installed_units) == ""


def test_the_services_are_exposed_little(installed_units):
    """By the rating of `systemd-analyze security`, from 0 to 10."""
    for unit in installed_units[:2]:
        told = check(program("systemd-analyze"), "security", "--offline=true", unit)
        (exposure,) = re.findall(r"Overall exposure level for \S+: (\S+)", told)
        assert float(exposure) <= MAX_EXPOSURE


def test_caddy_finds_nothing_in_the_caddyfile():
    caddy = program("caddy")
    assert "Valid configuration" in check(
        caddy, "validate", "--adapter", "caddyfile", "--config", "Caddyfile"
    )


@pytest.mark.parametrize("file", sorted(DEPLOY.iterdir()), ids=lambda file: file.name)
def test_every_variable_is_an_option_of_serve(file):
    """By its name, or one that the file itself or another program of ours defines."""
    options = {f"MEMORY_OS_{option.name.upper()}" for option in fields(ServeOptions)}
    own = {"MEMORY_OS_DOMAIN", "MEMORY_OS_UPSTREAM", "MEMORY_OS_CPUS"}
    named = set(re.findall(r"MEMORY_OS_[A-Z_]+", file.read_text(encoding="utf-8")))
    assert named <= options | own


def test_the_image_has_every_package_of_the_distribution():
    """Each is copied, and let through by the list of what Docker may read."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    packages = json.loads(re.search(r"^packages = (\[.*\])$", project, re.MULTILINE)[1])
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
    sources = {source for line in copied for source in line.split()}
    allowed = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert set(packages) < sources
    assert sources == {line[1:] for line in allowed if line.startswith("!")}
    assert all((ROOT / source).exists() for source in sources)


def test_the_image_runs_as_a_user_without_rights():
    """Not as root, and with a number, so that Kubernetes can check it."""
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]


def test_the_health_check_of_the_image_tells_a_server_from_none(start_service):
    """Its exit status is 0 for a server that is ready only."""
    (command,) = re.findall(r"^HEALTHCHECK .* CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert " 8765," in command
    service = start_service()

    def status(port):
        python, *arguments = json.loads(command.replace(" 8765,", f" {port},"))
        assert python == "python"
        return subprocess.run(
            [sys.executable, *arguments], capture_output=True, check=False, timeout=60
        ).returncode

    deadline = time.monotonic() + PATIENCE_SECONDS
    while status(service.address.port):  # until the embedder is loaded
        assert time.monotonic() < deadline
    service.stop()
    assert status(service.address.port) == 1
    with closing(socket.create_server(("127.0.0.1", 0))) as mute:
        assert status(mute.getsockname()[1]) == 1


def test_the_service_is_started_until_it_runs():
    """However late PostgreSQL starts: the limit would end the attempts, after a minute or so."""
    found = dict(settings(DEPLOY / "memoryos.service"))
    assert (found["Restart"], found["StartLimitIntervalSec"]) == ("on-failure", "0")


def test_the_compose_file_gives_commands_the_password(tmp_path):
    """Those that `run` runs, through the entry point; `exec` doesn't, and the guide uses `run`."""
    compose = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    (script,) = re.findall(r"^    - (PGPASSWORD=.*)$", compose, re.MULTILINE)
    (tmp_path / "postgres_password").write_text("it's\n")
    (tmp_path / "memoryos").write_text('#!/bin/sh\necho "$PGPASSWORD" "$@"\n')
    (tmp_path / "memoryos").chmod(0o755)
    script = script.replace("$$", "$").replace("/run/secrets", str(tmp_path))
    done = subprocess.run(
        ["/bin/sh", "-c", script, "memoryos", "keys", "list"],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("it's keys list\n", "")
    guide = (ROOT / "docs" / "guides" / "self-hosting.md").read_text(encoding="utf-8")
    assert re.findall(r"docker compose exec memoryos memoryos .*", guide) == []


def test_the_guide_names_every_file():
    """And the folder of the backups, which the administrator must make."""
    guide = (ROOT / "docs" / "guides" / "self-hosting.md").read_text(encoding="utf-8")
    names = [file.name for file in DEPLOY.iterdir()]
    assert [name for name in names if name not in guide] == []
    assert BACKUPS in guide


def test_the_guide_says_what_to_do_about_every_alert():
    """In the rules' order, with links to entries of the runbook that exist."""
    guide = (ROOT / "docs" / "guides" / "self-hosting.md").read_text(encoding="utf-8")
    rules = (DEPLOY / "alerts.yml").read_text(encoding="utf-8")
    assert re.findall(r"`(MemoryOS[A-Za-z]+)`", guide) == re.findall(r"alert: (\w+)", rules)
    titles = re.findall(r"^#+ (.*)$", guide, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}
    assert set(re.findall(r"\]\(#([\w-]+)\)", guide)) <= anchors
