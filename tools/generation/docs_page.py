"""The page that `memoryos serve` shows at /docs: both contracts, readable, with examples.

It is one HTML file that needs no script and nothing from elsewhere.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from generation import reference
from generation.contract import Json, operations, resolve
from generation.operations import Operation, read_operations

if TYPE_CHECKING:
    from wrapper_contract.source import Wrapper

PAGE = "server/memoryos_server/http/pages/docs.html"

TEMPLATE = Path(__file__).with_name("docs_page.html.jinja")
_FOR_AUTHORS = "## Assumptions"
_LINK = re.compile(r"\[(\w+)\]\(schemas\.md#\w+\)")
_SERVER = "${MEMORY_OS_BASE_URL%/v1}"
"""The server in a shell: the variable holds the address of the API."""


@dataclass(frozen=True)
class Shown:
    """What the page shows of an operation."""

    operation: Operation
    path: str
    introduction: Markup
    arguments: Markup
    curl: str
    python: str
    responses: list[tuple[str, Markup]]
    response: str


def render(contract: Json, admin: Json, wrapper: Wrapper) -> str:
    """Return the page.

    Args:
        contract: The contract of the API.
        admin: The contract of the administration.
        wrapper: The SDK, for the names of methods.
    """
    methods = {method.operation: method.chain for method in wrapper.methods}
    apis = [_api(document, base, methods) for document, base in ((contract, "/v1"), (admin, ""))]
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(apis=apis) + "\n"


def _api(contract: Json, base: str, methods: dict[str, str]) -> dict[str, Any]:
    base = base or contract["servers"][0]["url"]
    name = base.strip("/")
    nodes = [node for _, _, node in operations(contract)]
    shown = [
        _shown(contract, operation, node, base, methods)
        for operation, node in zip(read_operations(contract), nodes, strict=True)
    ]
    return {
        "name": name,
        "title": contract["info"]["title"],
        "summary": contract["info"]["summary"],
        "introduction": _html(_for_users(contract["info"]["description"]), name),
        "operations": shown,
        "schemas": [
            (title, _html(section.partition("\n\n")[2], name))
            for title, section in zip(
                contract["components"]["schemas"],
                reference.schema_sections(contract),
                strict=True,
            )
        ],
    }


def _for_users(description: str) -> str:
    """Return the sections of a contract's description that help who calls the API."""
    sections = re.split(r"^(?=## )", description, flags=re.MULTILINE)[1:]
    kept = "".join(part for part in sections if not part.startswith(_FOR_AUTHORS))
    return re.sub(r"^## ", "#### ", kept, flags=re.MULTILINE)


def _shown(
    contract: Json, operation: Operation, node: Json, base: str, methods: dict[str, str]
) -> Shown:
    name = base.strip("/")
    responses = [
        (status, _html(resolve(contract, response)["description"], name))
        for status, response in node["responses"].items()
    ]
    success = resolve(contract, node["responses"][str(operation.successes[0])])
    answer = _example(contract, success)
    body = _example(contract, resolve(contract, node.get("requestBody", {})))
    path = base + operation.path
    values = _path_values(contract, operation.path, node)
    target = path.format_map(values)
    python = (
        _python(methods[operation.name], {**values, **(body or {})})
        if operation.name in methods
        else _python_without_sdk(operation.method, target, body)
    )
    return Shown(
        operation=operation,
        path=path,
        introduction=_html(operation.description, name),
        arguments=_html(reference.arguments_table(contract, operation), name),
        curl=_curl(operation.method, target, body),
        python=python,
        responses=responses,
        response="" if answer is None else json.dumps(answer, ensure_ascii=False, indent=2),
    )


def _path_values(contract: Json, path: str, node: Json) -> Json:
    """Return a value of each parameter in a path: its example, or its name in capitals."""
    listed = [*contract["paths"][path].get("parameters", []), *node.get("parameters", [])]
    parameters = [resolve(contract, each) for each in listed]
    return {
        each["name"]: each.get("example", each["name"].upper())
        for each in parameters
        if each["in"] == "path"
    }


def _example(contract: Json, node: Json) -> Json | None:
    """Return the first example of a body, or None without one."""
    for example in node.get("content", {}).get("application/json", {}).get("examples", {}).values():
        value: Json = resolve(contract, example)["value"]
        return value
    return None


def _curl(method: str, path: str, body: Json | None) -> str:
    url = (
        f'"$MEMORY_OS_BASE_URL{path.removeprefix("/v1")}"'
        if path.startswith("/v1/")
        else f'"{_SERVER}{path}"'
    )
    is_default = method == ("POST" if body else "GET")
    lines = [
        f"curl {url}" if is_default else f"curl -X {method} {url}",
        '-H "Authorization: Bearer $MEMORY_OS_API_KEY"',
    ]
    if body is not None:
        text = json.dumps(body, ensure_ascii=False)
        lines += ['-H "Content-Type: application/json"', f"-d {shlex.quote(text)}"]
    return " \\\n  ".join(lines)


def _python(chain: str, values: Json) -> str:
    given = "".join(f"    {name}={_literal(value)},\n" for name, value in values.items())
    call = f"client.{chain}(\n{given})" if given else f"client.{chain}()"
    return (
        f"from memoryos import MemoryOS\n\nwith MemoryOS() as client:\n{_indent(f'print({call})')}"
    )


def _indent(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _python_without_sdk(method: str, path: str, body: Json | None) -> str:
    content = "" if body is None else f"\n    json={_literal(body)},"
    return (
        "import os\n\nimport httpx\n\n"
        'server = os.environ["MEMORY_OS_BASE_URL"].removesuffix("/v1")\n'
        f"response = httpx.{method.lower()}(\n"
        f'    f"{{server}}{path}",\n'
        '    headers={"Authorization": f"Bearer {os.environ[\'MEMORY_OS_API_KEY\']}"},'
        f"{content}\n"
        ")\nprint(response.json())"
    )


def _literal(value: Any) -> str:
    """Return a value in Python, with double quotes."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(k)}: {_literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return repr(value)


def _html(markdown: str, name: str) -> Markup:
    """Return Markdown as HTML; links to schemas lead to those of this API on the same page."""
    local = _LINK.sub(lambda match: f"[{match[1]}](#{name}-{match[1].lower()})", markdown)
    renderer = MarkdownIt("commonmark", {"html": False}).enable("table")
    text: str = renderer.render(local)
    scrolling = text.replace("<table>", '<div class="table"><table>')
    # The renderer escapes HTML.
    return Markup(scrolling.replace("</table>", "</table></div>"))  # noqa: S704
