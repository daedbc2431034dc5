"""Holds every statement that the stores send, in every test, to the rule that keeps owners apart.

Each distinct text goes once through `tests/owner_rule.py`. A violation fails the test that ran when
the server's code sent it. Processes that tests start aren't watched; their statements are those
that other tests send in their own process.
"""

from __future__ import annotations

import functools
import importlib.util
import sqlite3
import sys

import pytest

SENDERS = "memoryos_server."
# The last is what the stores send their statements through.
DRIVERS = ("psycopg", "sqlite3", __name__, "memoryos_server.stores.postgres.database")
ALLOWED = {
    "memoryos_server.stores.postgres.derived_data.derive": "empties tables before it fills them",
    "memoryos_server.stores.postgres.owners": "lists the owners, for the commands of operators",
    "memoryos_server.stores.postgres.schema": "moves the rows of all owners to new tables",
    "memoryos_server.stores.sqlite.full_text.contains": "asks for one memory, by its number",
    "memoryos_server.stores.sqlite.migration": "moves the rows of all owners to new tables",
    "memoryos_server.stores.sqlite.owners": "lists the owners, for the commands of operators",
}
"""The modules and functions that may send statements without an owner, and why."""


def why_not():
    """Return why statements can't be checked here; an empty text where they can."""
    if sys.version_info < (3, 10):
        return "the local Memory OS needs Python 3.10"
    return "" if importlib.util.find_spec("sqlglot") else "sqlglot is not installed"


def pytest_report_header():
    """Say once where statements are not checked, and why."""
    return [f"statements are not checked for their owner: {why_not()}"] if why_not() else []


def pytest_configure():
    """Watch all connections from now on."""
    if not why_not():
        _watch_sqlite()
    if not why_not() and importlib.util.find_spec("psycopg"):
        _watch_postgres()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call():
    """Fail a test during which a statement broke the rule."""
    _report((yield))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_teardown():
    """Fail a test whose fixtures sent such a statement after it."""
    _report((yield))


def _report(outcome):
    problems, PROBLEMS[:] = list(dict.fromkeys(PROBLEMS)), []
    if problems and outcome.excinfo is None:
        listed = "\n".join(problems)
        outcome.force_exception(AssertionError(f"statements that don't name the owner:\n{listed}"))


PROBLEMS = []
"""The violations since the last report."""


def see(statement, dialect, lawful):
    """Check a statement that is being sent.

    Args:
        statement: the text, or what psycopg makes one of.
        dialect: "postgres" or "sqlite".
        lawful: the texts that were found to keep to the rule.
    """
    if statement.__hash__ is not None and statement in lawful:
        return
    module, function = _sender()
    is_allowed = module in ALLOWED or f"{module}.{function}" in ALLOWED
    if is_allowed or not module.startswith(SENDERS):
        return
    text = _text_of(statement)
    found = _violations(text, dialect)
    if not found:
        lawful.add(text)
    PROBLEMS.extend(f"{module}.{function}: {each}: {' '.join(text.split())}" for each in found)


@functools.lru_cache(maxsize=None)
def _violations(text, dialect):
    from .owner_rule import violations  # loads sqlglot

    return violations(text, dialect)


def _text_of(statement):
    if isinstance(statement, str):
        return statement
    return statement.decode() if isinstance(statement, bytes) else statement.as_string(None)


def _sender():
    """Return the names of the module and the function that are sending the current statement."""
    frame = sys._getframe(2)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith(DRIVERS):
        frame = frame.f_back
    return frame.f_globals.get("__name__", ""), frame.f_code.co_name


def _watch_postgres():
    from psycopg import Cursor, ServerCursor

    lawful = set()
    for kind in (Cursor, ServerCursor):
        for name in ("execute", "executemany", "copy", "stream"):
            if name in vars(kind):
                setattr(kind, name, _watched(vars(kind)[name], "postgres", lawful))


def _watched(method, dialect, lawful):
    """Return a method of a cursor that checks the statement first."""

    @functools.wraps(method)
    def send(cursor, statement, *arguments, **options):
        see(statement, dialect, lawful)
        return method(cursor, statement, *arguments, **options)

    return send


def _watch_sqlite():
    """Let all new connections, and their cursors, be watched ones."""
    lawful = set()

    def watched(kind, **more):
        names = ("execute", "executemany", "executescript")
        methods = {name: _watched(getattr(kind, name), "sqlite", lawful) for name in names}
        return type(kind.__name__, (kind,), {**methods, **more})

    cursor = functools.partialmethod(sqlite3.Connection.cursor, watched(sqlite3.Cursor))
    connection = watched(sqlite3.Connection, cursor=cursor)
    sqlite3.connect = functools.partial(sqlite3.connect, factory=connection)
