"""Fixtures of the tests of the vendor's documentation: its code blocks, and where to run them."""

from __future__ import annotations

import pytest
from sybil import Document

import demo

from .accounts import Account
from .openai_stand_in import openai_stand_in
from .running import Runner
from .vendor_blocks import BLOCKS
from .vendor_document import code_blocks, digest_of


@pytest.fixture
def document(shared):
    """Every code block of the documentation, by its digest."""
    path = shared / "mission" / "python-sdk-documentation.txt"
    return {digest_of(code): code for code in Document.parse(str(path), code_blocks)}


@pytest.fixture
def blocks(document, request):
    """The blocks that the list gives to this test, by subject."""
    test = request.node.originalname
    return {block.subject: document[block.digest] for block in BLOCKS if block.test == test}


@pytest.fixture
def code(blocks):
    """The one block that the list gives to this test."""
    (code,) = blocks.values()
    return code


@pytest.fixture
def earlier(document):
    """A function that returns an earlier block of the document by its subject."""
    digests = {block.subject: block.digest for block in BLOCKS}
    return lambda subject: document[digests[subject]]


@pytest.fixture
def run():
    """A function that runs a block in this process."""
    runner = Runner()
    yield runner
    runner.close()


@pytest.fixture(scope="session")
def documentation_server(tmp_path_factory):
    """A Memory OS, served for all these tests, and its file."""
    data = tmp_path_factory.mktemp("documentation") / "memories.db"
    with demo.local_server(data) as server:
        yield server, data


@pytest.fixture
def account(documentation_server, monkeypatch):
    """An owner without memories; the environment directs every new client to it."""
    account = Account(*documentation_server)
    for name, value in account.environment.items():
        monkeypatch.setenv(name, value)
    return account


@pytest.fixture
def memory(account):
    """A client, to look at what a block has stored."""
    with account.client() as memory:
        yield memory


@pytest.fixture
def openai(monkeypatch):
    """A fake of OpenAI's API; the environment directs OpenAI's clients to it."""
    with openai_stand_in() as stand_in:
        for name, value in stand_in.environment.items():
            monkeypatch.setenv(name, value)
        yield stand_in
