"""The request of a call, as a session sends it."""

from __future__ import annotations

from memoryos._protocol import requests


def prepare(call, settings):
    """Return the request of a call of a session with these settings."""
    return requests.prepare(call, settings.base_url, requests.session_headers(settings))
