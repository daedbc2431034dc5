"""A small contract, and what becomes of it when it is edited."""

from __future__ import annotations

import copy
from typing import Any, Callable, Dict

import pytest

pytest.importorskip("ruamel.yaml", reason="needs requirements/generator.txt (and Python 3.11)")

from contract_changes import compare

Json = Dict[str, Any]

CONTRACT: Json = {
    "openapi": "3.1.0",
    "info": {"title": "Notes", "version": "1"},
    "servers": [{"url": "https://a.example"}, {"url": "https://b.example"}],
    "security": [{"bearer": ["notes:read"]}],
    "paths": {
        "/notes/{id}": {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
            ],
            "put": {
                "operationId": "put_note",
                "parameters": [
                    {"name": "dry", "in": "query", "schema": {"type": "boolean"}},
                    {
                        "name": "size",
                        "in": "query",
                        "schema": {"$ref": "#/components/schemas/Size"},
                    },
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/NoteIn"}}
                    },
                },
                "responses": {
                    "200": {
                        "description": "The note.",
                        "headers": {"X-Request-Id": {"schema": {"type": "string"}}},
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Note"}}
                        },
                    },
                    "404": {"$ref": "#/components/responses/Missing"},
                },
            },
        },
        "/notes": {
            "get": {"operationId": "list_notes", "responses": {"204": {"description": "."}}}
        },
    },
    "components": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        "responses": {
            "Missing": {
                "description": "No such note.",
                "content": {
                    "application/json": {
                        "schema": {"type": "object"},
                        "example": {"error": {"code": "NOT_FOUND"}},
                    }
                },
            }
        },
        "schemas": {
            "Size": {
                "type": "integer",
                "minimum": 1,
                "maximum": 9,
                "default": 5,
                "description": "How large.",
            },
            "NoteIn": {
                "type": "object",
                "additionalProperties": False,
                "required": ["text"],
                "anyOf": [{"required": ["text"]}, {"required": ["kind"]}],
                "properties": {
                    "text": {"type": "string", "format": "uuid"},
                    "kind": {"type": "string", "enum": ["a", "b"]},
                    "free": {"type": "string"},
                    "rank": {"type": ["integer", "null"]},
                    "odd": {"oneOf": [{"type": "string", "minLength": 1}, {"type": "boolean"}]},
                },
            },
            "Note": {
                "type": "object",
                "required": ["text"],
                "properties": {
                    "text": {"type": "string", "format": "uuid"},
                    "kind": {"type": "string", "enum": ["a", "b"]},
                    "free": {"type": "string"},
                    "rank": {"type": ["integer", "null"]},
                    "size": {"$ref": "#/components/schemas/Size"},
                    "odd": {"oneOf": [{"type": "string", "minLength": 1}, {"type": "boolean"}]},
                    "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
                    "more": {"type": "object", "additionalProperties": False},
                    "shade": {"type": "string", "default": "grey"},
                },
            },
        },
    },
}


class Parts:
    """The places of a contract that the cases change."""

    def __init__(self, contract: Json) -> None:
        self.contract = contract
        self.paths = contract["paths"]
        self.put = contract["paths"]["/notes/{id}"]["put"]
        self.dry, self.size = self.put["parameters"]
        self.body = self.put["requestBody"]
        self.answers = self.put["responses"]
        self.ok = self.answers["200"]
        self.schemas = contract["components"]["schemas"]
        self.given = self.schemas["NoteIn"]["properties"]
        self.answered = self.schemas["Note"]["properties"]
        self.missing = contract["components"]["responses"]["Missing"]


@pytest.fixture
def notes():
    """The places of the small contract, which a test may change."""
    return Parts(copy.deepcopy(CONTRACT))


@pytest.fixture
def changes_of(notes):
    """What changes when the small contract is edited, and what it is before that."""

    def changes(edit: Callable[[Parts], Any], before: Callable[[Parts], Any] = lambda _: None):
        before(notes)
        edited = copy.deepcopy(notes.contract)
        edit(Parts(edited))
        return compare(notes.contract, edited)

    return changes
