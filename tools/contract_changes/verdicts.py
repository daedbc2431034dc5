"""Which kinds of change break users, and why: the one place where that is decided.

A change on the request side breaks when a request that was right may now be refused or mean
something else; on the answer side, when an answer may lack what programs rely on. What an answer
may have more than before is a note: the SDK hands out answers untouched, with fields and values
that it does not know.
"""

from __future__ import annotations

from typing import NamedTuple


class Verdict(NamedTuple):
    """Whether a kind of change breaks users, and why."""

    breaks: bool
    why: str


def _breaks(why: str) -> Verdict:
    return Verdict(breaks=True, why=why)


def _harmless(why: str) -> Verdict:
    return Verdict(breaks=False, why=why)


_OPERATIONS = {
    "operation added": _harmless("nobody calls it yet"),
    "operation removed": _breaks("every call of it fails"),
    "operation renamed": _breaks("the method and the generated module are named after it"),
    "operation moved": _breaks("released clients call it by the old address"),
    "operation deprecated": _harmless("it still works; say until when"),
    "operation kept": _harmless("it was to go, and stays"),
    "scope needed": _breaks("a key without the scope is refused with 403"),
    "scope dropped": _harmless("keys that have the scope work as before"),
    "authentication changed": _breaks("released clients authenticate in the old way"),
    "address added": _harmless("the other addresses work as before"),
    "address removed": _breaks("programs that use the address can't reach the service"),
    "documentation": _harmless("no request and no answer is another"),
    "wording": _harmless("it says the same in another way"),
    "version": _harmless("a number for people"),
}
_REQUESTS = {
    "parameter added": _harmless("it may be left out"),
    "required parameter added": _breaks("calls that leave it out are refused"),
    "parameter removed": _breaks("calls that pass it are refused, or it does nothing"),
    "parameter renamed": _breaks("calls that pass it by its name fail"),
    "parameter moved": _breaks("released clients send it in the old place"),
    "body added": _harmless("it may be left out"),
    "required body added": _breaks("calls that send none are refused"),
    "body removed": _breaks("what calls send is ignored"),
    "body required": _breaks("calls that send none are refused"),
    "body optional": _harmless("calls that send one work as before"),
    "field added": _harmless("it may be left out"),
    "required field added": _breaks("calls that leave it out are refused"),
    "field removed": _breaks("calls that pass it are refused, or it does nothing"),
    "now required": _breaks("calls that leave it out are refused"),
    "now optional": _harmless("calls that pass it work as before"),
    "null allowed": _harmless("other values work as before"),
    "null refused": _breaks("calls that pass null are refused"),
    "type widened": _harmless("values of the old type work as before"),
    "type narrowed": _breaks("some values that were right are refused"),
    "type changed": _breaks("values that were right are refused"),
    "value added": _harmless("the other values work as before"),
    "value removed": _breaks("calls that pass it are refused"),
    "values restricted": _breaks("other values, which were right, are refused"),
    "values opened": _harmless("the values listed so far work as before"),
    "limit narrowed": _breaks("some values that were right are refused"),
    "limit widened": _harmless("values within the old limit work as before"),
    "rule added": _breaks("values that don't meet it, which were right, are refused"),
    "rule changed": _breaks("values that met the old rule may be refused"),
    "rule removed": _harmless("values that met it work as before"),
    "assumed limit changed": _harmless("the SDK doesn't check it; the local Memory OS enforces it"),
    "default added": _harmless("the contract did not say what leaving it out means"),
    "default changed": _breaks("calls that leave it out now mean something else"),
    "default removed": _breaks("calls that leave it out no longer mean what they did"),
    "unknown fields refused": _breaks("calls with further fields are refused"),
    "unknown fields allowed": _harmless("calls without further fields work as before"),
    "choice widened": _harmless("the old alternatives work as before"),
    "choice narrowed": _breaks("calls with the alternative that went are refused"),
    "choice changed": _breaks("calls with an alternative that went are refused"),
}
_ANSWERS = {
    "field added": _harmless("clients hand out fields that they don't know"),
    "required field added": _harmless("clients hand out fields that they don't know"),
    "field removed": _breaks("programs that read it fail"),
    "now required": _harmless("it is always there, where it might be missing"),
    "now optional": _breaks("programs that read it fail where it is missing"),
    "null allowed": _breaks("programs that use it fail where it is null"),
    "null refused": _harmless("it always has a value, where it might be null"),
    "type widened": _harmless("clients hand out what comes; see who relies on the old type"),
    "type narrowed": _harmless("what comes is of the old type still"),
    "type changed": _breaks("programs that rely on the old type fail"),
    "value added": _harmless("clients hand out values that they don't know"),
    "value removed": _harmless("it does not come any more"),
    "values restricted": _harmless("what comes was allowed before"),
    "values opened": _harmless("clients hand out values that they don't know"),
    "limit narrowed": _harmless("what comes was allowed before"),
    "limit widened": _harmless("clients hand out what comes; see who relies on the limit"),
    "rule added": _harmless("what comes was allowed before"),
    "rule changed": _breaks("programs that rely on the old form fail"),
    "rule removed": _breaks("programs that rely on the old form fail"),
    "assumed limit changed": _harmless("what comes is not checked by it"),
    "default added": _harmless("an answer says what it says"),
    "default changed": _harmless("an answer says what it says"),
    "default removed": _harmless("an answer says what it says"),
    "unknown fields refused": _harmless("what comes was allowed before"),
    "unknown fields allowed": _harmless("clients hand out fields that they don't know"),
    "choice widened": _harmless("clients hand out what comes; see who relies on the others"),
    "choice narrowed": _harmless("what comes was allowed before"),
    "choice changed": _breaks("programs that rely on the alternative that went fail"),
    "success status added": _harmless("clients take every 2xx for a success"),
    "success status removed": _breaks("programs that wait for this status fail"),
    "error status added": _harmless("clients raise an error for every status"),
    "error status removed": _harmless("it does not come any more"),
    "error code added": _harmless("clients hand out codes that they don't know"),
    "error code changed": _breaks("programs that compare the code miss it"),
    "error code removed": _breaks("programs that compare the code miss it"),
    "answer added": _harmless("there was nothing to read"),
    "answer removed": _breaks("programs that read the answer fail"),
    "media type changed": _breaks("released clients read the old media type"),
    "header added": _harmless("nobody reads it yet"),
    "header removed": _breaks("programs that read the header miss it"),
}

VERDICTS: dict[tuple[str, str], Verdict] = {
    **{(kind, ""): verdict for kind, verdict in _OPERATIONS.items()},
    **{(kind, "request"): verdict for kind, verdict in _REQUESTS.items()},
    **{(kind, "answer"): verdict for kind, verdict in _ANSWERS.items()},
}
"""By kind and side."""
