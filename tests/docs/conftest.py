"""What the tests of the vendor's documentation share: its blocks, and where to run them."""

from __future__ import annotations

import pytest

import demo

from .accounts import Account
from .openai_stand_in import openai_stand_in
from .running import Runner
from .vendor_blocks import BLOCKS
from .vendor_document import code_blocks


@pytest.fixture
def document(shared):
    """Every code block of the documentation, by its digest."""
    text = shared.joinpath("mission", "python-sdk-documentation.txt").read_text(encoding="utf-8")
    return {code.digest: code for code in code_blocks(text)}


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
    """A function that finds a block by its subject: what the document showed before."""
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
    """An owner without memories; the environment leads every new client there."""
    account = Account(*documentation_server)
    for name, value in account.environment.items():
        monkeypatch.setenv(name, value)
    return account


@pytest.fixture
def memory(account):
    """A client, to see what a block has left behind."""
    with account.client() as memory:
        yield memory


@pytest.fixture
def openai(monkeypatch):
    """OpenAI's API, stood in for; the environment leads its clients there."""
    with openai_stand_in() as stand_in:
        for name, value in stand_in.environment.items():
            monkeypatch.setenv(name, value)
        yield stand_in
