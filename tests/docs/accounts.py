"""Accounts on a Memory OS that is served for the tests: each of an owner without memories."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone

from memoryos import MemoryOS
from memoryos_server.model.caller import Caller
from memoryos_server.model.permissions import DEFAULT_PERMISSIONS
from memoryos_server.service.operations import open_service


class Account:
    """An owner on the server, and the settings of a program that uses it.

    Args:
        server: the one that runs.
        data: the file that it serves.
    """

    def __init__(self, server, data):
        self._data = data
        self._owner = uuid.uuid4().hex
        self.base_url = server.base_url
        self.api_key = self.new_key()
        self.environment = {"MEMORY_OS_BASE_URL": self.base_url, "MEMORY_OS_API_KEY": self.api_key}

    def new_key(self, scopes=DEFAULT_PERMISSIONS):
        """Make one more key for this owner."""
        service = open_service(self._data, embedder=None)
        try:
            return service.create_key(owner=self._owner, scopes=scopes)
        finally:
            service.close()

    def client(self, **settings):
        """Return a client, which the caller closes."""
        return MemoryOS(**{"api_key": self.api_key, "base_url": self.base_url, **settings})

    def store(self, *contents, memory_id=None, hours_ago=0, **fields):
        """Store memories where the API has no say: with an id of our own, or in the past.

        The server embeds them when it first searches.
        """
        then = datetime.now(timezone.utc) - timedelta(hours=hours_ago)
        service = open_service(
            self._data,
            embedder=None,
            clock=lambda: then,
            new_id=lambda: memory_id or str(uuid.uuid4()),
        )
        caller = Caller(self._owner, frozenset({"*"}))
        defaults = {"tier": "short", "content_type": "text"}
        try:
            return [
                service.create_memory(caller, {}, {**defaults, "content": content, **fields}).data
                for content in contents
            ]
        finally:
            service.close()
