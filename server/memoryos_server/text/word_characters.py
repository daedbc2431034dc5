"""Word boundaries, also for scripts without spaces between words."""

from __future__ import annotations

__all__ = ["LETTER"]

LETTER = r"[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
"""Regular expression for a word character, except Chinese, Japanese and Korean ones."""
