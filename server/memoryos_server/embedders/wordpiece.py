"""BERT's uncased WordPiece tokenizer: texts to windows of token ids."""

from __future__ import annotations

import gzip
from importlib.resources import files
from typing import TYPE_CHECKING

from .chunking import MAX_WINDOWS_PER_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokenizers import Tokenizer

__all__ = ["MAX_TOKENS_PER_WINDOW", "PADDING_ID", "WordPiece"]

MAX_TOKENS_PER_WINDOW = 256
"""Tokens per window, with [CLS] and [SEP]: the length that MiniLM was trained on."""

PADDING_ID = 0

_VOCABULARY_FILE = "bert_uncased_vocab.txt.gz"
_UNKNOWN = "[UNK]"
_FIRST = "[CLS]"
_LAST = "[SEP]"
_PIECES_PER_WINDOW = MAX_TOKENS_PER_WINDOW - 2
# The tokenizer's time is quadratic in the length of a run without spaces.
_CHUNK_CHARACTERS = 2048
# Longer words are unknown, as in the tokenizer of the model.
_MAX_WORD_CHARACTERS = 100


class WordPiece:
    """Tokenizer with the vocabulary file of this package. Thread-safe."""

    def __init__(self) -> None:
        vocabulary = _vocabulary()
        self._first = vocabulary[_FIRST]
        self._last = vocabulary[_LAST]
        self._tokenizer = _tokenizer(vocabulary)

    def windows(self, text: str) -> list[list[int]]:
        """Return the text's token ids, in at least one window."""
        longest = _PIECES_PER_WINDOW * MAX_WINDOWS_PER_TEXT
        pieces: list[int] = []
        for chunk in chunks(text, _CHUNK_CHARACTERS):
            pieces.extend(self._tokenizer.encode(chunk, add_special_tokens=False).ids)
            if len(pieces) >= longest:
                break
        starts = range(0, min(max(len(pieces), 1), longest), _PIECES_PER_WINDOW)
        windows = (pieces[start : start + _PIECES_PER_WINDOW] for start in starts)
        return [[self._first, *window, self._last] for window in windows]


def chunks(text: str, size: int) -> Iterator[str]:
    """Split a text into chunks of at most `size` characters, between words if possible."""
    start = 0
    while len(text) - start > size:
        end = _last_space(text, start + 1, start + size)
        yield text[start:end]
        start = end
    yield text[start:]


def _last_space(text: str, start: int, end: int) -> int:
    return next((at for at in range(end, start, -1) if text[at].isspace()), end)


def _vocabulary() -> dict[str, int]:
    data = files(__package__).joinpath(_VOCABULARY_FILE).read_bytes()
    words = gzip.decompress(data).decode("utf-8").removesuffix("\n").split("\n")
    return {word: number for number, word in enumerate(words)}


def _tokenizer(vocabulary: dict[str, int]) -> Tokenizer:
    """Build the tokenizer of bert-base-uncased, without the model's special tokens.

    They are not registered, so that `[SEP]` in a text is read as text.
    """
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece as Model
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer

    tokenizer = Tokenizer(
        Model(vocabulary, unk_token=_UNKNOWN, max_input_chars_per_word=_MAX_WORD_CHARACTERS)
    )
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    return tokenizer
