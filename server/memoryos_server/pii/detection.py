"""Detection of personal data in texts, by rules with checksums where possible.

It detects e-mail addresses, telephone numbers, payment cards (Luhn), bank accounts (IBAN, mod 97)
and IP addresses. It doesn't detect names and postal addresses, which rules can't distinguish from
other words. docs/explanation/pii.md has the measured precision and recall.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from memoryos_server.text.scanning import scan
from memoryos_server.text.word_characters import LETTER

from .phone_numbers import phone_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PII_KINDS", "detect"]

Span = tuple[int, int]

# Every repetition is bounded, so that matching takes linear time. Patterns start with a character,
# which `re` searches for quickly, and look behind it afterwards.
_EMAIL = re.compile(
    r"(?<![\w.%+@-])[\w.%+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?!\w|\.\w)"
    r"(?!:[\w.~-]{0,64}/)"  # not host:path, as in ssh addresses
)
_SPELLED_OUT_DOMAIN = re.compile(
    r"[(\[](?i:at)[)\]] {0,2}[\w-]{1,63}(?: {0,2}[(\[](?i:dot)[)\]] {0,2}[\w-]{1,63}){1,8}"
)
_SPELLED_OUT_USER = re.compile(r"(?<!\w)[\w.%+-]{1,64} {0,2}\Z")
_SPELLED_OUT_USER_CHARACTERS = 66
_IMAGE_SUFFIX = re.compile(r"\.(?:gif|jpe?g|png|svg|webp)$", re.IGNORECASE)
_URL_USER = re.compile(r"://[^\s/@]{0,80}$")
_URL_USER_CHARACTERS = 84

_SEPARATOR = r"[ \u00a0.-]?"
_CARD = re.compile(
    rf"[2-69](?<!{LETTER}.)(?<![.,-].)\d{{3}}(?:{_SEPARATOR}\d{{3,7}}){{2,4}}(?!{LETTER}|-|[.,]\d)"
)
# Prefixes of the numbers of all card brands, by number of digits.
_CARD_PREFIXES = {
    13: ("4",),
    14: ("30", "36", "38", "39"),
    15: ("34", "37"),
    16: ("2", "3", "4", "5", "6", "9792"),
    17: ("62",),
    18: ("62",),
    19: ("4", "6"),
}

_IBAN = re.compile(
    rf"[A-Za-z](?<!{LETTER}.)[A-Za-z]\d{{2}}(?:[ \u00a0-]?[A-Za-z0-9]){{11,30}}(?!{LETTER})"
)
_SPACE = re.compile(r"[ \u00a0-]")
_NOT_A_DIGIT = re.compile(r"\D+")
_DOUBLED = [sum(divmod(2 * digit, 10)) for digit in range(10)]
# Countries by length of their IBANs, from the registry of SWIFT.
_COUNTRIES_BY_LENGTH = {
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
_IBAN_LENGTHS = {
    country: length
    for length, countries in _COUNTRIES_BY_LENGTH.items()
    for country in countries.split()
}

_IPV4 = re.compile(rf"\d(?<!{LETTER}.)(?<!\..)\d{{0,2}}(?:\.\d{{1,3}}){{3}}(?!{LETTER}|\.\d)")
# With a digit: `a::b` is valid as well, but usually a name in a program.
_IPV6_START = rf"(?<!{LETTER}.)(?<!:.)"
_IPV6 = re.compile(
    rf"(?:[0-9]{_IPV6_START}|[A-Fa-f:]{_IPV6_START}(?=[A-Fa-f:]{{0,38}}\d))"
    rf"[0-9A-Fa-f:]{{2,38}}(?!{LETTER}|:)"
)
_MIN_IPV6_COLONS = 2  # the pattern matches any number as well
# Four numbers after one of these are a version or a heading.
_VERSION_WORD = re.compile(
    r"(?:\b(?:v|ver|version|versión|versão|release|rev|build|oid|chapter|section|article|kapitel|"
    r"abschnitt|chapitre|capítulo|capitolo|hoofdstuk)[.:]?|§|版本|第)\s{0,2}$",
    re.IGNORECASE,
)
_VERSION_WORD_CHARACTERS = 14


def detect(text: str) -> tuple[str, ...]:
    """Return the kinds of personal data in `text`, in the order of `PII_KINDS`."""
    found = set[str]()
    for kind, spans_in in _DETECTORS.items():
        spans = list(spans_in(text))
        if spans:
            found.add(kind)
            text = _mask(text, spans)
    if next(phone_numbers(text), None) is not None:
        found.add("phone")
    return tuple(kind for kind in PII_KINDS if kind in found)


def _mask(text: str, spans: list[Span]) -> str:
    """Return the text without these spans, so that an IBAN isn't a telephone number as well."""
    parts: list[str] = []
    end = 0
    for start, next_end in sorted(spans):
        parts += [text[end:start], "_"]
        end = max(end, next_end)
    return "".join([*parts, text[end:]])


def _emails(text: str) -> Iterator[Span]:
    for match in scan(_EMAIL, text):
        before = text[max(0, match.start() - _URL_USER_CHARACTERS) : match.start()]
        if not (_IMAGE_SUFFIX.search(match.group()) or _URL_USER.search(before)):
            yield match.span()
    end = 0
    for match in scan(_SPELLED_OUT_DOMAIN, text):
        first = max(end, match.start() - _SPELLED_OUT_USER_CHARACTERS)
        user = _SPELLED_OUT_USER.search(text, first, match.start())
        if user:
            end = match.end()
            yield user.start(), end


def _cards(text: str) -> Iterator[Span]:
    for match in scan(_CARD, text):
        for end in _group_ends(match.group()):
            if _is_card(match.group()[:end]):
                yield match.start(), match.start() + end
                break


def _ibans(text: str) -> Iterator[Span]:
    for match in scan(_IBAN, text):
        length = _IBAN_LENGTHS.get(match.group()[:2].upper())
        if length is None:
            continue
        for end in _group_ends(match.group()):
            candidate = _SPACE.sub("", match.group()[:end])
            if len(candidate) <= length:
                if len(candidate) == length and _passes_mod_97(candidate):
                    yield match.start(), match.start() + end
                break


def _group_ends(candidate: str) -> list[int]:
    """Return the ends of its groups of characters, last first: the match may be too long."""
    return [len(candidate), *reversed([space.start() for space in _SPACE.finditer(candidate)])]


def _ip_addresses(text: str) -> Iterator[Span]:
    for match in scan(_IPV4, text):
        before = text[max(0, match.start() - _VERSION_WORD_CHARACTERS) : match.start()]
        if _is_personal_address(match.group()) and not _VERSION_WORD.search(before):
            yield match.span()
    for match in scan(_IPV6, text):
        if match.group().count(":") >= _MIN_IPV6_COLONS and _is_personal_address(match.group()):
            yield match.span()


def _is_card(candidate: str) -> bool:
    digits = _NOT_A_DIGIT.sub("", candidate)
    return digits.startswith(_CARD_PREFIXES.get(len(digits), ())) and _passes_luhn(digits)


def _passes_luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = [_DOUBLED[digit] for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _passes_mod_97(candidate: str) -> bool:
    moved = candidate[4:] + candidate[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


@lru_cache(maxsize=1024)
def _is_personal_address(candidate: str) -> bool:
    """Return whether it is an IP address other than loopback, unspecified and netmasks."""
    try:
        address = ipaddress.ip_address(candidate)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified or candidate.startswith("255."))


# In order of reliability: each detector masks its matches for the next ones. Telephone numbers are
# detected last.
_DETECTORS = {
    "email": _emails,
    "iban": _ibans,
    "ip_address": _ip_addresses,
    "credit_card": _cards,
}

PII_KINDS = ("email", "phone", "credit_card", "iban", "ip_address")
"""The possible values of `pii_fields`."""
