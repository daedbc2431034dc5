"""Finding personal data in a text: forms that a rule can check, and no guessing.

E-mail addresses, telephone numbers, payment cards (Luhn), bank accounts (IBAN, mod 97) and IP
addresses. Names and postal addresses are not found: no rule can tell them from other words.
"""

from __future__ import annotations

import ipaddress
import re

__all__ = ["PII_KINDS", "detect"]

# Every repetition is bounded, so that no text takes more than linear time.
_EMAIL = re.compile(r"(?<![\w.%+-])[\w.%+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?!\w)")
_INTERNATIONAL_PHONE = re.compile(r"(?<![\w+])\+[1-9](?:[ ().-]{0,2}\d){7,14}(?!\d)")
_NATIONAL_PHONE = re.compile(r"(?<![\w.])(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\d-])")
_CARD = re.compile(r"(?<![\w-])[2-6](?:[ -]?\d){12,18}(?![\w-])")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Z0-9])")
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)")
# With a digit: `a::b` would be one too, but is far more often a name in a program.
_IPV6 = re.compile(r"(?<![\w:])(?=[A-Fa-f:]{0,39}\d)[0-9A-Fa-f:]{3,39}(?![\w:])")
_IBAN_LENGTHS = range(15, 35)


def detect(text: str) -> tuple[str, ...]:
    """Return the kinds of personal data that `text` holds, of `PII_KINDS` and in their order."""
    return tuple(kind for kind, is_found in _DETECTORS.items() if is_found(text))


def _has_email(text: str) -> bool:
    return _EMAIL.search(text) is not None


def _has_phone(text: str) -> bool:
    return any(pattern.search(text) for pattern in (_INTERNATIONAL_PHONE, _NATIONAL_PHONE))


def _has_card(text: str) -> bool:
    return any(_passes_luhn(match.group()) for match in _CARD.finditer(text))


def _has_iban(text: str) -> bool:
    return any(_holds_iban(match.group().split(" ")) for match in _IBAN.finditer(text))


def _has_ip_address(text: str) -> bool:
    candidates = [*_IPV4.finditer(text), *_IPV6.finditer(text)]
    return any(_is_ip_address(match.group()) for match in candidates)


def _passes_luhn(candidate: str) -> bool:
    digits = [int(character) for character in reversed(candidate) if character.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _holds_iban(groups: list[str]) -> bool:
    """Say whether the first groups are an IBAN: words in capitals may follow it."""
    starts = ("".join(groups[:count]) for count in range(len(groups), 0, -1))
    return any(_passes_mod_97(start) for start in starts)


def _passes_mod_97(candidate: str) -> bool:
    if len(candidate) not in _IBAN_LENGTHS:
        return False
    moved = candidate[4:] + candidate[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


def _is_ip_address(candidate: str) -> bool:
    try:
        ipaddress.ip_address(candidate)
    except ValueError:
        return False
    return True


_DETECTORS = {
    "email": _has_email,
    "phone": _has_phone,
    "credit_card": _has_card,
    "iban": _has_iban,
    "ip_address": _has_ip_address,
}

PII_KINDS = tuple(_DETECTORS)
"""What `pii_fields` can hold."""
