"""The measured processes, and the server they connect to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import trustme

from .environments import FOLDER, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .environments import Environment
    from .lineup import Peer

__all__ = ["Addresses", "Worker", "environ", "serving", "working"]

PROGRAMS = Path(__file__).parent / "peers"
Addresses = dict[str, str]


class Worker:
    """A peer in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], name: str) -> None:
        self._process = process
        self._name = name

    def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Run one measure, and return its result.

        Raises:
            RuntimeError: The process has exited.
        """
        sent, answers = _pipes(self._process)
        print(json.dumps(asked), file=sent, flush=True)
        line = answers.readline()
        if not line:
            raise RuntimeError(f"{self._name} could not {asked['operation']}; see above")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def serving(core: int | None) -> Iterator[tuple[Addresses, Path]]:
    """Run the server; yield its addresses and the file with its certificate authority."""
    authority = trustme.CA()
    chain, key, roots = (FOLDER / name for name in ("chain.pem", "key.pem", "roots.pem"))
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(key)
    chain.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
    authority.cert_pem.write_to_path(roots)
    command = [sys.executable, "-m", "benchmarks.client.server"]
    command += ["--certificate", str(chain), "--key", str(key), *_on(core)]
    with _running(command, environ(), cwd=ROOT) as process:
        ports = json.loads(_pipes(process)[1].readline())
        addresses = {kind: f"{kind}://127.0.0.1:{port}" for kind, port in ports.items()}
        yield {**addresses, "local": "local"}, roots


@contextmanager
def working(
    peers: Mapping[str, tuple[Peer, Environment]], roots: Path, core: int | None
) -> Iterator[dict[str, Worker]]:
    """Run a process for each peer."""
    with ExitStack() as stack:
        workers = {}
        for name, (peer, environment) in peers.items():
            command = [str(environment.python), str(PROGRAMS / "run.py"), peer.module]
            command += ["--roots", str(roots), *_on(core)]
            process = stack.enter_context(_running(command, environ(environment)))
            workers[name] = Worker(process, name)
        yield workers


def environ(environment: Environment | None = None) -> dict[str, str]:
    """Return a peer's environment variables: not ours, no telemetry, files only under build/."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    if environment is not None and environment.sources:
        kept["PYTHONPATH"] = environment.sources
    home = str(FOLDER / "home")
    return {**kept, "HOME": home, "MEM0_DIR": home, "MEM0_TELEMETRY": "False"}


@contextmanager
def _running(
    command: list[str], variables: dict[str, str], cwd: Path = FOLDER
) -> Iterator[subprocess.Popen[str]]:
    """Run a process until the end of the block; it exits when its input ends."""
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=variables,
        cwd=cwd,
    ) as process:
        try:
            yield process
        finally:
            _pipes(process)[0].close()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def _on(core: int | None) -> list[str]:
    return [] if core is None else ["--core", str(core)]
