"""Commands that the tests give to the tool."""

from __future__ import annotations

VIEW_ALL = {"command": "view", "path": "/memories"}
LIKES = "/memories/likes.txt"
VIEW = {"command": "view", "path": LIKES}


def create(text, path=LIKES):
    return {"command": "create", "path": path, "file_text": text}
