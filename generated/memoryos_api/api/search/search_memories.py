from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...errors import UnexpectedStatus
from ...types import Request, Response, read_body

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client
    from ...models.error_envelope import ErrorEnvelope
    from ...models.search_envelope import SearchEnvelope
    from ...models.search_request import SearchRequest


def build_request(
    *,
    body: Mapping[str, Any],
) -> Request:
    """Return the request, without I/O; values may be as JSON has them."""
    return Request(
        "POST",
        "/search",
        query={},
        headers={},
        body=body,
    )


def _read_response_200(body: Any) -> SearchEnvelope:
    from ...models.search_envelope import SearchEnvelope

    response_200 = SearchEnvelope.from_dict(body)
    return response_200


def _read_response_400(body: Any) -> ErrorEnvelope:
    from ...models.error_envelope import ErrorEnvelope

    response_400 = ErrorEnvelope.from_dict(body)
    return response_400


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorEnvelope | SearchEnvelope | None:
    if response.status_code == 200:
        return read_body(_read_response_200, response, client.raise_on_unexpected_status)
    if response.status_code == 400:
        return read_body(_read_response_400, response, client.raise_on_unexpected_status)
    if response.status_code == 401:
        return read_body(_read_response_400, response, client.raise_on_unexpected_status)
    if response.status_code == 403:
        return read_body(_read_response_400, response, client.raise_on_unexpected_status)
    if response.status_code == 408:
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
) -> Response[ErrorEnvelope | SearchEnvelope]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: SearchRequest,
) -> Response[ErrorEnvelope | SearchEnvelope]:
    """Search memories

    Returns memories by similarity of meaning, best first. Requires a `query` or an
    `embedding`; if both are given, the embedding determines the ranking. Every memory that is
    returned counts as accessed; with `explain`, none does. For a model's prompt, get a
    context instead, or set `threshold` to 0 and a `limit`: above the default threshold,
    general questions and requests often find nothing.

    Args:
        body (SearchRequest): The query and the filters of a search. A `query`, an `embedding` or
            both are needed.

    Returns:
        The status, headers and bytes of the response, and its model as `parsed`.

    Raises:
        UnexpectedStatus: The status is not documented, and `raise_on_unexpected_status` is on.
        UnexpectedBody: The body does not match the contract, and `raise_on_unexpected_status` is on.
        httpx.HTTPError: No response came, or not in time.
    """
    request = build_request(
        body=body.to_dict(),
    )
    response = client.get_httpx_client().request(**request.for_httpx())
    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: SearchRequest,
) -> ErrorEnvelope | SearchEnvelope | None:
    """Search memories

    Returns memories by similarity of meaning, best first. Requires a `query` or an
    `embedding`; if both are given, the embedding determines the ranking. Every memory that is
    returned counts as accessed; with `explain`, none does. For a model's prompt, get a
    context instead, or set `threshold` to 0 and a `limit`: above the default threshold,
    general questions and requests often find nothing.

    Args:
        body (SearchRequest): The query and the filters of a search. A `query`, an `embedding` or
            both are needed.

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
    )
    return response.parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: SearchRequest,
) -> Response[ErrorEnvelope | SearchEnvelope]:
    """Search memories

    Returns memories by similarity of meaning, best first. Requires a `query` or an
    `embedding`; if both are given, the embedding determines the ranking. Every memory that is
    returned counts as accessed; with `explain`, none does. For a model's prompt, get a
    context instead, or set `threshold` to 0 and a `limit`: above the default threshold,
    general questions and requests often find nothing.

    Args:
        body (SearchRequest): The query and the filters of a search. A `query`, an `embedding` or
            both are needed.

    Returns:
        The status, headers and bytes of the response, and its model as `parsed`.

    Raises:
        UnexpectedStatus: The status is not documented, and `raise_on_unexpected_status` is on.
        UnexpectedBody: The body does not match the contract, and `raise_on_unexpected_status` is on.
        httpx.HTTPError: No response came, or not in time.
    """
    request = build_request(
        body=body.to_dict(),
    )
    response = await client.get_async_httpx_client().request(**request.for_httpx())
    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: SearchRequest,
) -> ErrorEnvelope | SearchEnvelope | None:
    """Search memories

    Returns memories by similarity of meaning, best first. Requires a `query` or an
    `embedding`; if both are given, the embedding determines the ranking. Every memory that is
    returned counts as accessed; with `explain`, none does. For a model's prompt, get a
    context instead, or set `threshold` to 0 and a `limit`: above the default threshold,
    general questions and requests often find nothing.

    Args:
        body (SearchRequest): The query and the filters of a search. A `query`, an `embedding` or
            both are needed.

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
    )
    return response.parsed
