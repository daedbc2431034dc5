"""Personal data: what is found, and what only looks like it."""

from __future__ import annotations

import pytest

from memoryos_server.pii import PII_KINDS, detect

FOUND = {
    "email": ["write to ada.okafor+x@mail.example.org, please", "<müller@straße.de>"],
    "phone": ["+49 30 1234567", "call +1 (415) 555-0132", "415-555-0132", "(415) 555-0132"],
    "credit_card": ["4111 1111 1111 1111", "5555-5555-5555-4444", "card 378282246310005."],
    "iban": [
        "DE89 3704 0044 0532 0130 00",
        "GB82WEST12345698765432",
        "FR14 2004 1010 0505 0001 3M02 606 TODAY",
    ],
    "ip_address": ["192.168.0.1", "from 8.8.8.8.", "2001:db8::8a2e:370:7334"],
}

NOT_FOUND = [
    "User prefers dark mode and Python",
    "@ada wrote a@b",
    "on 2026-11-22 at 12:30:45",
    "version 3.11.7, section 1.2.3.4.5",
    "order 4111 1111 1111 1112",
    "order 1234567890",
    "DE00 3704 0044 0532 0130 00",
    "300.300.300.300",
    "a::b std::cout",
    "the years 1999 2000 2001 2002",
]


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in FOUND.items() for text in texts]
)
def test_each_kind_is_found_and_no_other(kind, text):
    assert detect(text) == (kind,)


@pytest.mark.parametrize("text", NOT_FOUND)
def test_what_only_looks_like_personal_data_is_left_alone(text):
    assert detect(text) == ()


def test_several_kinds_are_listed_in_their_order():
    text = "reach 10.0.0.1 or ada@example.org"
    assert detect(text) == tuple(kind for kind in PII_KINDS if kind in {"email", "ip_address"})


@pytest.mark.parametrize("part", ["a@", "1 ", "+1", "1.", "DE89", "a:", "a.", "4-", "x@y."])
def test_a_long_text_is_read_in_linear_time(part):
    """A pattern that backtracks without bound would not come back from this."""
    assert detect(part * 100_000) in {(), ("ip_address",), ("credit_card",), ("iban",), ("phone",)}
