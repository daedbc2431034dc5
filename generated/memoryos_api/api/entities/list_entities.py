from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import UnexpectedStatus
from ...types import UNSET, Request, Response, Unset, given, read_body

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client
    from ...models.entity_page import EntityPage
    from ...models.entity_type import EntityType
    from ...models.error_envelope import ErrorEnvelope


def build_request(
    *,
    limit: int | Unset = 50,
    offset: int | Unset = 0,
    type_: EntityType | Unset = UNSET,
    search: str | Unset = UNSET,
) -> Request:
    """Return the request, without I/O; values may be as JSON has them."""
    return Request(
        "GET",
        "/entities",
        query=given({"limit": limit, "offset": offset, "type": type_, "search": search}),
        headers={},
    )


def _read_response_200(body: Any) -> EntityPage:
    from ...models.entity_page import EntityPage

    response_200 = EntityPage.from_dict(body)
    return response_200


def _read_response_400(body: Any) -> ErrorEnvelope:
    from ...models.error_envelope import ErrorEnvelope

    response_400 = ErrorEnvelope.from_dict(body)
    return response_400


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> EntityPage | ErrorEnvelope | None:
    if response.status_code == 200:
        return read_body(_read_response_200, response, client.raise_on_unexpected_status)
    if response.status_code == 400:
        return read_body(_read_response_400, response, client.raise_on_unexpected_status)
    if response.status_code == 401:
        return read_body(_read_response_400, response, client.raise_on_unexpected_status)
    if response.status_code == 403:
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
) -> Response[EntityPage | ErrorEnvelope]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 50,
    offset: int | Unset = 0,
    type_: EntityType | Unset = UNSET,
    search: str | Unset = UNSET,
) -> Response[EntityPage | ErrorEnvelope]:
    """List entities

    Returns a page of the entities that memories mention.

    Args:
        limit (int | Unset): The maximum number of items on a page, from 1 to 100. Default: 50.
        offset (int | Unset): The number of items to skip. Default: 0.
        type_ (EntityType | Unset): The type of an entity.
        search (str | Unset): Only items whose name contains this text, ignoring case. The local
            Memory OS accepts at most 4096 characters.

    Returns:
        The status, headers and bytes of the response, and its model as `parsed`.

    Raises:
        UnexpectedStatus: The status is not documented, and `raise_on_unexpected_status` is on.
        UnexpectedBody: The body does not match the contract, and `raise_on_unexpected_status` is on.
        httpx.HTTPError: No response came, or not in time.
    """
    request = build_request(
        limit=limit,
        offset=offset,
        type_=type_,
        search=search,
    )
    response = client.get_httpx_client().request(**request.for_httpx())
    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 50,
    offset: int | Unset = 0,
    type_: EntityType | Unset = UNSET,
    search: str | Unset = UNSET,
) -> EntityPage | ErrorEnvelope | None:
    """List entities

    Returns a page of the entities that memories mention.

    Args:
        limit (int | Unset): The maximum number of items on a page, from 1 to 100. Default: 50.
        offset (int | Unset): The number of items to skip. Default: 0.
        type_ (EntityType | Unset): The type of an entity.
        search (str | Unset): Only items whose name contains this text, ignoring case. The local
            Memory OS accepts at most 4096 characters.

    Returns:
        The model of the response; None if it has none or could not be read.

    Raises:
        UnexpectedStatus: The status is not documented, and `raise_on_unexpected_status` is on.
        UnexpectedBody: The body does not match the contract, and `raise_on_unexpected_status` is on.
        httpx.HTTPError: No response came, or not in time.
    """
    response = sync_detailed(
        client=client,
        limit=limit,
        offset=offset,
        type_=type_,
        search=search,
    )
    return response.parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 50,
    offset: int | Unset = 0,
    type_: EntityType | Unset = UNSET,
    search: str | Unset = UNSET,
) -> Response[EntityPage | ErrorEnvelope]:
    """List entities

    Returns a page of the entities that memories mention.

    Args:
        limit (int | Unset): The maximum number of items on a page, from 1 to 100. Default: 50.
        offset (int | Unset): The number of items to skip. Default: 0.
        type_ (EntityType | Unset): The type of an entity.
        search (str | Unset): Only items whose name contains this text, ignoring case. The local
            Memory OS accepts at most 4096 characters.

    Returns:
        The status, headers and bytes of the response, and its model as `parsed`.

    Raises:
        UnexpectedStatus: The status is not documented, and `raise_on_unexpected_status` is on.
        UnexpectedBody: The body does not match the contract, and `raise_on_unexpected_status` is on.
        httpx.HTTPError: No response came, or not in time.
    """
    request = build_request(
        limit=limit,
        offset=offset,
        type_=type_,
        search=search,
    )
    response = await client.get_async_httpx_client().request(**request.for_httpx())
    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 50,
    offset: int | Unset = 0,
    type_: EntityType | Unset = UNSET,
    search: str | Unset = UNSET,
) -> EntityPage | ErrorEnvelope | None:
    """List entities

    Returns a page of the entities that memories mention.

    Args:
        limit (int | Unset): The maximum number of items on a page, from 1 to 100. Default: 50.
        offset (int | Unset): The number of items to skip. Default: 0.
        type_ (EntityType | Unset): The type of an entity.
        search (str | Unset): Only items whose name contains this text, ignoring case. The local
            Memory OS accepts at most 4096 characters.

    Returns:
        The model of the response; None if it has none or could not be read.

    Raises:
        UnexpectedStatus: The status is not documented, and `raise_on_unexpected_status` is on.
        UnexpectedBody: The body does not match the contract, and `raise_on_unexpected_status` is on.
        httpx.HTTPError: No response came, or not in time.
    """
    response = await asyncio_detailed(
        client=client,
        limit=limit,
        offset=offset,
        type_=type_,
        search=search,
    )
    return response.parsed
