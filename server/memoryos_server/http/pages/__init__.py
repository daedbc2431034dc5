"""The endpoints that tell about the server: whether it runs, what it is, and how to use it."""

from __future__ import annotations

from .registry import default_endpoints

__all__ = ["default_endpoints"]
