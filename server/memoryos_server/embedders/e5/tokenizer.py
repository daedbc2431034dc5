"""The tokenizer of multilingual-e5-small: texts to windows of token ids."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memoryos_server.embedders.chunking import MAX_WINDOWS_PER_TEXT
from memoryos_server.embedders.wordpiece import chunks

if TYPE_CHECKING:
    from .model_reader import E5File, Vocabulary

__all__ = ["E5Tokenizer"]

_CHUNK_CHARACTERS = 2048
_SPACES = re.compile(" {2,}")


class E5Tokenizer:
    """SentencePiece's unigram tokenizer, with the model's vocabulary. Thread-safe."""

    def __init__(self, file: E5File) -> None:
        from tokenizers import Tokenizer
        from tokenizers.models import Unigram
        from tokenizers.pre_tokenizers import Metaspace

        vocabulary = file.vocabulary
        self._first, self._last = vocabulary.first, vocabulary.last
        self._replacements = vocabulary.replacements
        self._per_window = file.sizes.window - 2
        model = Unigram(_pieces(vocabulary), unk_id=vocabulary.unknown, byte_fallback=False)
        self._tokenizer = Tokenizer(model)
        self._tokenizer.pre_tokenizer = Metaspace(prepend_scheme="always", split=False)

    def windows(self, text: str) -> list[list[int]]:
        """Return the text's token ids, in at least one window."""
        longest = self._per_window * MAX_WINDOWS_PER_TEXT
        pieces: list[int] = []
        for chunk in chunks(text, _CHUNK_CHARACTERS):
            pieces.extend(self._ids(chunk))
            if len(pieces) >= longest:
                break
        starts = range(0, min(max(len(pieces), 1), longest), self._per_window)
        windows = (pieces[start : start + self._per_window] for start in starts)
        return [[self._first, *window, self._last] for window in windows]

    def _ids(self, text: str) -> list[int]:
        spaced = _SPACES.sub(" ", text.translate(self._replacements))
        ids: list[int] = self._tokenizer.encode(spaced, add_special_tokens=False).ids
        return ids


def _pieces(vocabulary: Vocabulary) -> list[tuple[str, float]]:
    """Return the pieces; the names of the special tokens are changed so that no text has them.

    A text has no space when it is cut into pieces.
    """
    _, _, *special = vocabulary
    return [
        (f" {piece}" if number in special else piece, score)
        for number, (piece, score) in enumerate(vocabulary.pieces)
    ]
