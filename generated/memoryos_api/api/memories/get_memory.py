from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import UnexpectedStatus
from ...types import Response, path_segment, read_body

if TYPE_CHECKING:
    from uuid import UUID

    import httpx

    from ...client import AuthenticatedClient, Client
    from ...models.error_envelope import ErrorEnvelope
    from ...models.memory_envelope import MemoryEnvelope


def _get_kwargs(
    memory_id: UUID,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/memories/{memory_id}".format(
            memory_id=path_segment("memory_id", memory_id),
        ),
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorEnvelope | MemoryEnvelope | None:
    if response.status_code == 200:

        def read_response_200(body: Any) -> MemoryEnvelope:

            from ...models.memory_envelope import MemoryEnvelope

            response_200 = MemoryEnvelope.from_dict(body)

            return response_200

        return read_body(read_response_200, response, client.raise_on_unexpected_status)

    if response.status_code == 400:

        def read_response_400(body: Any) -> ErrorEnvelope:

            from ...models.error_envelope import ErrorEnvelope

            response_400 = ErrorEnvelope.from_dict(body)

            return response_400

        return read_body(read_response_400, response, client.raise_on_unexpected_status)

    if response.status_code == 401:

        def read_response_401(body: Any) -> ErrorEnvelope:

            from ...models.error_envelope import ErrorEnvelope

            response_401 = ErrorEnvelope.from_dict(body)

            return response_401

        return read_body(read_response_401, response, client.raise_on_unexpected_status)

    if response.status_code == 403:

        def read_response_403(body: Any) -> ErrorEnvelope:

            from ...models.error_envelope import ErrorEnvelope

            response_403 = ErrorEnvelope.from_dict(body)

            return response_403

        return read_body(read_response_403, response, client.raise_on_unexpected_status)

    if response.status_code == 404:

        def read_response_404(body: Any) -> ErrorEnvelope:

            from ...models.error_envelope import ErrorEnvelope

            response_404 = ErrorEnvelope.from_dict(body)

            return response_404

        return read_body(read_response_404, response, client.raise_on_unexpected_status)

    if response.status_code == 422:

        def read_response_422(body: Any) -> ErrorEnvelope:

            from ...models.error_envelope import ErrorEnvelope

            response_422 = ErrorEnvelope.from_dict(body)

            return response_422

        return read_body(read_response_422, response, client.raise_on_unexpected_status)

    if response.status_code == 429:

        def read_response_429(body: Any) -> ErrorEnvelope:

            from ...models.error_envelope import ErrorEnvelope

            response_429 = ErrorEnvelope.from_dict(body)

            return response_429

        return read_body(read_response_429, response, client.raise_on_unexpected_status)

    if response.status_code == 500:

        def read_response_500(body: Any) -> ErrorEnvelope:

            from ...models.error_envelope import ErrorEnvelope

            response_500 = ErrorEnvelope.from_dict(body)

            return response_500

        return read_body(read_response_500, response, client.raise_on_unexpected_status)

    if response.status_code == 503:

        def read_response_503(body: Any) -> ErrorEnvelope:

            from ...models.error_envelope import ErrorEnvelope

            response_503 = ErrorEnvelope.from_dict(body)

            return response_503

        return read_body(read_response_503, response, client.raise_on_unexpected_status)

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
) -> Response[ErrorEnvelope | MemoryEnvelope]:
    """Get a memory

     Reads one memory. This is an access, which refreshes the memory's relevance.

    Args:
        memory_id (UUID): The memory's id.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorEnvelope | MemoryEnvelope]
    """

    request = _get_kwargs(
        memory_id=memory_id,
    )
    response = client.get_httpx_client().request(**request)
    return _build_response(client=client, response=response)


def sync(
    memory_id: UUID,
    *,
    client: AuthenticatedClient,
) -> ErrorEnvelope | MemoryEnvelope | None:
    """Get a memory

     Reads one memory. This is an access, which refreshes the memory's relevance.

    Args:
        memory_id (UUID): The memory's id.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorEnvelope | MemoryEnvelope
    """

    return sync_detailed(
        memory_id=memory_id,
        client=client,
    ).parsed


async def asyncio_detailed(
    memory_id: UUID,
    *,
    client: AuthenticatedClient,
) -> Response[ErrorEnvelope | MemoryEnvelope]:
    """Get a memory

     Reads one memory. This is an access, which refreshes the memory's relevance.

    Args:
        memory_id (UUID): The memory's id.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorEnvelope | MemoryEnvelope]
    """

    request = _get_kwargs(
        memory_id=memory_id,
    )
    response = await client.get_async_httpx_client().request(**request)
    return _build_response(client=client, response=response)


async def asyncio(
    memory_id: UUID,
    *,
    client: AuthenticatedClient,
) -> ErrorEnvelope | MemoryEnvelope | None:
    """Get a memory

     Reads one memory. This is an access, which refreshes the memory's relevance.

    Args:
        memory_id (UUID): The memory's id.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorEnvelope | MemoryEnvelope
    """

    return (
        await asyncio_detailed(
            memory_id=memory_id,
            client=client,
        )
    ).parsed
