"""The low-level clients: settings, and the httpx clients made from them when first needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional, TypeVar, Union

from attrs import define, evolve, field

if TYPE_CHECKING:
    import ssl

    import httpx

DEFAULT_TIMEOUT = 30.0
"""How long httpx waits for each phase (connect, write, read, pool), in seconds."""

SelfClient = TypeVar("SelfClient", bound="Client")


def _merged(headers: dict[str, str], more: dict[str, str]) -> dict[str, str]:
    """Return headers with others added or replaced; the case of a name does not matter."""
    replaced = {name.lower() for name in more}
    return {**{name: v for name, v in headers.items() if name.lower() not in replaced}, **more}


@define
class Client:
    """A client without a key.

    The ``with_…`` methods return a client of the same settings but one; it makes its own httpx
    clients, and this one stays as it is.

    Attributes:
        base_url: The address that every path is appended to.
        cookies: Cookies for every request.
        headers: Headers for every request.
        timeout: Seconds to wait for each phase of a request, or an ``httpx.Timeout``; None waits
            indefinitely.
        verify_ssl: False to trust any certificate, or an SSL context of your own.
        follow_redirects: Whether a redirect is followed.
        httpx_args: More arguments for ``httpx.Client`` and ``httpx.AsyncClient``.
        raise_on_unexpected_status: Whether an answer outside the contract raises
            ``errors.UnexpectedStatus`` or ``errors.UnexpectedBody`` instead of giving None.
    """

    raise_on_unexpected_status: bool = field(default=False, kw_only=True)
    _base_url: str = field(alias="base_url")
    _cookies: dict[str, str] = field(factory=dict, kw_only=True, alias="cookies", repr=False)
    _headers: dict[str, str] = field(factory=dict, kw_only=True, alias="headers", repr=False)
    _timeout: Union[httpx.Timeout, float, None] = field(
        default=DEFAULT_TIMEOUT, kw_only=True, alias="timeout"
    )
    _verify_ssl: Union[str, bool, ssl.SSLContext] = field(
        default=True, kw_only=True, alias="verify_ssl"
    )
    _follow_redirects: bool = field(default=False, kw_only=True, alias="follow_redirects")
    _httpx_args: dict[str, Any] = field(factory=dict, kw_only=True, alias="httpx_args", repr=False)
    _client: Optional[httpx.Client] = field(default=None, init=False, repr=False, eq=False)
    _async_client: Optional[httpx.AsyncClient] = field(
        default=None, init=False, repr=False, eq=False
    )

    def with_headers(self: SelfClient, headers: dict[str, str]) -> SelfClient:
        """A client like this one, with more headers; they replace those of the same name."""
        return evolve(self, headers=_merged(self._headers, headers))

    def with_cookies(self: SelfClient, cookies: dict[str, str]) -> SelfClient:
        """A client like this one, with more cookies."""
        return evolve(self, cookies={**self._cookies, **cookies})

    def with_timeout(self: SelfClient, timeout: Union[httpx.Timeout, float, None]) -> SelfClient:
        """A client like this one, with another timeout."""
        return evolve(self, timeout=timeout)

    def set_httpx_client(self: SelfClient, client: httpx.Client) -> SelfClient:
        """Use an httpx client of your own; none of the settings here apply to it."""
        self._client = client
        return self

    def set_async_httpx_client(self: SelfClient, async_client: httpx.AsyncClient) -> SelfClient:
        """Use an asynchronous httpx client of your own; none of the settings here apply to it."""
        self._async_client = async_client
        return self

    def get_httpx_client(self) -> httpx.Client:
        """The httpx client, made when first asked for."""
        if self._client is None:
            import httpx

            self._client = httpx.Client(**self._httpx_settings())
        return self._client

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """The asynchronous httpx client, made when first asked for."""
        if self._async_client is None:
            import httpx

            self._async_client = httpx.AsyncClient(**self._httpx_settings())
        return self._async_client

    def _request_headers(self) -> dict[str, str]:
        return self._headers

    def _httpx_settings(self) -> dict[str, Any]:
        return {
            "base_url": self._base_url,
            "cookies": self._cookies,
            "headers": self._request_headers(),
            "timeout": self._timeout,
            "verify": self._verify_ssl,
            "follow_redirects": self._follow_redirects,
            **self._httpx_args,
        }

    def __enter__(self: SelfClient) -> SelfClient:
        self.get_httpx_client().__enter__()
        return self

    def __exit__(self, *args: Any) -> None:
        self.get_httpx_client().__exit__(*args)

    async def __aenter__(self: SelfClient) -> SelfClient:
        await self.get_async_httpx_client().__aenter__()
        return self

    async def __aexit__(self, *args: Any) -> None:
        await self.get_async_httpx_client().__aexit__(*args)


@define
class AuthenticatedClient(Client):
    """A client with a key, which every operation of the contract needs.

    Takes what ``Client`` takes, and:

    Attributes:
        token: The key. It is never shown, and the client can't be pickled with it.
        prefix: The scheme before the key in the header's value; empty for none.
        auth_header_name: The name of the header.
    """

    token: str = field(repr=False)
    prefix: str = "Bearer"
    auth_header_name: str = "Authorization"

    def _request_headers(self) -> dict[str, str]:
        value = f"{self.prefix} {self.token}" if self.prefix else self.token
        return _merged(self._headers, {self.auth_header_name: value})

    def __reduce__(self) -> Any:
        raise TypeError("An AuthenticatedClient holds a key: make a new one instead of a pickle.")
