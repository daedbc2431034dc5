"""Every code block of the vendor's documentation, and which test runs it.

A block is known by a digest of its text: where the vendor changes one, or adds one, the test of
this list fails and shows it.
"""

from __future__ import annotations

from typing import NamedTuple


class Block(NamedTuple):
    """A block: what it is, the digest of its text, the test in test_documentation.py."""

    subject: str
    digest: str
    test: str


INSTALLING = "test_the_commands_that_install_another_product_are_not_run"
SIGNATURES = "test_a_signature_is_that_of_both_clients"

BLOCKS = (
    Block("install with pip", "73792c646ea3", INSTALLING),
    Block("install with poetry", "b887819362d1", INSTALLING),
    Block("install with pipenv", "bc319dbacf97", INSTALLING),
    Block("quick start", "a7f5e7cbcea8", "test_the_quick_start"),
    Block("signature of the client", "3abde3d8006d", SIGNATURES),
    Block("configuration, basic", "5c5fccd2ccda", "test_the_basic_configuration"),
    Block("configuration, advanced", "b57f3c07e41c", "test_the_advanced_configuration"),
    Block("signature of memories.create", "3f21cfb95ae6", SIGNATURES),
    Block("memories.create", "d461a6518253", "test_creating"),
    Block("signature of memories.list", "f192d3516b28", SIGNATURES),
    Block("memories.list", "7316be89f65b", "test_listing"),
    Block("signature of memories.get", "ee5462b74699", SIGNATURES),
    Block("memories.get", "0baf6e0f255c", "test_getting"),
    Block("signature of memories.update", "67469ad9091f", SIGNATURES),
    Block("memories.update", "0157f827b9b6", "test_updating"),
    Block("signature of memories.delete", "10e8381e67c6", SIGNATURES),
    Block("memories.delete", "e0466b74ac9f", "test_deleting"),
    Block("signature of search", "8ac9b904b7a9", SIGNATURES),
    Block("search", "762d0727e0df", "test_searching"),
    Block("signature of get_context", "9943967b2e66", SIGNATURES),
    Block("get_context", "40dde7a172f6", "test_getting_context"),
    Block("async client", "314a07991840", "test_the_async_client"),
    Block("async context manager", "76609dde0f49", "test_the_async_context_manager"),
    Block("parallel operations", "37c6bdc50d0f", "test_parallel_operations"),
    Block("type hints", "6e9d15121684", "test_the_typed_functions"),
    Block("the attributes of an error", "8921e91df326", "test_an_error_has_the_attributes"),
    Block("error handling", "2d752e5a0bf4", "test_error_handling"),
    Block("retry with backoff", "8fbd812d5401", "test_retrying"),
    Block("chat application", "d54a7ed3d114", "test_the_chat_application"),
    Block("FastAPI application", "93dcc5dea6de", "test_the_fastapi_application"),
    Block("maintenance script", "09b99d77a6c0", "test_the_maintenance_script"),
)
