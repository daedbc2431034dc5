"""Text of white space and format characters only is rejected, by the SDK and the local server."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from pathlib import Path

import pytest

import memoryos_api
from memoryos import MemoryOS
from memoryos.exceptions import ValidationError

CONTRACT = json.loads((Path(memoryos_api.__file__).parent / "contract.json").read_text("utf-8"))
SCHEMAS = CONTRACT["components"]["schemas"]
CONTENT = SCHEMAS["MemoryCreate"]["properties"]["content"]
# Unicode's property White_Space, which Python doesn't have: `isspace` takes U+001C to U+001F, too.
WHITE_SPACE = {
    *(9, 10, 11, 12, 13, 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B)),
    *(0x2028, 0x2029, 0x202F, 0x205F, 0x3000),
}
# Format characters since Unicode 14 and 15, unknown to older Pythons.
NEW_FORMAT_CHARACTERS = {0x890, 0x891, *range(0x13439, 0x13440)}
INVISIBLE = [
    " ",
    "\n\t",
    "\u200b",
    "\ufeff",
    "\xad",
    "\u2060",
    "\u202a\u202c",
    "\U000e0041",
    "\u3000",
]
FIELDS = [
    ("MemoryCreate", "content"),
    ("MemoryUpdate", "content"),
    ("SearchRequest", "query"),
    ("ContextRequest", "query"),
    ("EntityCreate", "name"),
]


def test_the_pattern_names_every_white_space_and_format_character():
    invisible = {
        code
        for code in range(sys.maxunicode + 1)
        if re.search(CONTENT["pattern"], chr(code)) is None
    }
    format_characters = {
        code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Cf"
    }
    known = WHITE_SPACE | format_characters
    assert invisible | NEW_FORMAT_CHARACTERS == known | NEW_FORMAT_CHARACTERS


@pytest.mark.parametrize(("schema", "name"), FIELDS)
def test_every_text_that_must_say_something_has_the_pattern(schema, name):
    field = SCHEMAS[schema]["properties"][name]
    assert field["minLength"] == 1  # which the server reports for an empty text
    assert field["pattern"] == CONTENT["pattern"]
    assert field["x-pattern-rule"] == CONTENT["x-pattern-rule"]


@pytest.mark.local_server
@pytest.mark.off_contract(reason="sends what the contract forbids")
@pytest.mark.parametrize("text", INVISIBLE, ids=ascii)
def test_the_sdk_and_the_server_reject_the_same(text):
    pytest.importorskip("memoryos_server", reason="the extra [local] is not installed")
    with MemoryOS.local(":memory:", embedder="none") as memory:
        stored = memory.memories.create("tea")["id"]
        calls = [
            lambda: memory.memories.create(text),
            lambda: memory.memories.update(stored, content=text),
            lambda: memory.search(text),
            lambda: memory.get_context(text),
            lambda: memory.entities.create(text, "person"),
        ]
        for call in calls:
            with pytest.raises(ValidationError, match=CONTENT["x-pattern-rule"]) as raised:
                call()
            assert raised.value.attempts == 0
        (result,) = memory.memories.create_many([text])
        assert CONTENT["x-pattern-rule"] in result.error.message
        client = memory.low_level.get_httpx_client()
        for method, path, body in [
            ("POST", "/memories", {"content": text}),
            ("PATCH", f"/memories/{stored}", {"content": text}),
            ("POST", "/search", {"query": text}),
            ("POST", "/context", {"query": text}),
            ("POST", "/entities", {"name": text, "type": "person"}),
        ]:
            response = client.request(method, path, json=body)
            assert response.status_code == 400, (method, path)
            assert CONTENT["x-pattern-rule"] in response.json()["error"]["message"]


@pytest.mark.local_server
@pytest.mark.parametrize("text", ["\u200ba", "👩\u200d💻", "\x1c", "\x00", "۝ 7", "."])
def test_text_with_anything_else_is_stored_as_it_is(text):
    pytest.importorskip("memoryos_server", reason="the extra [local] is not installed")
    with MemoryOS.local(":memory:", embedder="none") as memory:
        assert memory.memories.create(text)["content"] == text
