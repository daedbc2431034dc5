"""Checks of the contract's form that name the line of a mistake.

They find what people mistype. What the contract means is checked where it is used.
"""

from __future__ import annotations

import math
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from generation.keywords import COMBINATIONS, NOTES, RULES, TYPES

if TYPE_CHECKING:
    from collections.abc import Collection

    from generation.yaml_file import FileError, Lines, Pointer

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PATH_KEYS = {*METHODS, "parameters", "summary", "description", "servers", "$ref"}
_PLACES = ("path", "query", "header", "cookie")
_KEYWORDS = {*RULES, *COMBINATIONS, *NOTES, "$ref"}
_TEXT, _FLAG, _NUMBER, _COUNT = "a string", "true or false", "a number", "a whole number, 0 or more"
_NOTES = {"summary": _TEXT, "description": _TEXT, "deprecated": _FLAG}
_REQUIRED = {**_NOTES, "required": _FLAG}
_SCHEMA_VALUES = {
    **_NOTES,
    **dict.fromkeys(("title", "format", "pattern"), _TEXT),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _NUMBER),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _COUNT),
    **dict.fromkeys(("minProperties", "maxProperties"), _COUNT),
}
# Their values are data, in which nothing has a meaning.
_DATA = {"example", "examples", "default", "enum", "const", "value"}


class Checker:
    """Checks a contract, and raises the first mistake that it finds.

    Args:
        contract: The content of the file.
        lines: The lines of its values.
    """

    def __init__(self, contract: Any, lines: Lines) -> None:
        self._contract = contract
        self._lines = lines

    def check(self) -> None:
        """Check everything.

        Raises:
            FileError: There is a mistake; the message begins with the file and the line.
        """
        self._mapping(self._contract, (), "the contract")
        self._check_json(self._contract, ())
        self._check_references(self._contract, ())
        for key in ("openapi", "info", "paths"):
            if key not in self._contract:
                raise self._error((), f"the contract has no {key}")
        self._check_version()
        for key, field in (("servers", "url"), ("tags", "name")):
            self._check_entries(self._contract.get(key, []), (key,), field)
        self._check_security(self._contract.get("security", []), ("security",))
        self._check_components()
        self._check_paths()

    def _check_version(self) -> None:
        if not str(self._contract["openapi"]).startswith("3."):
            raise self._error(("openapi",), "the tools understand OpenAPI 3 only")
        self._check_values(self._contract, (), {"openapi": _TEXT})
        info = self._mapping(self._contract["info"], ("info",))
        for key in ("title", "version"):
            if key not in info:
                raise self._error(("info",), f"info has no {key}")
        kinds = {**_NOTES, "title": _TEXT, "version": _TEXT}
        self._check_values(info, ("info",), kinds)

    def _check_entries(self, node: Any, pointer: Pointer, field: str) -> None:
        for index, value in enumerate(self._list(node, pointer)):
            inner = (*pointer, index)
            entry = self._mapping(value, inner, f"each of {pointer[-1]}")
            if field not in entry:
                raise self._error(inner, f"each of {pointer[-1]} must have a {field}")
            self._check_values(entry, inner, {field: _TEXT, "description": _TEXT})

    def _check_security(self, node: Any, pointer: Pointer) -> None:
        for index, value in enumerate(self._list(node, pointer)):
            inner = (*pointer, index)
            for scheme, scopes in self._mapping(value, inner, "each of security").items():
                self._check_texts(scopes, (*inner, scheme))

    def _check_components(self) -> None:
        components = self._mapping(self._contract.get("components", {}), ("components",))
        pointer: Pointer = ("components", "securitySchemes")
        for name, node in self._mapping(components.get("securitySchemes", {}), pointer).items():
            self._mapping(node, (*pointer, name))
        for kind, check in (
            ("schemas", self._check_schema),
            ("parameters", self._check_parameter),
            ("requestBodies", self._check_body),
            ("responses", self._check_response),
            ("headers", self._check_header),
        ):
            pointer = ("components", kind)
            for name, node in self._mapping(components.get(kind, {}), pointer).items():
                check(node, (*pointer, name))

    def _error(self, pointer: Pointer, message: str) -> FileError:
        return self._lines.error(pointer, message)

    def _mapping(self, node: Any, pointer: Pointer, name: str = "") -> dict[str, Any]:
        if not isinstance(node, dict):
            raise self._error(pointer, f"{name or pointer[-1]} must be a mapping")
        return node

    def _list(self, node: Any, pointer: Pointer) -> list[Any]:
        if not isinstance(node, list):
            raise self._error(pointer, f"{pointer[-1]} must be a list")
        return node

    def _check_values(self, node: dict[str, Any], pointer: Pointer, kinds: dict[str, str]) -> None:
        for key, kind in kinds.items():
            if key in node and not _is_of_kind(node[key], kind):
                raise self._error((*pointer, key), f"{key} must be {kind}")

    def _check_json(self, node: Any, pointer: Pointer) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if not isinstance(key, str):
                    where = (*pointer, str(key))
                    raise self._error(where, f"the key {key!r} is not a string; quote it")
                self._check_json(value, (*pointer, key))
        elif isinstance(node, list):
            for index, value in enumerate(node):
                self._check_json(value, (*pointer, index))
        elif isinstance(node, float) and not math.isfinite(node):
            raise self._error(pointer, f"{node!r} has no form in JSON")
        elif node is not None and not isinstance(node, (str, int, float, bool)):
            kind = type(node).__name__
            raise self._error(pointer, f"a {kind} has no form in JSON; quote it")

    def _check_references(self, node: Any, pointer: Pointer) -> None:
        if isinstance(node, dict):
            if "$ref" in node and pointer[-1:] != ("properties",):
                self._check_reference(node["$ref"], (*pointer, "$ref"))
            for key, value in node.items():
                if key not in _DATA or pointer[-1:] == ("properties",):
                    self._check_references(value, (*pointer, key))
        elif isinstance(node, list):
            for index, value in enumerate(node):
                self._check_references(value, (*pointer, index))

    def _check_reference(self, reference: Any, pointer: Pointer) -> None:
        if not isinstance(reference, str) or not reference.startswith("#/"):
            raise self._error(pointer, f"{reference}: a reference must begin with #/")
        node: Any = self._contract
        for part in reference[2:].split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, dict) or key not in node:
                raise self._error(pointer, f"{reference} refers to nothing in the contract")
            node = node[key]
        if not isinstance(node, dict):
            raise self._error(pointer, f"{reference} does not refer to an object")
        if node == {"$ref": reference}:
            raise self._error(pointer, f"{reference} refers to itself")

    def _check_paths(self) -> None:
        ids: set[str] = set()
        for path, item in self._mapping(self._contract["paths"], ("paths",)).items():
            pointer = ("paths", path)
            if not path.startswith("/"):
                raise self._error(pointer, f"the path {path} must begin with /")
            for key, value in self._mapping(item, pointer).items():
                if key in METHODS:
                    self._check_operation(value, (*pointer, key), ids)
                elif key == "parameters":
                    self._check_parameters(value, (*pointer, key))
                elif key not in _PATH_KEYS and not key.startswith("x-"):
                    raise self._error((*pointer, key), f"{key} is not an HTTP method")

    def _check_operation(self, node: Any, pointer: Pointer, ids: set[str]) -> None:
        operation = self._mapping(node, pointer)
        name = operation.get("operationId")
        called = f"{str(pointer[-1]).upper()} {pointer[-2]}"
        if not isinstance(name, str) or not name:
            raise self._error(pointer, f"{called} has no operationId")
        if not name.isidentifier():
            message = f"the operationId {name} must be a Python name, such as list_memories"
            raise self._error((*pointer, "operationId"), message)
        if name in ids:
            raise self._error((*pointer, "operationId"), f"there are two operations named {name}")
        ids.add(name)
        self._check_values(operation, pointer, _NOTES)
        self._check_texts(operation.get("tags", []), (*pointer, "tags"))
        self._check_security(operation.get("security", []), (*pointer, "security"))
        self._check_parameters(operation.get("parameters", []), (*pointer, "parameters"))
        if "requestBody" in operation:
            self._check_body(operation["requestBody"], (*pointer, "requestBody"))
        if not operation.get("responses"):
            raise self._error(pointer, f"{called} has no responses")
        inner = (*pointer, "responses")
        for status, response in self._mapping(operation["responses"], inner).items():
            self._check_response(response, (*inner, status))

    def _check_parameters(self, node: Any, pointer: Pointer) -> None:
        for index, value in enumerate(self._list(node, pointer)):
            self._check_parameter(value, (*pointer, index))

    def _check_parameter(self, node: Any, pointer: Pointer) -> None:
        parameter = self._mapping(node, pointer, "a parameter")
        if "$ref" in parameter:
            return
        for key in ("name", "in", "schema"):
            if key not in parameter:
                raise self._error(pointer, f"a parameter has no {key}")
        if parameter["in"] not in _PLACES:
            places = ", ".join(_PLACES)
            raise self._error((*pointer, "in"), f"{parameter['in']} is none of {places}")
        self._check_values(parameter, pointer, {**_REQUIRED, "name": _TEXT})
        self._check_schema(parameter["schema"], (*pointer, "schema"))

    def _check_response(self, node: Any, pointer: Pointer) -> None:
        self._check_content(node, pointer)
        inner = (*pointer, "headers")
        for name, header in self._mapping(node.get("headers", {}), inner).items():
            self._check_header(header, (*inner, name))

    def _check_header(self, node: Any, pointer: Pointer) -> None:
        header = self._mapping(node, pointer)
        self._check_values(header, pointer, _REQUIRED)
        if "schema" in header:
            self._check_schema(header["schema"], (*pointer, "schema"))

    def _check_body(self, node: Any, pointer: Pointer) -> None:
        body = self._mapping(node, pointer)
        if "$ref" not in body and "content" not in body:
            raise self._error(pointer, "a request body has no content")
        self._check_content(body, pointer)

    def _check_content(self, node: Any, pointer: Pointer) -> None:
        message = self._mapping(node, pointer)
        self._check_values(message, pointer, _REQUIRED)
        inner = (*pointer, "content")
        for kind, value in self._mapping(message.get("content", {}), inner).items():
            media = self._mapping(value, (*inner, kind))
            if "schema" not in media:
                raise self._error((*inner, kind), f"{kind} has no schema")
            self._check_schema(media["schema"], (*inner, kind, "schema"))
            examples = (*inner, kind, "examples")
            for name, example in self._mapping(media.get("examples", {}), examples).items():
                self._mapping(example, (*examples, name))

    def _check_schema(self, node: Any, pointer: Pointer) -> None:
        if isinstance(node, bool) and pointer[-1] == "additionalProperties":
            return
        schema = self._mapping(node, pointer)
        for key in schema:
            if key not in _KEYWORDS and not key.startswith("x-"):
                raise self._error((*pointer, key), _unknown(key, "schema keyword", _KEYWORDS))
        self._check_values(schema, pointer, _SCHEMA_VALUES)
        self._check_pattern(schema.get("pattern", ""), (*pointer, "pattern"))
        self._check_type(schema.get("type", []), (*pointer, "type"))
        self._check_texts(schema.get("x-assumed-limits", []), (*pointer, "x-assumed-limits"))
        for key in ("required", "enum"):
            self._check_single_values(schema.get(key, []), (*pointer, key))
        for key in sorted(COMBINATIONS):
            for index, value in enumerate(self._list(schema.get(key, []), (*pointer, key))):
                self._check_schema(value, (*pointer, key, index))
        for key in ("items", "additionalProperties"):
            if key in schema:
                self._check_schema(schema[key], (*pointer, key))
        properties = self._mapping(schema.get("properties", {}), (*pointer, "properties"))
        for name, value in properties.items():
            self._check_schema(value, (*pointer, "properties", name))

    def _check_texts(self, node: Any, pointer: Pointer) -> None:
        for index, value in enumerate(self._list(node, pointer)):
            if not isinstance(value, str):
                raise self._error((*pointer, index), f"{pointer[-1]} must contain strings only")

    def _check_single_values(self, node: Any, pointer: Pointer) -> None:
        for index, value in enumerate(self._list(node, pointer)):
            if isinstance(value, (dict, list)):
                where = (*pointer, index)
                raise self._error(where, f"{pointer[-1]} must contain single values only")

    def _check_pattern(self, pattern: str, pointer: Pointer) -> None:
        try:
            re.compile(pattern)
        except re.error as error:
            raise self._error(pointer, f"the pattern is no regular expression: {error}") from None

    def _check_type(self, node: Any, pointer: Pointer) -> None:
        for name in node if isinstance(node, list) else [node]:
            if not isinstance(name, str) or name not in TYPES:
                raise self._error(pointer, _unknown(str(name), "type", TYPES))


def _is_of_kind(value: Any, kind: str) -> bool:
    if kind == _TEXT:
        return isinstance(value, str)
    if kind == _FLAG or isinstance(value, bool):
        return kind == _FLAG and isinstance(value, bool)
    return isinstance(value, (int, float)) if kind == _NUMBER else _is_count(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and value >= 0


def _unknown(word: str, kind: str, known: Collection[str]) -> str:
    found = get_close_matches(word, sorted(known), n=1)
    suggestion = f"; did you mean {found[0]}?" if found else ""
    return f"{word} is not a {kind} that the tools understand{suggestion}"
