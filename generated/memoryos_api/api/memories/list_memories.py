from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import UnexpectedStatus
from ...types import UNSET, Request, Response, Unset, given, read_body

if TYPE_CHECKING:
    import datetime

    import httpx

    from ...client import AuthenticatedClient, Client
    from ...models.content_type import ContentType
    from ...models.error_envelope import ErrorEnvelope
    from ...models.memory_nature import MemoryNature
    from ...models.memory_page import MemoryPage
    from ...models.tier import Tier


def build_request(
    *,
    limit: int | Unset = 50,
    offset: int | Unset = 0,
    tier: Tier | Unset = UNSET,
    content_type: ContentType | Unset = UNSET,
    memory_nature: MemoryNature | Unset = UNSET,
    min_relevance: float | Unset = UNSET,
    tags: list[str] | Unset = UNSET,
    created_after: datetime.datetime | Unset = UNSET,
    created_before: datetime.datetime | Unset = UNSET,
    external_id: str | Unset = UNSET,
    metadata: str | Unset = UNSET,
) -> Request:
    """Return the request, without I/O; values may be as JSON has them."""
    return Request(
        "GET",
        "/memories",
        query=given(
            {
                "limit": limit,
                "offset": offset,
                "tier": tier,
                "content_type": content_type,
                "memory_nature": memory_nature,
                "min_relevance": min_relevance,
                "tags": tags,
                "created_after": created_after,
                "created_before": created_before,
                "external_id": external_id,
                "metadata": metadata,
            }
        ),
        headers={},
    )


def _read_response_200(body: Any) -> MemoryPage:
    from ...models.memory_page import MemoryPage

    response_200 = MemoryPage.from_dict(body)
    return response_200


def _read_response_400(body: Any) -> ErrorEnvelope:
    from ...models.error_envelope import ErrorEnvelope

    response_400 = ErrorEnvelope.from_dict(body)
    return response_400


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorEnvelope | MemoryPage | None:
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
) -> Response[ErrorEnvelope | MemoryPage]:
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
    tier: Tier | Unset = UNSET,
    content_type: ContentType | Unset = UNSET,
    memory_nature: MemoryNature | Unset = UNSET,
    min_relevance: float | Unset = UNSET,
    tags: list[str] | Unset = UNSET,
    created_after: datetime.datetime | Unset = UNSET,
    created_before: datetime.datetime | Unset = UNSET,
    external_id: str | Unset = UNSET,
    metadata: str | Unset = UNSET,
) -> Response[ErrorEnvelope | MemoryPage]:
    """List memories

    Returns a page of memories, newest first. Listing doesn't count as an access: it changes
    neither `access_count` nor the relevance.

    Args:
        limit (int | Unset): The maximum number of items on a page, from 1 to 100. Default: 50.
        offset (int | Unset): The number of items to skip. Default: 0.
        tier (Tier | Unset): How long a memory is kept. `short` memories expire 24 hours after
            creation and lose about 10 % of their relevance per hour. `medium` memories fade over
            days. `long` memories don't expire and fade over months.
        content_type (ContentType | Unset): The kind of text.
        memory_nature (MemoryNature | Unset): `semantic` for facts, concepts and preferences;
            `episodic` for events and interactions that happened at a certain time.
        min_relevance (float | Unset): The minimum current relevance, from 0 to 1.
        tags (list[str] | Unset): Tag names. Only memories with all of these tags are returned.
            The local Memory OS accepts at most 256 items, each of at most 4096 characters.
        created_after (datetime.datetime | Unset): Only memories that were created at this time or
            later.
        created_before (datetime.datetime | Unset): Only memories that were created before this
            time.
        external_id (str | Unset): Only memories with this external id. The local Memory OS
            accepts at most 4096 characters.
        metadata (str | Unset): A JSON object. Only memories whose metadata have the same value
            under each of its keys. The local Memory OS accepts at most 8192 characters.

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
        tier=tier,
        content_type=content_type,
        memory_nature=memory_nature,
        min_relevance=min_relevance,
        tags=tags,
        created_after=created_after,
        created_before=created_before,
        external_id=external_id,
        metadata=metadata,
    )
    response = client.get_httpx_client().request(**request.for_httpx())
    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 50,
    offset: int | Unset = 0,
    tier: Tier | Unset = UNSET,
    content_type: ContentType | Unset = UNSET,
    memory_nature: MemoryNature | Unset = UNSET,
    min_relevance: float | Unset = UNSET,
    tags: list[str] | Unset = UNSET,
    created_after: datetime.datetime | Unset = UNSET,
    created_before: datetime.datetime | Unset = UNSET,
    external_id: str | Unset = UNSET,
    metadata: str | Unset = UNSET,
) -> ErrorEnvelope | MemoryPage | None:
    """List memories

    Returns a page of memories, newest first. Listing doesn't count as an access: it changes
    neither `access_count` nor the relevance.

    Args:
        limit (int | Unset): The maximum number of items on a page, from 1 to 100. Default: 50.
        offset (int | Unset): The number of items to skip. Default: 0.
        tier (Tier | Unset): How long a memory is kept. `short` memories expire 24 hours after
            creation and lose about 10 % of their relevance per hour. `medium` memories fade over
            days. `long` memories don't expire and fade over months.
        content_type (ContentType | Unset): The kind of text.
        memory_nature (MemoryNature | Unset): `semantic` for facts, concepts and preferences;
            `episodic` for events and interactions that happened at a certain time.
        min_relevance (float | Unset): The minimum current relevance, from 0 to 1.
        tags (list[str] | Unset): Tag names. Only memories with all of these tags are returned.
            The local Memory OS accepts at most 256 items, each of at most 4096 characters.
        created_after (datetime.datetime | Unset): Only memories that were created at this time or
            later.
        created_before (datetime.datetime | Unset): Only memories that were created before this
            time.
        external_id (str | Unset): Only memories with this external id. The local Memory OS
            accepts at most 4096 characters.
        metadata (str | Unset): A JSON object. Only memories whose metadata have the same value
            under each of its keys. The local Memory OS accepts at most 8192 characters.

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
        tier=tier,
        content_type=content_type,
        memory_nature=memory_nature,
        min_relevance=min_relevance,
        tags=tags,
        created_after=created_after,
        created_before=created_before,
        external_id=external_id,
        metadata=metadata,
    )
    return response.parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 50,
    offset: int | Unset = 0,
    tier: Tier | Unset = UNSET,
    content_type: ContentType | Unset = UNSET,
    memory_nature: MemoryNature | Unset = UNSET,
    min_relevance: float | Unset = UNSET,
    tags: list[str] | Unset = UNSET,
    created_after: datetime.datetime | Unset = UNSET,
    created_before: datetime.datetime | Unset = UNSET,
    external_id: str | Unset = UNSET,
    metadata: str | Unset = UNSET,
) -> Response[ErrorEnvelope | MemoryPage]:
    """List memories

    Returns a page of memories, newest first. Listing doesn't count as an access: it changes
    neither `access_count` nor the relevance.

    Args:
        limit (int | Unset): The maximum number of items on a page, from 1 to 100. Default: 50.
        offset (int | Unset): The number of items to skip. Default: 0.
        tier (Tier | Unset): How long a memory is kept. `short` memories expire 24 hours after
            creation and lose about 10 % of their relevance per hour. `medium` memories fade over
            days. `long` memories don't expire and fade over months.
        content_type (ContentType | Unset): The kind of text.
        memory_nature (MemoryNature | Unset): `semantic` for facts, concepts and preferences;
            `episodic` for events and interactions that happened at a certain time.
        min_relevance (float | Unset): The minimum current relevance, from 0 to 1.
        tags (list[str] | Unset): Tag names. Only memories with all of these tags are returned.
            The local Memory OS accepts at most 256 items, each of at most 4096 characters.
        created_after (datetime.datetime | Unset): Only memories that were created at this time or
            later.
        created_before (datetime.datetime | Unset): Only memories that were created before this
            time.
        external_id (str | Unset): Only memories with this external id. The local Memory OS
            accepts at most 4096 characters.
        metadata (str | Unset): A JSON object. Only memories whose metadata have the same value
            under each of its keys. The local Memory OS accepts at most 8192 characters.

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
        tier=tier,
        content_type=content_type,
        memory_nature=memory_nature,
        min_relevance=min_relevance,
        tags=tags,
        created_after=created_after,
        created_before=created_before,
        external_id=external_id,
        metadata=metadata,
    )
    response = await client.get_async_httpx_client().request(**request.for_httpx())
    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 50,
    offset: int | Unset = 0,
    tier: Tier | Unset = UNSET,
    content_type: ContentType | Unset = UNSET,
    memory_nature: MemoryNature | Unset = UNSET,
    min_relevance: float | Unset = UNSET,
    tags: list[str] | Unset = UNSET,
    created_after: datetime.datetime | Unset = UNSET,
    created_before: datetime.datetime | Unset = UNSET,
    external_id: str | Unset = UNSET,
    metadata: str | Unset = UNSET,
) -> ErrorEnvelope | MemoryPage | None:
    """List memories

    Returns a page of memories, newest first. Listing doesn't count as an access: it changes
    neither `access_count` nor the relevance.

    Args:
        limit (int | Unset): The maximum number of items on a page, from 1 to 100. Default: 50.
        offset (int | Unset): The number of items to skip. Default: 0.
        tier (Tier | Unset): How long a memory is kept. `short` memories expire 24 hours after
            creation and lose about 10 % of their relevance per hour. `medium` memories fade over
            days. `long` memories don't expire and fade over months.
        content_type (ContentType | Unset): The kind of text.
        memory_nature (MemoryNature | Unset): `semantic` for facts, concepts and preferences;
            `episodic` for events and interactions that happened at a certain time.
        min_relevance (float | Unset): The minimum current relevance, from 0 to 1.
        tags (list[str] | Unset): Tag names. Only memories with all of these tags are returned.
            The local Memory OS accepts at most 256 items, each of at most 4096 characters.
        created_after (datetime.datetime | Unset): Only memories that were created at this time or
            later.
        created_before (datetime.datetime | Unset): Only memories that were created before this
            time.
        external_id (str | Unset): Only memories with this external id. The local Memory OS
            accepts at most 4096 characters.
        metadata (str | Unset): A JSON object. Only memories whose metadata have the same value
            under each of its keys. The local Memory OS accepts at most 8192 characters.

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
        tier=tier,
        content_type=content_type,
        memory_nature=memory_nature,
        min_relevance=min_relevance,
        tags=tags,
        created_after=created_after,
        created_before=created_before,
        external_id=external_id,
        metadata=metadata,
    )
    return response.parsed
