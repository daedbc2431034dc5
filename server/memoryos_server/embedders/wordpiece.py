"""BERT's uncased WordPiece: from a text to windows of token ids that the model can read."""

from __future__ import annotations

import gzip
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokenizers import Tokenizer

__all__ = ["MAX_TOKENS", "MAX_WINDOWS", "PADDING_ID", "WordPiece"]

MAX_TOKENS = 256
"""Tokens in a window, the two that frame it included: what MiniLM was trained on."""

MAX_WINDOWS = 16
"""Windows read of one text; what follows is not embedded."""

PADDING_ID = 0

_VOCABULARY_FILE = "bert_uncased_vocab.txt.gz"
_UNKNOWN = "[UNK]"
_FIRST = "[CLS]"
_LAST = "[SEP]"
_PIECES = MAX_TOKENS - 2
# The tokenizer's time grows with the square of an unbroken run of characters.
_CHUNK_CHARACTERS = 2048


class WordPiece:
    """Tokenizes with the vocabulary that travels in this package. Safe to share between threads."""

    def __init__(self) -> None:
        vocabulary = _vocabulary()
        self._first = vocabulary[_FIRST]
        self._last = vocabulary[_LAST]
        self._tokenizer = _tokenizer(vocabulary)

    def windows(self, text: str) -> list[list[int]]:
        """Return the text's token ids, in 1 to `MAX_WINDOWS` windows of at most `MAX_TOKENS`."""
        pieces: list[int] = []
        for chunk in chunks(text, _CHUNK_CHARACTERS):
            pieces.extend(self._tokenizer.encode(chunk, add_special_tokens=False).ids)
            if len(pieces) >= _PIECES * MAX_WINDOWS:
                break
        starts = range(0, min(max(len(pieces), 1), _PIECES * MAX_WINDOWS), _PIECES)
        return [[self._first, *pieces[start : start + _PIECES], self._last] for start in starts]


def chunks(text: str, size: int) -> Iterator[str]:
    """Cut a text into pieces of at most `size` characters, between words where there are any."""
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

    None of them is looked for in the text, so that a text which spells `[SEP]` is read as text.
    """
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece as Model
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer

    tokenizer = Tokenizer(Model(vocabulary, unk_token=_UNKNOWN, max_input_chars_per_word=100))
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    return tokenizer
