"""What of a request the contract does not allow, in sentences."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Iterator, List, Mapping, NamedTuple, Protocol, cast
from urllib.parse import parse_qs

import jsonschema

if TYPE_CHECKING:
    from memoryos.contract_testing.contract import Parameter

    from ._routes import Routes, Target

_JSON = "application/json"
_KEY = re.compile(r"Bearer mos_[!-~]+")


class Sent(NamedTuple):
    """A request as it was sent; the names of its headers in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Validator(Protocol):
    """What is used of jsonschema's validators."""

    def iter_errors(self, instance: Any) -> Iterator[Any]:
        """Yield what is wrong with a value."""
        ...


def problems(sent: Sent, routes: Routes) -> List[str]:
    """Return what the contract does not allow in a request; nothing where it keeps to it."""
    target = routes.find(sent.method, sent.path)
    if target is None:
        return [_unknown(sent, routes)]
    return [
        *_of_key(sent),
        *_of_parameters(sent, target, routes),
        *_of_body(sent, target, routes),
    ]


def _unknown(sent: Sent, routes: Routes) -> str:
    methods = routes.methods(sent.path)
    if methods:
        return f"the contract has no {sent.method} here, only {', '.join(sorted(methods))}"
    return "the contract has no such path"


def _of_key(sent: Sent) -> Iterator[str]:
    value = sent.headers.get("authorization")
    if value is None:
        yield "the header Authorization is missing"
    elif not _KEY.fullmatch(value):  # not shown: it may be somebody's key
        yield "the header Authorization must be `Bearer` and a key, which starts with mos_"


def _of_parameters(sent: Sent, target: Target, routes: Routes) -> Iterator[str]:
    query = parse_qs(sent.query, keep_blank_values=True)
    given = {
        "path": {name: [value] for name, value in target.path_values.items()},
        "query": query,
        "header": {name: [value] for name, value in sent.headers.items()},
    }
    declared = target.operation.parameters
    for name in sorted(query.keys() - {each.name for each in target.operation.query()}):
        yield f"query: there is no parameter {name}"
    for parameter in declared:
        name = parameter.name.lower() if parameter.location == "header" else parameter.name
        yield from _of_parameter(given[parameter.location].get(name, []), parameter, routes)


def _of_parameter(values: List[str], parameter: Parameter, routes: Routes) -> Iterator[str]:
    place = f"{parameter.location}.{parameter.name}"
    if parameter.required and not values:
        yield f"{place}: it is missing"
    if len(values) > 1:
        yield f"{place}: it is given {len(values)} times"
    for value in values:
        for broken in _of_text(value, _validator(routes, parameter.schema)):
            yield f"{place}: {broken}"


def _of_text(text: str, validator: Validator) -> List[str]:
    """Return what is wrong with a text, which may stand for a number: a query does not tell."""
    found = [list(validator.iter_errors(value)) for value in (text, *_number(text))]
    if not all(found):
        return []
    of_the_right_type = [errors for errors in found if errors[0].validator != "type"]
    return [_sentence(error) for error in (of_the_right_type or found)[0]]


def _number(text: str) -> List[Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return []
    return [value] if isinstance(value, (int, float)) else []


def _sentence(error: Any) -> str:
    """Return what is wrong; of alternatives, what each of them wants."""
    wanted = [inner.message for inner in error.context or ()]
    return ", or ".join(wanted) or error.message


def _of_body(sent: Sent, target: Target, routes: Routes) -> Iterator[str]:
    schema = target.operation.body
    if schema is None:
        if sent.body:
            yield "body: there must be none"
        return
    kind = sent.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _JSON:
        yield f"the header Content-Type must be {_JSON}, not {kind or 'missing'}"
    try:
        body = json.loads(sent.body.decode("utf-8"))
    except ValueError as cause:
        yield f"body: it is not JSON: {cause}"
        return
    for error in _validator(routes, schema).iter_errors(body):
        place = ".".join(["body", *map(str, error.absolute_path)])
        yield f"{place}: {_sentence(error)}"


def _validator(routes: Routes, schema: Mapping[str, Any]) -> Validator:
    draft = cast("Any", jsonschema).Draft202012Validator  # its types are not whole
    # The schemas refer to one another by their place in the document.
    whole = {"components": routes.contract.document["components"], "allOf": [schema]}
    return cast("Validator", draft(whole, format_checker=draft.FORMAT_CHECKER))
