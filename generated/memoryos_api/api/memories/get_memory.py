from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import UnexpectedStatus
from ...types import UNSET, Request, Response, Unset, given, path_segment, read_body

if TYPE_CHECKING:
    from uuid import UUID

    import httpx

    from ...client import AuthenticatedClient, Client
    from ...models.error_envelope import ErrorEnvelope
    from ...models.memory_envelope import MemoryEnvelope


def build_request(
    memory_id: UUID,
    *,
    uncounted: bool | Unset = UNSET,
) -> Request:
    """Return the request, without I/O; values may be as JSON has them.

    Raises:
        ValueError: A path parameter is empty, `.` or `..`.
    """
    return Request(
        "GET",
        "/memories/{memory_id}".format(
            memory_id=path_segment("memory_id", memory_id),
        ),
        query=given({"uncounted": uncounted}),
        headers={},
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
    if response.status_code == 400:
        return read_body(_read_response_400, response, client.raise_on_unexpected_status)
    if response.status_code == 401:
        return read_body(_read_response_400, response, client.raise_on_unexpected_status)
    if response.status_code == 403:
        return read_body(_read_response_400, response, client.raise_on_unexpected_status)
    if response.status_code == 404:
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
    memory_id: UUID,
    *,
    client: AuthenticatedClient,
    uncounted: bool | Unset = UNSET,
) -> Response[ErrorEnvelope | MemoryEnvelope]:
    """Get a memory

    Returns a memory. This counts as an access and raises the memory's relevance, unless
    `uncounted` is set.

    Args:
        memory_id (UUID): The memory's id.
        uncounted (bool | Unset): Whether this counts as no access. It then changes neither
            `access_count` nor the relevance.

    Returns:
        The status, headers and bytes of the response, and its model as `parsed`.

    Raises:
        ValueError: A path parameter is empty, `.` or `..`.
        UnexpectedStatus: The status is not documented, and `raise_on_unexpected_status` is on.
        UnexpectedBody: The body does not match the contract, and `raise_on_unexpected_status` is on.
        httpx.HTTPError: No response came, or not in time.
    """
    request = build_request(
        memory_id=memory_id,
        uncounted=uncounted,
    )
    response = client.get_httpx_client().request(**request.for_httpx())
    return _build_response(client=client, response=response)


def sync(
    memory_id: UUID,
    *,
    client: AuthenticatedClient,
    uncounted: bool | Unset = UNSET,
) -> ErrorEnvelope | MemoryEnvelope | None:
    """Get a memory

    Returns a memory. This counts as an access and raises the memory's relevance, unless
    `uncounted` is set.

    Args:
        memory_id (UUID): The memory's id.
        uncounted (bool | Unset): Whether this counts as no access. It then changes neither
            `access_count` nor the relevance.

    Returns:
        The model of the response; None if it has none or could not be read.

    Raises:
        ValueError: A path parameter is empty, `.` or `..`.
        UnexpectedStatus: The status is not documented, and `raise_on_unexpected_status` is on.
        UnexpectedBody: The body does not match the contract, and `raise_on_unexpected_status` is on.
        httpx.HTTPError: No response came, or not in time.
    """
    response = sync_detailed(
        memory_id=memory_id,
        client=client,
        uncounted=uncounted,
    )
    return response.parsed


async def asyncio_detailed(
    memory_id: UUID,
    *,
    client: AuthenticatedClient,
    uncounted: bool | Unset = UNSET,
) -> Response[ErrorEnvelope | MemoryEnvelope]:
    """Get a memory

    Returns a memory. This counts as an access and raises the memory's relevance, unless
    `uncounted` is set.

    Args:
        memory_id (UUID): The memory's id.
        uncounted (bool | Unset): Whether this counts as no access. It then changes neither
            `access_count` nor the relevance.

    Returns:
        The status, headers and bytes of the response, and its model as `parsed`.

    Raises:
        ValueError: A path parameter is empty, `.` or `..`.
        UnexpectedStatus: The status is not documented, and `raise_on_unexpected_status` is on.
        UnexpectedBody: The body does not match the contract, and `raise_on_unexpected_status` is on.
        httpx.HTTPError: No response came, or not in time.
    """
    request = build_request(
        memory_id=memory_id,
        uncounted=uncounted,
    )
    response = await client.get_async_httpx_client().request(**request.for_httpx())
    return _build_response(client=client, response=response)


async def asyncio(
    memory_id: UUID,
    *,
    client: AuthenticatedClient,
    uncounted: bool | Unset = UNSET,
) -> ErrorEnvelope | MemoryEnvelope | None:
    """Get a memory

    Returns a memory. This counts as an access and raises the memory's relevance, unless
    `uncounted` is set.

    Args:
        memory_id (UUID): The memory's id.
        uncounted (bool | Unset): Whether this counts as no access. It then changes neither
            `access_count` nor the relevance.

    Returns:
        The model of the response; None if it has none or could not be read.

    Raises:
        ValueError: A path parameter is empty, `.` or `..`.
        UnexpectedStatus: The status is not documented, and `raise_on_unexpected_status` is on.
        UnexpectedBody: The body does not match the contract, and `raise_on_unexpected_status` is on.
        httpx.HTTPError: No response came, or not in time.
    """
    response = await asyncio_detailed(
        memory_id=memory_id,
        client=client,
        uncounted=uncounted,
    )
    return response.parsed
