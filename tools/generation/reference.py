"""`docs/reference/`: operations, parameters, schemas, errors and kinds of change, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_changes import messages
from contract_changes.schema_shapes import Shape, shape_of
from contract_changes.severity import SEVERITIES
from generation.contract import Json, operations, resolve
from generation.limits import local_limits
from generation.operations import FEATURE, Argument, Operation, read_operations
from generation.schemas import PATTERN_RULE
from wrapper_contract.errors import class_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wrapper_contract.source import Wrapper

FOLDER = "docs/reference"
ADMIN_PAGE = "admin.md"
_NOTE = "Written by `make regenerate`; never edited by hand."
_ASSUMED = "*Assumed:* marks what no public page of the service says."


def render(contract: Json, wrapper: Wrapper) -> dict[str, str]:
    """Return the pages, by their file names.

    Args:
        contract: The contract.
        wrapper: The SDK, for the names of methods and error classes.
    """
    table = read_operations(contract)
    return {
        "operations.md": _operations_page(contract, table, wrapper),
        "parameters.md": _parameters_page(contract, table, wrapper),
        "schemas.md": _schemas_page(contract),
        "errors.md": _errors_page(contract, wrapper),
        "changes.md": _changes_page(),
    }


def render_admin(admin: Json) -> str:
    """Return the page of the administration's contract, which the SDK doesn't have."""
    base_path = admin["servers"][0]["url"]
    nodes = [node for _, _, node in operations(admin)]
    parts = [
        f"## {item.name}\n\n`{item.method} {base_path}{item.path}` with the permission "
        f"`{item.scopes[0]}`\n\n{_described(node)}\n\n{arguments_table(admin, item)}\n\n"
        f"The response is an [`{item.response}`](#{str(item.response).lower()})."
        for item, node in zip(read_operations(admin), nodes, strict=True)
    ]
    page = _page("API keys over HTTP", admin["info"]["summary"], *parts, *schema_sections(admin))
    return page.replace("](schemas.md#", "](#")  # its schemas are on the same page


def _page(title: str, introduction: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", f"{introduction} {_NOTE}", *parts]) + "\n"


def _table(heading: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heading, ("---",) * len(heading), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _described(node: Json) -> str:
    assumed = "*Assumed:* " if node.get("x-assumed") else ""
    return f"{assumed}{node.get('description', '')}"


def _methods(wrapper: Wrapper) -> dict[str, str]:
    """How people call each operation."""
    return {method.operation: method.chain for method in wrapper.methods}


def _operations_page(contract: Json, table: list[Operation], wrapper: Wrapper) -> str:
    methods = _methods(wrapper)
    nodes = {node["operationId"]: node for _, _, node in operations(contract)}
    rows = [
        (
            f"[`{item.name}`](parameters.md#{item.name})",
            f"`{item.method} {item.path}`",
            f"`{methods[item.name]}()`" if item.name in methods else "",
            ", ".join(f"`{scope}`" for scope in item.scopes),
            f"[`{item.result}`](schemas.md#{item.result.lower()})" if item.result else "",
            _described(nodes[item.name]),
        )
        for item in table
    ]
    heading = ("operation", "request", "method", "permission", "answers with", "what it does")
    return _page("Operations", "What the API can do.", _table(heading, rows))


def _parameters_page(contract: Json, table: list[Operation], wrapper: Wrapper) -> str:
    methods = _methods(wrapper)
    sections = [
        f"## {item.name}\n\n`{methods.get(item.name, item.name)}()`, "
        f"`{item.method} {item.path}`\n\n{arguments_table(contract, item)}"
        for item in table
    ]
    return _page("Parameters", "The arguments of every operation.", *sections)


def arguments_table(contract: Json, operation: Operation) -> str:
    """Return the arguments of an operation as a table in Markdown, and which are needed."""
    heading = ("argument", "in", "type", "range", "default", "meaning")
    rows = [_argument(contract, argument) for argument in operation.arguments.values()]
    choices = [" and ".join(choice["required"]) for choice in operation.body_rules.get("anyOf", [])]
    needed = f"\n\nOne of these is needed: {', '.join(f'`{name}`' for name in choices)}."
    fewest = operation.body_rules.get("minProperties")
    least = f"\n\nAt least {fewest} field of the body is needed." if fewest else ""
    return _table(heading, rows) + (needed if choices else "") + least


def _argument(contract: Json, argument: Argument) -> tuple[str, ...]:
    shape = shape_of(contract, argument.schema)
    default = "*required*" if argument.required else messages.default_text(shape)
    if not argument.required and argument.default is not None:
        default = messages.value_text(argument.default)
    return (
        f"`{argument.name}`",
        _place(argument),
        messages.type_text(contract, argument.schema),
        _with_local(_range(argument.schema, shape), argument.local_limits),
        default,
        _with_feature(argument.description, argument.feature),
    )


def _place(argument: Argument) -> str:
    """Return where an argument is in the request, and its name there if it has another."""
    if argument.wire_name == argument.name:
        return argument.location
    return f"{argument.location} `{argument.wire_name}`"


def _with_feature(description: str, feature: str) -> str:
    return f"{description} (feature `{feature}`)" if feature else description


def _with_local(limits: str, local: str) -> str:
    """Return the limits of a value, with those that only the local Memory OS enforces."""
    return ", ".join(
        part for part in (limits, f"{local} (local Memory OS)" if local else "") if part
    )


def _range(schema: Json, shape: Shape) -> str:
    values = messages.values_text(shape.values) if shape.values else ""
    pattern = schema.get(PATTERN_RULE, "")
    if not pattern and "pattern" in shape.rules:
        pattern = f"`{shape.rules['pattern']}`"
    return ", ".join(part for part in (values, messages.limits_text(shape.limits), pattern) if part)


def _schemas_page(contract: Json) -> str:
    introduction = f"What goes in and comes out. {_ASSUMED}"
    return _page("Schemas", introduction, *schema_sections(contract))


def schema_sections(contract: Json) -> list[str]:
    """Return a section in Markdown for each schema, which begins with its name."""
    return [
        f"## {name}\n\n{_described(schema)}{_schema_body(contract, schema)}"
        for name, schema in contract["components"]["schemas"].items()
    ]


def _schema_body(contract: Json, schema: Json) -> str:
    shape = shape_of(contract, schema)
    if shape.values:
        return f"\n\nValues: {messages.values_text(shape.values)}."
    if not shape.properties:
        return ""
    heading = ("field", "type", "range", "default", "there", "meaning")
    rows = [
        _field(contract, name, part, required=name in shape.required)
        for name, part in shape.properties.items()
    ]
    return "\n\n" + _table(heading, rows)


def _field(contract: Json, name: str, schema: Json, *, required: bool) -> tuple[str, ...]:
    shape = shape_of(contract, schema)
    described: Json = resolve(contract, schema) | shape.notes
    has_default = messages.default_text(shape)
    return (
        f"`{name}`",
        _linked(contract, schema),
        ""
        if shape.name
        else _with_local(_range(schema, shape), local_limits(contract, schema, name)),
        messages.value_text(shape.default) if has_default else "",
        "always" if required else "optional",
        _with_feature(_described(described), described.get(FEATURE, "")),
    )


def _linked(contract: Json, schema: Json) -> str:
    text = messages.type_text(contract, schema)
    words = text.split(" ")
    names = contract["components"]["schemas"]
    return " ".join(
        f"[{word}](schemas.md#{word.lower()})" if word in names else word for word in words
    )


def _errors_page(contract: Json, wrapper: Wrapper) -> str:
    table = read_operations(contract)
    found: dict[tuple[int, str], list[str]] = {}
    texts: dict[tuple[int, str], str] = {}
    for item, (_, _, node) in zip(table, operations(contract), strict=True):
        for status, codes in item.errors.items():
            for code in codes:
                found.setdefault((status, code), []).append(item.name)
                texts[status, code] = _described(resolve(contract, node["responses"][str(status)]))
    rows = [
        (
            str(status),
            f"`{code}`",
            f"`{wrapper.translated_codes.get(code, code)}`",
            f"`{class_of(status, wrapper)}`",
            "all" if len(names) == len(table) else ", ".join(f"`{name}`" for name in names),
            texts[status, code],
        )
        for (status, code), names in sorted(found.items())
    ]
    heading = ("status", "code on the wire", "`error.code`", "class", "operations", "meaning")
    introduction = (
        "What the service answers when it can't do as asked, and the class of "
        "`memoryos.exceptions` that the SDK raises for it. Any other 4xx is a plain "
        f"`MemoryOSError`, any other 5xx a `ServerError`. {_ASSUMED}"
    )
    return _page("Errors", introduction, _table(heading, rows))


def _changes_page() -> str:
    titles = {"": "The API and its operations", "request": "Requests", "answer": "Answers"}
    sections = []
    for side, title in titles.items():
        rows = [
            (kind, "**breaks**" if severity.breaks else "breaks nobody", severity.why)
            for (kind, where), severity in SEVERITIES.items()
            if where == side
        ]
        sections.append(f"## {title}\n\n{_table(('change', 'users', 'why'), rows)}")
    introduction = (
        "Which changes of the contract break the programs of its users: what `make regenerate` and "
        "`make contract-diff` go by."
    )
    return _page("Changes", introduction, *sections)
