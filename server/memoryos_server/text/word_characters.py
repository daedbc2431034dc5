"""What a word is, where some scripts put no spaces between words."""

from __future__ import annotations

__all__ = ["LETTER"]

LETTER = r"[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
"""A pattern: a letter, a digit or an underscore; of Chinese, Japanese and Korean none."""
