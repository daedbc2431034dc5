"""Which kinds of change break users, and why.

A change on the request side breaks if a valid request may now be rejected or mean something
else; on the response side, if a response may lack what programs rely on. Additions to a response
break nothing: the SDK returns responses unchanged, with unknown fields and values.
"""

from __future__ import annotations

from typing import NamedTuple


class Severity(NamedTuple):
    """Whether a kind of change breaks users, and why."""

    breaks: bool
    why: str


def _breaks(why: str) -> Severity:
    return Severity(breaks=True, why=why)


def _harmless(why: str) -> Severity:
    return Severity(breaks=False, why=why)


_OPERATIONS = {
    "operation added": _harmless("no program calls it yet"),
    "operation removed": _breaks("every call of it fails"),
    "operation renamed": _breaks("the method and the generated module are named after it"),
    "operation moved": _breaks("released clients call it by the old address"),
    "operation deprecated": _harmless("it still works; say until when"),
    "operation kept": _harmless("its deprecation was withdrawn"),
    "scope needed": _breaks("a key without the scope is rejected with 403"),
    "scope dropped": _harmless("keys that have the scope work as before"),
    "authentication changed": _breaks("released clients authenticate in the old way"),
    "address added": _harmless("the other addresses work as before"),
    "address removed": _breaks("programs that use the address can't reach the service"),
    "documentation": _harmless("requests and responses are unchanged"),
    "wording": _harmless("the meaning is unchanged"),
    "version": _harmless("a number for people"),
}
_REQUESTS = {
    "parameter added": _harmless("it may be left out"),
    "required parameter added": _breaks("calls that leave it out are rejected"),
    "parameter removed": _breaks("calls that pass it are rejected, or it does nothing"),
    "parameter renamed": _breaks("calls that pass it by its name fail"),
    "parameter moved": _breaks("released clients send it in the old place"),
    "body added": _harmless("it may be left out"),
    "required body added": _breaks("calls that send none are rejected"),
    "body removed": _breaks("the service ignores it"),
    "body required": _breaks("calls that send none are rejected"),
    "body optional": _harmless("calls that send one work as before"),
    "field added": _harmless("it may be left out"),
    "required field added": _breaks("calls that leave it out are rejected"),
    "field removed": _breaks("calls that pass it are rejected, or it does nothing"),
    "now required": _breaks("calls that leave it out are rejected"),
    "now optional": _harmless("calls that pass it work as before"),
    "null allowed": _harmless("other values work as before"),
    "null refused": _breaks("calls that pass null are rejected"),
    "type widened": _harmless("values of the old type work as before"),
    "type narrowed": _breaks("some values that were valid are rejected"),
    "type changed": _breaks("values that were valid are rejected"),
    "value added": _harmless("the other values work as before"),
    "value removed": _breaks("calls that pass it are rejected"),
    "values restricted": _breaks("other values, which were valid, are rejected"),
    "values opened": _harmless("the values listed so far work as before"),
    "limit narrowed": _breaks("some values that were valid are rejected"),
    "limit widened": _harmless("values within the old limit work as before"),
    "assumed limit changed": _harmless("the SDK doesn't check it; the local Memory OS enforces it"),
    "rule added": _breaks("values that don't meet it, which were valid, are rejected"),
    "rule changed": _breaks("values that met the old rule may be rejected"),
    "rule removed": _harmless("values that met it work as before"),
    "default added": _harmless("the contract did not say what leaving it out means"),
    "default changed": _breaks("calls that leave it out now mean something else"),
    "default removed": _breaks("calls that leave it out no longer mean what they did"),
    "unknown fields refused": _breaks("calls with additional fields are rejected"),
    "unknown fields allowed": _harmless("calls without additional fields work as before"),
    "choice widened": _harmless("the old alternatives work as before"),
    "choice narrowed": _breaks("calls with the alternative that was removed are rejected"),
    "choice changed": _breaks("calls with an alternative that was removed are rejected"),
}
_ANSWERS = {
    "field added": _harmless("clients pass on fields that they don't know"),
    "required field added": _harmless("clients pass on fields that they don't know"),
    "field removed": _breaks("programs that read it fail"),
    "now required": _harmless("it is always there, where it might be missing"),
    "now optional": _breaks("programs that read it fail where it is missing"),
    "null allowed": _breaks("programs that use it fail where it is null"),
    "null refused": _harmless("it always has a value, where it might be null"),
    "type widened": _harmless("clients pass on every value; check who relies on the old type"),
    "type narrowed": _harmless("every value is still of the old type"),
    "type changed": _breaks("programs that rely on the old type fail"),
    "value added": _harmless("clients pass on values that they don't know"),
    "value removed": _harmless("the service no longer sends it"),
    "values restricted": _harmless("every value was allowed before"),
    "values opened": _harmless("clients pass on values that they don't know"),
    "limit narrowed": _harmless("every value was allowed before"),
    "limit widened": _harmless("clients pass on every value; check who relies on the limit"),
    "assumed limit changed": _harmless("responses aren't checked against it"),
    "rule added": _harmless("every value was allowed before"),
    "rule changed": _breaks("programs that rely on the old form fail"),
    "rule removed": _breaks("programs that rely on the old form fail"),
    "default added": _harmless("a response has its own value"),
    "default changed": _harmless("a response has its own value"),
    "default removed": _harmless("a response has its own value"),
    "unknown fields refused": _harmless("every value was allowed before"),
    "unknown fields allowed": _harmless("clients pass on fields that they don't know"),
    "choice widened": _harmless("clients pass on every value; check who relies on the others"),
    "choice narrowed": _harmless("every value was allowed before"),
    "choice changed": _breaks("programs that rely on the alternative that was removed fail"),
    "success status added": _harmless("clients take every 2xx for a success"),
    "success status removed": _breaks("programs that wait for this status fail"),
    "error status added": _harmless("clients raise an error for every status"),
    "error status removed": _harmless("the service no longer sends it"),
    "error code added": _harmless("clients pass on codes that they don't know"),
    "error code changed": _breaks("programs that compare the code miss it"),
    "error code removed": _breaks("programs that compare the code miss it"),
    "answer added": _harmless("there was nothing to read"),
    "answer removed": _breaks("programs that read the answer fail"),
    "media type changed": _breaks("released clients read the old media type"),
    "header added": _harmless("no program reads it yet"),
    "header removed": _breaks("programs that read the header miss it"),
}

SEVERITIES: dict[tuple[str, str], Severity] = {
    **{(kind, ""): severity for kind, severity in _OPERATIONS.items()},
    **{(kind, "request"): severity for kind, severity in _REQUESTS.items()},
    **{(kind, "answer"): severity for kind, severity in _ANSWERS.items()},
}
"""By kind and side."""
