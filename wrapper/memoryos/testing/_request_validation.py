"""Validate requests against the contract."""

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


class SentRequest(NamedTuple):
    """A request. Header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Validator(Protocol):
    """The part of jsonschema's validators that is used here."""

    def iter_errors(self, instance: Any) -> Iterator[Any]:
        """Yield the errors of a value."""
        ...


def problems(sent: SentRequest, routes: Routes) -> List[str]:
    """Return the violations of the contract in a request; empty if it is valid."""
    target = routes.find(sent.method, sent.path)
    if target is None:
        return [_unknown_operation(sent, routes)]
    return [
        *_key_problems(sent),
        *_parameters_problems(sent, target, routes),
        *_body_problems(sent, target, routes),
    ]


def _unknown_operation(sent: SentRequest, routes: Routes) -> str:
    methods = routes.methods(sent.path)
    if methods:
        return f"the contract has no {sent.method} here, only {', '.join(sorted(methods))}"
    return "the contract has no such path"


def _key_problems(sent: SentRequest) -> Iterator[str]:
    value = sent.headers.get("authorization")
    if value is None:
        yield "the header Authorization is missing"
    elif not _KEY.fullmatch(value):  # not shown: it may be a real key
        yield "the header Authorization must be `Bearer`, followed by a key that starts with mos_"


def _parameters_problems(sent: SentRequest, target: Target, routes: Routes) -> Iterator[str]:
    query = parse_qs(sent.query, keep_blank_values=True)
    given = {
        "path": {name: [value] for name, value in target.path_values.items()},
        "query": query,
        "header": {name: [value] for name, value in sent.headers.items()},
    }
    declared = target.operation.parameters
    for name in sorted(query.keys() - {each.name for each in target.operation.query()}):
        yield f"query: unknown parameter {name}"
    for parameter in declared:
        name = parameter.name.lower() if parameter.location == "header" else parameter.name
        yield from _parameter_problems(given[parameter.location].get(name, []), parameter, routes)


def _parameter_problems(values: List[str], parameter: Parameter, routes: Routes) -> Iterator[str]:
    location = f"{parameter.location}.{parameter.name}"
    if parameter.required and not values:
        yield f"{location}: missing"
    if len(values) > 1:
        yield f"{location}: sent {len(values)} times"
    for value in values:
        for message in _text_problems(value, _validator(routes, parameter.schema)):
            yield f"{location}: {message}"


def _text_problems(text: str, validator: Validator) -> List[str]:
    """Return the errors of a query value, which may be a string or a number."""
    found = [list(validator.iter_errors(value)) for value in (text, *_number(text))]
    if not all(found):
        return []
    with_matching_type = [errors for errors in found if errors[0].validator != "type"]
    return [_message(error) for error in (with_matching_type or found)[0]]


def _number(text: str) -> List[Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return []
    return [value] if isinstance(value, (int, float)) else []


def _message(error: Any) -> str:
    """Return the message of an error; for alternatives, the messages of each."""
    messages = [inner.message for inner in error.context or ()]
    return ", or ".join(messages) or error.message


def _body_problems(sent: SentRequest, target: Target, routes: Routes) -> Iterator[str]:
    schema = target.operation.body
    if schema is None:
        if sent.body:
            yield "body: must be empty"
        return
    kind = sent.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _JSON:
        yield f"the header Content-Type must be {_JSON}, not {kind or 'missing'}"
    try:
        body = json.loads(sent.body.decode("utf-8"))
    except ValueError as cause:
        yield f"body: not JSON: {cause}"
        return
    for error in _validator(routes, schema).iter_errors(body):
        location = ".".join(["body", *map(str, error.absolute_path)])
        yield f"{location}: {_message(error)}"


def _validator(routes: Routes, schema: Mapping[str, Any]) -> Validator:
    draft = cast("Any", jsonschema).Draft202012Validator  # its type hints are incomplete
    # Schemas refer to each other by their path in the document.
    document = {"components": routes.contract.document["components"], "allOf": [schema]}
    return cast("Validator", draft(document, format_checker=draft.FORMAT_CHECKER))
