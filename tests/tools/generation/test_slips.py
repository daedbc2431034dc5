"""A mistake in openapi.yaml is one line with the file and the line number."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("ruamel.yaml", reason="needs requirements/generator.txt (and Python 3.11)")

import contract_diff
import lint_faults
import regenerate
from generation import contract as contracts
from generation import environment, package

ROOT = Path(__file__).resolve().parents[3]
TEXT = """\
openapi: 3.1.0
info:
  title: Notes
  version: "1"
paths:
  /notes:
    get:
      operationId: list_notes
      parameters:
        - name: limit
          in: query
          schema: { type: integer }
      responses:
        "200":
          description: A page.
          content:
            application/json:
              schema: { $ref: "#/components/schemas/Note" }
components:
  schemas:
    Note:
      type: object
      properties:
        text: { type: string, minLength: 1 }
      required: [text]
"""

# What is replaced, by what, and what the message says: with the line.
SLIPS = {
    "a tab": ("  title: Notes", "\ttitle: Notes", "3: found character"),
    "too deep": ("  version:", "    version:", "4: mapping values are not allowed"),
    "an open bracket": ("[text]", "[text", "26: "),
    "an open quote": ("[text]", '["text]', "25: found unexpected end"),
    "a key twice": ("  title: Notes", "  title: Notes\n  title: B", "4: the key title is there tw"),
    "an unknown anchor": ("Notes", "*notes", "3: found undefined alias"),
    "a tag": ("Notes", "!note Notes", "3: could not determine a constructor"),
    "a dangling reference": ("schemas/Note", "schemas/Nite", "18: #/components/schemas/Nite ref"),
    "a reference to a file": ("#/components", "b.yaml#/components", "18: b.yaml#/components/sche"),
    "a reference that is a number": ('"#/components/schemas/Note"', "5", "18: 5: a reference"),
    "no operationId": ("operationId: list_notes", "summary: A list", "7: GET /notes has no oper"),
    "a number as operationId": ("list_notes", "5", "7: GET /notes has no operationId"),
    "an unknown method": ("get:", "gett:", "7: gett is not an HTTP method"),
    "a path without a slash": ("/notes:", "notes:", "6: the path notes must begin with /"),
    "a type with a typing error": ("type: integer", "type: intger", "12: intger is not a type"),
    "a type in a schema": ("type: string", "type: strng", "24: strng is not a type that"),
    "an unknown keyword": ("minLength", "minLenght", "24: minLenght is not a schema keyword"),
    "no schema": ("schema: { type: integer }", "required: true", "10: a parameter has no schema"),
    "an unknown place": ("in: query", "in: qery", "11: qery is none of path, query"),
    "a type in a list": ("type: object", "type: [objekt]", "22: objekt is not a type"),
    "no responses": ("responses:", "respones:", "7: GET /notes has no responses"),
    "properties as a list": ("text: {", "- text: {", "23: properties must be a mapping"),
    "required as a text": ("[text]", "text", "25: required must be a list"),
    "a number as key": ('"200":', "200:", "14: the key 200 is not a string; quote it"),
    "a date": ("Notes", "2026-01-01", "3: a date has no form in JSON"),
    "not a number": ('"1"', ".nan", "4: nan has no form in JSON"),
    "two documents": ("components:", "---\ncomponents:", "19: expected a single document"),
    "no paths": ("paths:", "x-paths:", "1: the contract has no paths"),
    "empty paths": ("paths:\n", "paths:\nx-paths:\n", "5: paths must be a mapping"),
    "a value in itself": ("Notes", "&a [*a]", "3: a value contains itself"),
    "a control character": ("Notes", "No\x01tes", "3: this character is not allowed"),
    "a word as minLength": (
        "minLength: 1",
        "minLength: one",
        "24: minLength must be a whole number",
    ),
    "a negative minLength": (
        "minLength: 1",
        "minLength: -1",
        "24: minLength must be a whole number",
    ),
    "a word as minimum": ("type: integer }", "minimum: zero }", "12: minimum must be a number"),
    "a flag as maximum": ("type: integer }", "maximum: yes }", "12: maximum must be a number"),
    "a word as a flag": (
        "in: query",
        "in: query\n          required: si",
        "12: required must be true",
    ),
    "a list as description": ("A page.", "[A page.]", "15: description must be a string"),
    "a list in an enum": (
        "type: integer }",
        "enum: [[a]] }",
        "12: enum must contain single values",
    ),
    "an open pattern": ("minLength: 1", 'pattern: "["', "24: the pattern is no regular expression"),
    "a number as version": ('"1"', "1.0", "4: version must be a string"),
    "no version": ("  version:", "  x-version:", "2: info has no version"),
    "another OpenAPI": ("3.1.0", "2.0", "1: the tools understand OpenAPI 3 only"),
    "no name": ("list_notes", "list notes", "8: the operationId list notes must be a Python name"),
    "an operation's tag without a list": (
        "operationId:",
        "tags: notes\n      operationId:",
        "8: tags must be a list",
    ),
    "an operation without tags": (
        "operationId:",
        "tags:\n      operationId:",
        "8: tags must be a list",
    ),
    "a number as tag": (
        "operationId:",
        "tags: [5]\n      operationId:",
        "8: tags must contain strings only",
    ),
    "security without a list": (
        "operationId:",
        "security: { bearer: [] }\n      operationId:",
        "8: security must be a list",
    ),
    "a name as security": (
        "operationId:",
        "security: [bearer]\n      operationId:",
        "8: each of security must be a mapping",
    ),
    "a scope without a list": ("paths:", "security: [bearer: read]\npaths:", "5: bearer must be a"),
    "an address as server": (
        "paths:",
        "servers: [https://a.example]\npaths:",
        "5: each of servers must be a mapping",
    ),
    "a server without an address": (
        "paths:",
        "servers: [description: Ours]\npaths:",
        "5: each of servers must have a url",
    ),
    "tags as texts": ("paths:", "tags: [notes]\npaths:", "5: each of tags must be a mapping"),
    "a security scheme as a text": (
        "components:",
        "components:\n  securitySchemes: { bearer: http }",
        "20: bearer must be a mapping",
    ),
    "a mapping as type": ("type: object", "type: {}", "22: {} is not a type"),
    "a body without content": (
        "responses:",
        "requestBody: {}\n      responses:",
        "13: a request body has no content",
    ),
    "a text as limits": (
        "type: integer }",
        "x-assumed-limits: maximum }",
        "12: x-assumed-limits must be a list",
    ),
    "examples without names": (
        '"#/components/schemas/Note" }',
        '"#/components/schemas/Note" }\n              examples: [a]',
        "19: examples must be a mapping",
    ),
    "an example without a value": (
        '"#/components/schemas/Note" }',
        '"#/components/schemas/Note" }\n              examples: { a: b }',
        "19: a must be a mapping",
    ),
    "a list": (TEXT, "- a\n", "1: the contract must be a mapping"),
    "a text": (TEXT, "hello", "1: the contract must be a mapping"),
    "nothing": (TEXT, "", "1: the contract must be a mapping"),
}


def message(path):
    with pytest.raises(contracts.ContractError) as raised:
        contracts.load(path)
    return str(raised.value)


@pytest.mark.parametrize(("old", "new", "said"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_named_with_its_line(tmp_path, old, new, said):
    assert old in TEXT
    path = tmp_path / "openapi.yaml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    text = message(path)
    assert text.startswith(f"openapi.yaml:{said}")
    assert "\n" not in text


def test_the_text_without_a_slip_is_read(tmp_path):
    path = tmp_path / "openapi.yaml"
    path.write_text(TEXT, encoding="utf-8")
    assert contracts.load(path)["info"]["title"] == "Notes"


@pytest.mark.parametrize("content", [b"a: 1\nb: \xff\n", "a: 1\nb: é\n".encode("latin-1")])
def test_a_line_in_another_encoding_is_named(tmp_path, content):
    path = tmp_path / "openapi.yaml"
    path.write_bytes(content)
    assert message(path) == "openapi.yaml:2: this line is not UTF-8"


def test_a_file_that_is_not_there_is_named(tmp_path):
    assert message(tmp_path / "openapi.yaml") == "openapi.yaml: No such file or directory"


def test_data_may_look_like_a_reference(tmp_path):
    path = tmp_path / "openapi.yaml"
    example = '{ type: string, example: { $ref: "#/nowhere" } }'
    path.write_text(TEXT.replace("{ type: integer }", example), encoding="utf-8")
    contracts.load(path)


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """A folder whose contract has a tab in line 5."""
    text = (
        (ROOT / "openapi.yaml").read_text(encoding="utf-8").replace("\n  summary", "\n\tsummary", 1)
    )
    (tmp_path / "openapi.yaml").write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "wrapper/memoryos/_async", tmp_path / "wrapper/memoryos/_async")
    monkeypatch.setattr(lint_faults, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "check", lambda _: None)
    monkeypatch.setattr(regenerate.sync_from_async, "main", lambda *_: 0)
    return tmp_path


def compare_with_a_commit(root):
    """Run `contract_diff` where the last commit has the contract without the slip."""
    path = root / "openapi.yaml"
    slipped = path.read_bytes()
    shutil.copy(ROOT / "openapi.yaml", path)
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "Start"]):
        subprocess.run(["git", "-C", str(root), *command], check=True)
    path.write_bytes(slipped)
    return contract_diff.main(["--base=HEAD"], root)


TOOLS = {
    "regenerate": lambda root: regenerate.main([], root),
    "regenerate --check": lambda root: regenerate.main(["--check"], root),
    "contract_diff": compare_with_a_commit,
    "lint_faults": lambda _: lint_faults.main(),
}


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)
def test_every_tool_names_the_slip(broken, capsys, tool):
    assert tool(broken) in (1, 2)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("openapi.yaml:5: ")
    assert err.count("\n") == 1


def test_a_mistake_that_is_found_later_gets_its_line(tmp_path):
    path = tmp_path / "openapi.yaml"
    path.write_text(TEXT, encoding="utf-8")
    assert contracts.with_line(path, "list_notes.limit: no.") == (
        "openapi.yaml:8: list_notes.limit: no."
    )
    assert contracts.with_line(path, "schema Note: no.") == "openapi.yaml:21: schema Note: no."
    assert contracts.with_line(path, "nothing here") == "openapi.yaml: nothing here"


def test_the_generator_asks_nobody_to_report_our_mistakes(tmp_path):
    program = (
        "import sys; print('ERROR in GET /notes'); "
        "sys.exit('If you believe this was a mistake, please open an issue at "
        "https://github.com/openapi-generators/openapi-python-client/issues/new')"
    )
    with pytest.raises(package.GenerationError, match=re.escape("ERROR in GET /notes")) as raised:
        package._run([sys.executable, "-c", program], tmp_path)
    assert str(raised.value) == "ERROR in GET /notes"
