"""Answers as the contract has them, for tests without a server: examples, and errors."""

from __future__ import annotations

import copy
import json
import pkgutil

CONTRACT = json.loads(pkgutil.get_data("memoryos_api", "contract.json"))


def example(name):
    """Return a fresh copy of an example of the contract, envelope and all."""
    return copy.deepcopy(CONTRACT["components"]["examples"][name]["value"])


def success_of(operation_name):
    """Return the example of an operation's success."""
    for path in CONTRACT["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and operation.get("operationId") == operation_name:
                return example(operation["responses"]["200"]["$ref"].rpartition("/")[2])
    raise LookupError(operation_name)


def memory(**fields):
    """Return a whole memory, with these fields instead of the example's."""
    return {**example("Memory")["data"], **fields}


def entity(**fields):
    """Return a whole entity, with these fields instead of the example's."""
    return {**example("Entity")["data"], **fields}


def success(data, **meta):
    """Return the envelope of a success."""
    return {"data": data, "meta": {"request_id": "req_1", **meta}}


def page(items):
    """Return the envelope of a page that holds everything."""
    return success(items, total=len(items), limit=50, offset=0, has_more=False)


def failure(code, message="no", **details):
    """Return the envelope of an error."""
    error = {"code": code, "message": message, "details": details}
    return {"error": error, "meta": {"request_id": "req_1"}}
