"""Writing the generated package: the generator's run, then the modules of our own."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from ruamel.yaml import YAML

from generation import contract as contracts
from generation import environment, operations_table, schemas, typed_dicts
from generation.projection import project

PACKAGE = "memoryos_api"
# The generator's words for a mistake in the contract, which is ours.
_INVITATION = re.compile(r"open an issue|openapi-generators/openapi-python-client", re.IGNORECASE)


class GenerationError(Exception):
    """The generator or a hook failed; the message is what it said."""


def texts(contract: contracts.Json) -> dict[str, str]:
    """The modules and data that we write beside the generator's: name → text."""
    schemas.check_all(contract)
    return {
        "contract.json": contracts.as_json(contract),
        "operations.py": operations_table.render(contract),
        "typed_dicts.py": typed_dicts.render(contract),
        "py.typed": "",
    }


def write(root: Path, folder: Path) -> None:
    """Generate the package of the repository at `root` into a folder that does not exist yet."""
    contract = contracts.load(root / "openapi.yaml")
    ours = texts(contract)
    config = root / "generator-config.yaml"
    _generate(project(contract), config, root / "generator-templates", folder)
    for name, text in ours.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    for hook in YAML(typ="safe", pure=True).load(config)["post_hooks"]:
        _run(hook, cwd=folder)


def _generate(contract: contracts.Json, config: Path, templates: Path, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary) / "contract.json"
        source.write_text(contracts.as_json(contract), encoding="utf-8")
        _run(
            [
                *(sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"),
                *("--path", str(source), "--config", str(config), "--meta", "none"),
                *("--custom-template-path", str(templates), "--output-path", str(folder)),
            ],
            cwd=Path(temporary),
        )


def _without_invitation(output: str) -> str:
    """Return a program's output without blank lines and its request to report bugs."""
    lines = [line for line in output.splitlines() if line.strip()]
    return "\n".join(line for line in lines if not _INVITATION.search(line))


def _run(command: list[str] | str, cwd: Path) -> None:
    """Run a command; a string is one of the config's hooks, which are shell lines."""
    result = subprocess.run(
        command,
        cwd=cwd,
        env=environment.variables(),
        shell=isinstance(command, str),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if result.returncode != 0:
        said = _without_invitation(f"{result.stdout}\n{result.stderr}")
        raise GenerationError(said or f"{command} failed with status {result.returncode}.")
