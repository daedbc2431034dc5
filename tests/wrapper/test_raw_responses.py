"""`with_raw_response`: every operation, with the HTTP response around its result."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest

from memoryos_api import models
from memoryos_api.operations import OPERATIONS

from . import contract_answers as answers
from .test_calls import SCENARIOS, answer_to, handed_out

pytestmark = pytest.mark.anyio

PACKAGES = {"_sync": "", "_async": "Async"}
"""The prefix of the classes of each package."""


def modules(package):
    """Return the modules of the raw and of the plain resources of a package."""
    return tuple(
        import_module(f"memoryos.{package}.{name}") for name in ("raw_responses", "resources")
    )


def public_functions(cls):
    """Return the public methods that a class defines, by name."""
    members = inspect.getmembers(cls, inspect.isfunction)
    return {name: method for name, method in members if not name.startswith("_")}


def raw_forms(package):
    """Return each method of a resource with its raw form, which runs the same code, or None."""
    raw, plain = modules(package)
    copies = {
        method.__code__: method
        for cls in vars(raw).values()
        if inspect.isclass(cls) and cls.__module__ == raw.__name__ and "Raw" in cls.__name__
        for name, method in public_functions(cls).items()
        if method.__name__ == name
    }
    return {
        f"{cls.__name__}.{name}": (method, copies.get(method.__code__))
        for cls in vars(plain).values()
        if inspect.isclass(cls) and cls.__module__ == plain.__name__
        for name, method in public_functions(cls).items()
    }


@pytest.mark.parametrize("package", PACKAGES)
def test_every_method_of_a_resource_has_its_raw_form(package):
    """A method that joins the one joins the other."""
    forms = raw_forms(package)
    assert len(forms) == len(OPERATIONS)
    assert [name for name, (_, raw) in forms.items() if raw is None] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_the_signature_and_the_docstring_name_the_raw_response(package):
    """All else is that of the method."""
    for method, raw in raw_forms(package).values():
        plain, own = inspect.signature(method), inspect.signature(raw)
        result = plain.return_annotation
        assert own.return_annotation == f"RawResponse[types.{result}, models.{result}]"
        assert own.parameters == plain.parameters
        before, _, rest = inspect.getdoc(method).partition("Returns:\n")
        after = rest.partition("\n\n")[2]
        assert after.startswith("Raises:")
        returns = "Returns:\n    A `RawResponse` with the result as `data`.\n\n"
        assert inspect.getdoc(raw) == before + returns + after


@pytest.mark.parametrize("package", PACKAGES)
def test_the_method_itself_stays_as_it_is(package):
    """Only its copy names the raw response."""
    create = getattr(modules(package)[1], f"{PACKAGES[package]}MemoryOperations").create
    assert inspect.signature(create).return_annotation == "Memory"
    assert "RawResponse" not in create.__doc__


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
async def test_a_call_returns_its_result_with_the_response_around_it(api, scenario):
    """The dict that the method returns, its model, the status, the headers and the attempts."""
    unavailable = {"json": answers.failure("UNAVAILABLE"), "status_code": 503}
    success = answer_to(scenario)
    api.router.route().side_effect = [type(success)(**unavailable), success]
    raw = await api.done(scenario.call(api.client().with_raw_response))
    assert raw.data == handed_out(scenario)
    assert (raw.status, raw.attempts) == (200, 2)
    assert raw.elapsed == sum(api.waits) > 0
    assert raw.request_id == "req_1"
    assert raw.headers["content-type"] == "application/json"
    model = getattr(models, OPERATIONS[scenario.operation].result)
    assert type(raw.parsed) is model
    assert "tea" not in repr(raw)
