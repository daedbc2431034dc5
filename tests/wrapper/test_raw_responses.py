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

CLASSES = {
    "RawMemories": "MemoryOperations",
    "RawTags": "Tags",
    "RawEntities": "Entities",
    "RawMemoryOS": "SearchOperations",
}


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize(("package", "prefix"), [("_sync", ""), ("_async", "Async")])
def test_every_method_of_a_resource_has_its_raw_form(name, package, prefix):
    """A method that joins the one joins the other."""
    raw = getattr(import_module(f"memoryos.{package}.raw_responses"), prefix + name)
    plain = getattr(import_module(f"memoryos.{package}.resources"), prefix + CLASSES[name])
    assert public_functions(raw) == public_functions(plain)


def public_functions(cls):
    """Return the public methods of a class, by name."""
    members = inspect.getmembers(cls, inspect.isfunction)
    return {name: method for name, method in members if not name.startswith("_")}


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
