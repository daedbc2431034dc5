"""Reading answers: the documented dict, or the error that fits, whatever comes."""

from __future__ import annotations

import contextlib
import json
from http import HTTPStatus

import pytest

from memoryos._protocol import responses
from memoryos._protocol.responses import HTTPResponse, ResponseKind
from memoryos.exceptions import (
    AuthenticationError,
    ConflictError,
    InvalidResponseError,
    MemoryOSError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    ValidationError,
)
from memoryos_api.operations import OPERATIONS

from .response_reading import HTML, META, NOT_THE_CONTRACTS, answer, error_of, read, refusal


@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_success_hands_out_its_data_untouched(status):
    """No key is dropped and no value is changed, known or not."""
    data = {"id": "x", "tier": "geological", "new_key": [1, {"a": None}], "created_at": "2026"}
    assert read(answer(status, {"data": data, "meta": META})) == data


def test_a_list_hands_out_its_data_and_its_meta():
    """Paging needs both; what else the envelope holds is not part of the page."""
    page = {"data": [{"id": "x"}], "meta": {"total": 1, "has_more": False, "new_key": 1}}
    assert read(answer(200, {**page, "other": 1}), kind=ResponseKind.PAGE) == page


def test_no_content_means_done():
    """A deletion may be answered with 204 and nothing else."""
    assert read(answer(204, b""), ResponseKind.DELETION) == {"deleted": True}


@pytest.mark.parametrize("body", [{"items": []}, [1], None, "text"])
def test_a_response_without_an_envelope_is_returned_whole(body):
    """As an operation has it that is not like the others."""
    assert read(answer(200, json.dumps(body).encode()), ResponseKind.OTHER) == body


def test_a_response_without_content_is_none_where_no_envelope_is_expected():
    """204 is a success."""
    assert read(answer(204, b""), ResponseKind.OTHER) is None


# status, code on the wire, class, code in the SDK
ERRORS = [
    (400, "VALIDATION_ERROR", ValidationError, "VALIDATION_ERROR"),
    (401, "UNAUTHORIZED", AuthenticationError, "AUTHENTICATION_ERROR"),
    (401, "AUTHENTICATION_ERROR", AuthenticationError, "AUTHENTICATION_ERROR"),
    (403, "FORBIDDEN", PermissionDeniedError, "FORBIDDEN"),
    (403, "READ_ONLY", PermissionDeniedError, "READ_ONLY"),
    (404, "NOT_FOUND", NotFoundError, "NOT_FOUND"),
    (408, "REQUEST_TIMEOUT", MemoryOSError, "REQUEST_TIMEOUT"),
    (409, "CONFLICT", ConflictError, "CONFLICT"),
    (413, "PAYLOAD_TOO_LARGE", MemoryOSError, "PAYLOAD_TOO_LARGE"),
    (422, "VALIDATION_ERROR", ValidationError, "VALIDATION_ERROR"),
    (429, "RATE_LIMIT_EXCEEDED", RateLimitError, "RATE_LIMIT_EXCEEDED"),
    (500, "INTERNAL_ERROR", ServerError, "INTERNAL_ERROR"),
    (503, "UNAVAILABLE", ServerError, "UNAVAILABLE"),
    # Not in the contract: the class comes from the status, the code from the wire.
    (402, "NEW_CODE", MemoryOSError, "NEW_CODE"),
    (418, "NEW_CODE", MemoryOSError, "NEW_CODE"),
    (404, "NEW_CODE", NotFoundError, "NEW_CODE"),
    (499, "NEW_CODE", MemoryOSError, "NEW_CODE"),
    (520, "NEW_CODE", ServerError, "NEW_CODE"),
    (599, "NEW_CODE", ServerError, "NEW_CODE"),
]


@pytest.mark.parametrize(("status", "wire_code", "error_class", "code"), ERRORS)
def test_an_error_has_the_class_of_its_status_and_the_facts_of_its_body(
    status, wire_code, error_class, code
):
    """The documented code, and everything else the service said."""
    body = refusal(wire_code, "It is so.", details={"field": "content"})
    error = error_of(answer(status, body))
    assert type(error) is error_class
    assert (error.code, error.message, error.status) == (code, "It is so.", status)
    assert error.request_id == "req_7"
    assert error.details["field"] == "content"


def test_the_table_above_has_every_error_of_the_contract():
    """Whatever status and code the contract documents, this file says what becomes of it."""
    documented = {
        (status, wire_code)
        for operation in OPERATIONS.values()
        for status, wire_codes in operation.errors.items()
        for wire_code in wire_codes
    }
    assert documented
    assert documented <= {(status, wire_code) for status, wire_code, _, _ in ERRORS}


def test_a_translated_code_stays_in_reach():
    """Who talks to the vendor's support needs the wire's own word."""
    assert error_of(answer(401, refusal("UNAUTHORIZED"))).details == {"wire_code": "UNAUTHORIZED"}
    assert error_of(answer(404, refusal("NOT_FOUND"))).details == {}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 418, 520])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        HTML,
        b'{"error": {"code": "NOT_',
        b"\xff\xfe",
        b"null",
        b"[]",
        b'"text"',
        b"7",
        b"{}",
        b'{"error": null}',
        b'{"error": []}',
        b'{"error": {"code": null, "message": null, "details": null}, "meta": null}',
        b'{"error": {"code": 5, "message": {"a": 1}, "details": "x"}, "meta": []}',
        b'{"error": {"code": "", "message": ""}, "meta": {"request_id": 5}}',
        b"[" * 100_000,
    ],
    ids=lambda body: repr(body[:40]),
)
def test_an_error_without_a_readable_body_keeps_its_status(status, body):
    """A proxy's page is as good as none: class and status stay, and there is always a sentence."""
    error = error_of(answer(status, body))
    assert type(error) is responses.ERROR_CLASSES.get(
        status, ServerError if status >= 500 else MemoryOSError
    )
    assert (error.status, error.code) == (status, f"HTTP_{status}")
    phrases = {known.value: known.phrase for known in HTTPStatus}
    assert error.message == phrases.get(status, f"The service answered with status {status}")


def test_an_error_that_is_a_string_is_its_message():
    """Gateways write `{"error": "…"}`."""
    error = error_of(answer(403, {"error": "No entry"}))
    assert (error.code, error.message) == ("HTTP_403", "No entry")


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize(
    ("meta", "header", "request_id"),
    [("req_a", None, "req_a"), (None, "req_b", "req_b"), ("req_a", "req_b", "req_a")],
)
def test_the_request_id_is_the_bodys_else_the_headers(status, meta, header, request_id):
    """Either is enough to find the request in the service's logs."""
    body = {"meta": {"request_id": meta} if meta else {}}
    headers = {"x-request-id": header} if header else {}
    assert error_of(answer(status, body, **headers)).request_id == request_id


@pytest.mark.parametrize("status", [409, 429, 500, 503, 418])
def test_retry_after_is_read_from_any_error(status):
    """Whoever says when to come back is heard."""
    assert error_of(answer(status, {}, **{"retry-after": "7"})).retry_after == 7
    assert error_of(answer(status, {})).retry_after is None


@pytest.mark.parametrize("body", NOT_THE_CONTRACTS.values(), ids=NOT_THE_CONTRACTS.keys())
def test_a_success_that_is_not_the_contracts_is_an_error(body):
    """A sign-in page with status 200 is never handed out as if it were the answer."""
    error = error_of(answer(200, body, **{"content-type": "text/x"}))
    assert type(error) is InvalidResponseError
    assert (error.code, error.status) == ("INVALID_RESPONSE", 502)
    assert {"status": 200, "content_type": "text/x", "length": len(body)}.items() <= (
        error.details.items()
    )


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": {}, "meta": {}}',
        b'{"data": null, "meta": {}}',
        b'{"data": []}',
        b'{"data": [], "meta": null}',
        b'{"data": [], "meta": []}',
        HTML,
    ],
)
def test_a_page_that_is_none_is_an_error(body):
    """An outage never looks like a list without memories."""
    with pytest.raises(InvalidResponseError):
        read(answer(200, body), kind=ResponseKind.PAGE)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_a_redirect_is_an_error(status):
    """The API redirects nowhere; the address is wrong."""
    error = error_of(answer(status, b"", location="https://elsewhere/"))
    assert type(error) is InvalidResponseError
    assert error.details["status"] == status


def test_a_response_shows_its_status_and_its_length_only():
    """Its content is private."""
    assert repr(answer(200, b"private")) == "HTTPResponse(200, 7 bytes)"


@pytest.mark.parametrize("status", [199, 300, 399])
def test_only_a_2xx_is_a_success(status):
    """However good its body looks."""
    error = error_of(answer(status, {"data": {"id": "x"}}))
    assert type(error) is InvalidResponseError
    assert f": status {status} is not documented (status {status}, " in error.message


def test_any_2xx_is_a_success():
    """Those too that the contract does not name."""
    assert read(answer(299, {"data": {"id": "x"}})) == {"id": "x"}


@pytest.mark.parametrize("content", [b"", b"a,b", b'{"data":', b"\xff"])
def test_a_raw_response_is_not_read(content):
    """Any complete body is a success; one with a defect or an HTTP error is not."""
    assert read(answer(202, content), ResponseKind.RAW) is None
    with pytest.raises(InvalidResponseError, match="its body is cut off") as raised:
        read(HTTPResponse(200, {}, b"", "its body is cut off"), ResponseKind.RAW)
    assert responses.is_cut_off(raised.value)
    with pytest.raises(ServerError):
        read(answer(503, content), ResponseKind.RAW)


@pytest.mark.parametrize("kind", [ResponseKind.ITEM, ResponseKind.PAGE])
def test_no_content_is_an_error_where_content_is_expected(kind):
    """An empty answer is not an empty list."""
    with pytest.raises(InvalidResponseError, match="its body is not JSON"):
        read(answer(204, b""), kind)


def test_a_date_to_come_back_is_counted_from_now():
    """As the caller's clock has it, where the service names no date of its own."""
    busy = answer(503, {}, **{"retry-after": "Thu, 01 Jan 1970 00:01:30 GMT"})
    with pytest.raises(ServerError) as raised:
        responses.read(busy, kind=ResponseKind.ITEM, now=60)
    assert raised.value.retry_after == 30


@pytest.fixture
def decoded(monkeypatch):
    """Return the list of the contents that are decoded."""
    contents = []

    def decode(content):
        contents.append(content)
        return json.loads(content)

    monkeypatch.setattr(responses.json_codec, "decode", decode)
    return contents


@pytest.mark.parametrize("status", [200, 404, 500])
@pytest.mark.parametrize(
    "body", [b"", HTML, b'{"data": ', b'{"data": []}', b'{"data": {}, "meta": {"request_id": "a"}}']
)
def test_a_body_is_decoded_once(status, body, decoded):
    """For its result, its error and its request id together."""
    given = answer(status, body)
    with contextlib.suppress(MemoryOSError):
        read(given)
    responses.request_id(given)
    responses.request_id(given)
    assert decoded == [body]


def test_a_large_body_of_an_error_is_not_decoded(decoded):
    """Of an error, only the first 1 MiB matters; the status and the headers say enough."""
    limit = responses.MAX_ERROR_BODY_BYTES
    body = json.dumps(refusal("X")).encode()
    large = answer(503, body.ljust(limit + 1), **{"x-request-id": "req_b", "retry-after": "7"})
    error = error_of(large)
    assert (error.code, error.request_id, error.retry_after) == ("HTTP_503", "req_b", 7)
    assert decoded == []
    assert error_of(answer(503, body.ljust(limit))).code == "X"


def test_a_large_success_is_decoded(decoded):
    """Also for its request id, which is in the same body."""
    body = json.dumps({"data": {}, "meta": META}).encode()
    given = answer(200, body.ljust(responses.MAX_ERROR_BODY_BYTES + 1))
    assert read(given) == {}
    assert responses.request_id(given) == "req_7"
    assert len(decoded) == 1


def test_a_body_with_a_defect_is_an_error_that_names_it():
    """What was found wrong while it was read, such as its size."""
    error = error_of(HTTPResponse(200, {}, b"", defect="its body is larger than 9 bytes"))
    assert type(error) is InvalidResponseError
    assert "its body is larger than 9 bytes (status 200, no content type)" in error.message
