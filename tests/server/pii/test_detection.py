"""Personal data: what is found, and what only looks like it."""

from __future__ import annotations

import pytest

from memoryos_server.pii.detection import PII_KINDS, detect

FOUND = {
    "email": [
        "write to ada.okafor+x@mail.example.org, please",
        "<müller@straße.de>",
        "ada [at] example [dot] org",
    ],
    "phone": [
        "+49 30 1234567",
        "call +1 (415) 555-0132",
        "415-555-0132",
        "(415) 555-0132",
        "0049 30 1234567",
        "020 7946 0018",
        "(030) 23125-012",
        "01.99.00.12.34",
        "(11) 91234-5678",
        "138 0013 8000",
        "Handy: 01713920044",
        "電話は03-1234-5678です",
    ],
    "credit_card": [
        "4111 1111 1111 1111",
        "5555-5555-5555-4444",
        "card 378282246310005.",
        "カード4111111111111111で",
    ],
    "iban": [
        "DE89 3704 0044 0532 0130 00",
        "GB82WEST12345698765432",
        "FR14 2004 1010 0505 0001 3M02 606 TODAY",
        "de89-3704-0044-0532-0130-00",
    ],
    "ip_address": ["192.168.0.1", "from 8.8.8.8.", "2001:db8::8a2e:370:7334", "IP地址192.0.2.33吗"],
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
    "127.0.0.1 with the netmask 255.255.255.0, or ::1",
    "version 1.2.3.4 and chapter 1.2.3.4",
    "postgres://app:secret@db.example.com/shop",
    "git@github.example.com:orchard/house.git and logo@2x.png",
    "IMEI 490154203237518",
    "call me on 02-11-2026 10:30",
    "social security 078-05-1120",
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


def test_a_number_is_of_one_kind():
    """The groups of an account or a card are no telephone number."""
    assert detect("IBAN DE89 3704 0044 0532 0130 00 and card 4111 1111 1111 1111") == (
        "credit_card",
        "iban",
    )


def test_several_kinds_are_listed_in_their_order():
    text = "reach 10.0.0.1 or ada@example.org"
    assert detect(text) == tuple(kind for kind in PII_KINDS if kind in {"email", "ip_address"})


@pytest.mark.parametrize(
    "part",
    [
        *["a@", "1 ", "+1", "1.", "DE89", "a:", "a.", "4-", "x@y.", "4111 ", "01 ", "(0", "0171/"],
        *["tel ", "tel 1", "a(at)b(dot)", "://", "a@b.c:", "de89 1", "(11) 11 ", "1.1.1.1 "],
    ],
)
def test_a_long_text_is_read_in_linear_time(part):
    """A pattern that backtracks without bound would not come back from this."""
    assert set(detect(part * 100_000)) <= set(PII_KINDS)
