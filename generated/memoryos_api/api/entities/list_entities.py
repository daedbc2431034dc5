from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import UnexpectedStatus
from ...types import UNSET, Response, Unset, read_body

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client
    from ...models.entity_page import EntityPage
    from ...models.entity_type import EntityType
    from ...models.error_envelope import ErrorEnvelope


def _get_kwargs(
    *,
    limit: int | Unset = 50,
    offset: int | Unset = 0,
    type_: EntityType | Unset = UNSET,
    search: str | Unset = UNSET,
) -> dict[str, Any]:
    params: dict[str, Any] = {}

    params["limit"] = limit

    params["offset"] = offset

    json_type_: str | Unset = UNSET
    if not isinstance(type_, Unset):
        json_type_ = type_

    params["type"] = json_type_

    params["search"] = search

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}
    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/entities",
        "params": params,
    }
    return _kwargs


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
        The status, headers and bytes of the answer, and its model as `parsed`.

    Raises:
        UnexpectedStatus: The status is not documented, and the client raises on that.
        UnexpectedBody: The body is not what the contract says, and the client raises on that.
        httpx.HTTPError: There was no answer, or not in time.
    """
    request = _get_kwargs(
        limit=limit,
        offset=offset,
        type_=type_,
        search=search,
    )
    response = client.get_httpx_client().request(**request)
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
        The model of the answer; None where it has none or could not be read.

    Raises:
        UnexpectedStatus: The status is not documented, and the client raises on that.
        UnexpectedBody: The body is not what the contract says, and the client raises on that.
        httpx.HTTPError: There was no answer, or not in time.
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
        The status, headers and bytes of the answer, and its model as `parsed`.

    Raises:
        UnexpectedStatus: The status is not documented, and the client raises on that.
        UnexpectedBody: The body is not what the contract says, and the client raises on that.
        httpx.HTTPError: There was no answer, or not in time.
    """
    request = _get_kwargs(
        limit=limit,
        offset=offset,
        type_=type_,
        search=search,
    )
    response = await client.get_async_httpx_client().request(**request)
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
        The model of the answer; None where it has none or could not be read.

    Raises:
        UnexpectedStatus: The status is not documented, and the client raises on that.
        UnexpectedBody: The body is not what the contract says, and the client raises on that.
        httpx.HTTPError: There was no answer, or not in time.
    """
    response = await asyncio_detailed(
        client=client,
        limit=limit,
        offset=offset,
        type_=type_,
        search=search,
    )
    return response.parsed
