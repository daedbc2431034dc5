from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...errors import UnexpectedStatus
from ...types import UNSET, Request, Response, Unset, given, read_body

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client
    from ...models.error_envelope import ErrorEnvelope
    from ...models.memory_create import MemoryCreate
    from ...models.memory_envelope import MemoryEnvelope


def build_request(
    *,
    body: Mapping[str, Any],
    idempotency_key: str | Unset = UNSET,
) -> Request:
    """Return the request, without I/O; values may be as JSON has them."""
    return Request(
        "POST",
        "/memories",
        query={},
        headers=given({"Idempotency-Key": idempotency_key}),
        body=body,
    )


def _read_response_200(body: Any) -> MemoryEnvelope:
    from ...models.memory_envelope import MemoryEnvelope

    response_200 = MemoryEnvelope.from_dict(body)
    return response_200


def _read_response_400(body: Any) -> ErrorEnvelope:
    from ...models.error_envelope import ErrorEnvelope

    response_400 = ErrorEnvelope.from_dict(body)
    return response_400


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorEnvelope | MemoryEnvelope | None:
    if response.status_code == 200:
        return read_body(_read_response_200, response, client.raise_on_unexpected_status)
    if response.status_code == 201:
        return read_body(_read_response_200, response, client.raise_on_unexpected_status)
    if response.status_code == 400:
        return read_body(_read_response_400, response, client.raise_on_unexpected_status)
    if response.status_code == 401:
        return read_body(_read_response_400, response, client.raise_on_unexpected_status)
    if response.status_code == 403:
        return read_body(_read_response_400, response, client.raise_on_unexpected_status)
    if response.status_code == 408:
        return read_body(_read_response_400, response, client.raise_on_unexpected_status)
    if response.status_code == 409:
        return read_body(_read_response_400, response, client.raise_on_unexpected_status)
    if response.status_code == 413:
        return read_body(_read_response_400, response, client.raise_on_unexpected_status)
    if response.status_code == 429:
        return read_body(_read_response_400, response, client.raise_on_unexpected_status)
    if response.status_code == 500:
        return read_body(_read_response_400, response, client.raise_on_unexpected_status)
    if response.status_code == 503:
        return read_body(_read_response_400, response, client.raise_on_unexpected_status)
    if client.raise_on_unexpected_status:
        raise UnexpectedStatus(response.status_code, response.content)
    return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ErrorEnvelope | MemoryEnvelope]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: MemoryCreate,
    idempotency_key: str | Unset = UNSET,
) -> Response[ErrorEnvelope | MemoryEnvelope]:
    """Create a memory

    Stores a memory. The service computes an embedding of the content, so that searches find
    it by meaning, and detects personal data in it. The fields of the feature `import-fields`
    need the permission `admin`.

    Args:
        idempotency_key (str | Unset): A unique key for this request, chosen by the client. If the
            client repeats the request with the same key and the same body within 24 hours, the
            service returns the first response and creates nothing; with the same key and another body
            it returns 409. The key of a memory that was deleted or has expired is forgotten, so that
            the response never names a memory that no longer exists. The local Memory OS accepts at
            most 255 characters, only text that matches `^[!-~]+$`.
        body (MemoryCreate): A memory to store.

    Returns:
        The status, headers and bytes of the response, and its model as `parsed`.

    Raises:
        UnexpectedStatus: The status is not documented, and `raise_on_unexpected_status` is on.
        UnexpectedBody: The body does not match the contract, and `raise_on_unexpected_status` is on.
        httpx.HTTPError: No response came, or not in time.
    """
    request = build_request(
        body=body.to_dict(),
        idempotency_key=idempotency_key,
    )
    response = client.get_httpx_client().request(**request.for_httpx())
    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: MemoryCreate,
    idempotency_key: str | Unset = UNSET,
) -> ErrorEnvelope | MemoryEnvelope | None:
    """Create a memory

    Stores a memory. The service computes an embedding of the content, so that searches find
    it by meaning, and detects personal data in it. The fields of the feature `import-fields`
    need the permission `admin`.

    Args:
        idempotency_key (str | Unset): A unique key for this request, chosen by the client. If the
            client repeats the request with the same key and the same body within 24 hours, the
            service returns the first response and creates nothing; with the same key and another body
            it returns 409. The key of a memory that was deleted or has expired is forgotten, so that
            the response never names a memory that no longer exists. The local Memory OS accepts at
            most 255 characters, only text that matches `^[!-~]+$`.
        body (MemoryCreate): A memory to store.

    Returns:
        The model of the response; None if it has none or could not be read.

    Raises:
        UnexpectedStatus: The status is not documented, and `raise_on_unexpected_status` is on.
        UnexpectedBody: The body does not match the contract, and `raise_on_unexpected_status` is on.
        httpx.HTTPError: No response came, or not in time.
    """
    response = sync_detailed(
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    )
    return response.parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: MemoryCreate,
    idempotency_key: str | Unset = UNSET,
) -> Response[ErrorEnvelope | MemoryEnvelope]:
    """Create a memory

    Stores a memory. The service computes an embedding of the content, so that searches find
    it by meaning, and detects personal data in it. The fields of the feature `import-fields`
    need the permission `admin`.

    Args:
        idempotency_key (str | Unset): A unique key for this request, chosen by the client. If the
            client repeats the request with the same key and the same body within 24 hours, the
            service returns the first response and creates nothing; with the same key and another body
            it returns 409. The key of a memory that was deleted or has expired is forgotten, so that
            the response never names a memory that no longer exists. The local Memory OS accepts at
            most 255 characters, only text that matches `^[!-~]+$`.
        body (MemoryCreate): A memory to store.

    Returns:
        The status, headers and bytes of the response, and its model as `parsed`.

    Raises:
        UnexpectedStatus: The status is not documented, and `raise_on_unexpected_status` is on.
        UnexpectedBody: The body does not match the contract, and `raise_on_unexpected_status` is on.
        httpx.HTTPError: No response came, or not in time.
    """
    request = build_request(
        body=body.to_dict(),
        idempotency_key=idempotency_key,
    )
    response = await client.get_async_httpx_client().request(**request.for_httpx())
    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: MemoryCreate,
    idempotency_key: str | Unset = UNSET,
) -> ErrorEnvelope | MemoryEnvelope | None:
    """Create a memory

    Stores a memory. The service computes an embedding of the content, so that searches find
    it by meaning, and detects personal data in it. The fields of the feature `import-fields`
    need the permission `admin`.

    Args:
        idempotency_key (str | Unset): A unique key for this request, chosen by the client. If the
            client repeats the request with the same key and the same body within 24 hours, the
            service returns the first response and creates nothing; with the same key and another body
            it returns 409. The key of a memory that was deleted or has expired is forgotten, so that
            the response never names a memory that no longer exists. The local Memory OS accepts at
            most 255 characters, only text that matches `^[!-~]+$`.
        body (MemoryCreate): A memory to store.

    Returns:
        The model of the response; None if it has none or could not be read.

    Raises:
        UnexpectedStatus: The status is not documented, and `raise_on_unexpected_status` is on.
        UnexpectedBody: The body does not match the contract, and `raise_on_unexpected_status` is on.
        httpx.HTTPError: No response came, or not in time.
    """
    response = await asyncio_detailed(
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    )
    return response.parsed
