"""The errors: one tree, whole after a pickle, readable."""

from __future__ import annotations

import copy
import pickle

import pytest

import memoryos
from memoryos import exceptions
from memoryos.exceptions import MemoryOSError, ValidationError

CLASSES = [getattr(exceptions, name) for name in exceptions.__all__]

FACTS = {
    "request_id": "req_1",
    "retry_after": 2.5,
    "details": {"field": "content"},
    "attempts": 3,
    "method": "POST",
    "path": "/memories",
}

WAYS_TO_COPY = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{
        f"pickle {protocol}": lambda error, protocol=protocol: pickle.loads(
            pickle.dumps(error, protocol)
        )
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    },
}


@pytest.mark.parametrize("error_class", CLASSES)
def test_every_error_has_the_one_root_and_is_public(error_class):
    """`except MemoryOSError` catches it; the top and memoryos.exceptions name the same class."""
    assert issubclass(error_class, MemoryOSError)
    assert getattr(memoryos, error_class.__name__) is error_class
    assert error_class.__name__ in memoryos.__all__
    assert error_class.__module__ == "memoryos.exceptions"


@pytest.mark.parametrize("error_class", CLASSES)
def test_the_drawn_tree_shows_every_error(error_class):
    """The module's docstring draws the tree, and leaves none out."""
    assert error_class.__name__ in exceptions.__doc__


@pytest.mark.parametrize("way", WAYS_TO_COPY)
@pytest.mark.parametrize("error_class", CLASSES)
def test_a_copy_of_an_error_keeps_everything(error_class, way):
    """Class, text and every attribute survive, so an error can cross processes."""
    error = error_class("A_CODE", "A sentence", 418, **FACTS)
    error.noted_by_the_application = "kept"
    twin = WAYS_TO_COPY[way](error)
    assert type(twin) is error_class
    assert vars(twin) == vars(error)
    assert (str(twin), repr(twin), twin.args) == (str(error), repr(error), error.args)


def test_an_application_can_derive_its_own_error():
    """A subclass with another constructor is pickled by what MemoryOSError holds."""
    error = ApplicationError("A_CODE", "A sentence", 418, retry_after=7)
    twin = pickle.loads(pickle.dumps(error))
    assert type(twin) is ApplicationError
    assert twin.retry_after == 7


class ApplicationError(MemoryOSError):
    """Defined at the top of the module, as pickle wants it."""


def test_what_was_not_told_has_a_default():
    """The documented attributes are always there."""
    error = MemoryOSError("NOT_FOUND", "No such memory", 404)
    assert vars(error) == {
        "code": "NOT_FOUND",
        "message": "No such memory",
        "status": 404,
        "request_id": None,
        "retry_after": None,
        "details": {},
        "attempts": 0,
        "method": None,
        "path": None,
    }


def test_two_errors_share_no_details():
    """The details are the error's own."""
    details = {"a": 1}
    error = MemoryOSError("A_CODE", "A sentence", 400, details=details)
    error.details["b"] = 2
    assert details == {"a": 1}


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({}, "Gone (A_CODE, status 404)"),
        ({"method": "GET", "path": "/tags"}, "Gone (A_CODE, status 404, GET /tags)"),
        ({"attempts": 1}, "Gone (A_CODE, status 404)"),
        ({"attempts": 4}, "Gone (A_CODE, status 404, 4 attempts)"),
        ({"request_id": "req_9"}, "Gone (A_CODE, status 404, request req_9)"),
        (FACTS, "Gone (A_CODE, status 404, POST /memories, 3 attempts, request req_1)"),
    ],
)
def test_an_error_reads_as_a_sentence_with_its_facts(facts, text):
    """What a log line needs stands in str(error), and nothing that is not known."""
    assert str(MemoryOSError("A_CODE", "Gone", 404, **facts)) == text


def test_the_repr_shows_class_code_message_and_status():
    """The repr is what an interactive session shows."""
    error = exceptions.NotFoundError("NOT_FOUND", "Gone", 404)
    assert repr(error) == "NotFoundError('NOT_FOUND', 'Gone', 404)"


def test_a_validation_error_is_a_value_error():
    """Code that expects Python's own error for a bad argument gets it."""
    assert issubclass(ValidationError, ValueError)
