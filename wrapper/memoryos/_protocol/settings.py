"""Client settings, from arguments, the environment or defaults."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Dict, Mapping, Optional, Tuple, TypeVar, Union, cast
from urllib.parse import SplitResult, urlsplit

from memoryos.exceptions import AuthenticationError

from .argument_errors import invalid_argument, shown
from .secret import Secret

DEFAULT_BASE_URL = "https://api.mymemoryos.com/v1"
KEY_VARIABLE = "MEMORY_OS_API_KEY"
BASE_URL_VARIABLE = "MEMORY_OS_BASE_URL"

DEFAULT_TIMEOUT_SECONDS = 30
"""Limit for one attempt."""

DEFAULT_MAX_RETRIES = 3
"""Attempts after the first."""

# About three weeks: a socket's clock counts to 2**31 milliseconds.
MAX_TIMEOUT_SECONDS = 2_000_000

T = TypeVar("T")
V = TypeVar("V")

Headers = Optional[Mapping[str, str]]

# Set by the SDK; callers must not override them.
RESERVED_HEADERS = frozenset(
    {
        "accept-encoding",
        "authorization",
        "content-length",
        "content-type",
        "host",
        "idempotency-key",
        "transfer-encoding",
    }
)
_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")


@dataclass(frozen=True)
class Settings:
    """Validated settings of a client.

    Attributes:
        api_key: The API key.
        base_url: The address of the API.
        timeout: The maximum duration of one attempt, in seconds.
        max_retries: The maximum number of retries.
        headers: Further headers for every request.
        deadline: The maximum duration of one call in seconds, or None.
        local_path: The file or database of a local Memory OS, without credentials, or None for a
            service.
    """

    api_key: Secret[str]
    base_url: str
    timeout: float
    max_retries: int
    headers: Mapping[str, str] = field(repr=False)  # they often carry credentials
    deadline: Optional[float] = None
    local_path: Optional[str] = None

    @property
    def location(self) -> str:
        """Where the memories are, for messages."""
        if self.local_path is None:
            return self.base_url
        return f"the local Memory OS in {self.local_path}"


def resolve_settings(
    environ: Mapping[str, str],
    *,
    api_key: Union[str, Secret[Optional[str]], None],
    base_url: Optional[str],
    timeout: float,
    max_retries: int,
    headers: Union[Headers, Secret[Headers]],
    deadline: Optional[float],
) -> Settings:
    """Return the settings from these arguments, the environment and the defaults.

    Raises:
        AuthenticationError: The key is missing, blank or malformed.
        ValidationError: Another setting is invalid.
    """
    key, own_headers, variables = _concealed(api_key), _concealed(headers), Secret(environ)
    del api_key, headers, environ  # some tracebacks show local variables
    return Settings(
        api_key=_api_key(key, variables),
        base_url=_base_url(base_url, variables),
        timeout=_seconds("timeout", timeout),
        max_retries=_count("max_retries", max_retries),
        headers=_headers(own_headers),
        deadline=None if deadline is None else _seconds("deadline", deadline),
    )


def _concealed(value: Union[V, Secret[V]]) -> Secret[V]:
    return cast("Secret[V]", value) if isinstance(value, Secret) else Secret(value)


def change_settings(
    settings: Settings,
    *,
    timeout: Optional[float],
    max_retries: Optional[int],
    headers: Secret[Headers],
    deadline: Optional[float],
) -> Settings:
    """Return the settings with changes; None keeps a setting, and headers are added.

    Raises:
        ValidationError: One of them is invalid.
    """
    if timeout is not None:
        settings = replace(settings, timeout=_seconds("timeout", timeout))
    if max_retries is not None:
        settings = replace(settings, max_retries=_count("max_retries", max_retries))
    if deadline is not None:
        settings = replace(settings, deadline=_seconds("deadline", deadline))
    added = _headers(headers)
    replaced = {name.lower() for name in added}
    kept = {name: v for name, v in settings.headers.items() if name.lower() not in replaced}
    return replace(settings, headers={**kept, **added})


def portable_settings(settings: Settings) -> Dict[str, Any]:
    """Return the constructor's arguments for these settings, without the key."""
    return {
        "base_url": settings.base_url,
        "timeout": settings.timeout,
        "max_retries": settings.max_retries,
        "headers": dict(settings.headers),
        "deadline": settings.deadline,
    }


def restore_client(cls: Callable[..., T], arguments: Dict[str, Any]) -> T:
    """Return a client recreated from a pickle, with the key of this environment.

    Raises:
        AuthenticationError: The environment has no usable key.
    """
    concealed = Secret(arguments)
    del arguments
    try:
        return cls(**concealed.reveal())
    except AuthenticationError as error:
        raise _no_key(
            "A pickled client doesn't contain its API key, and this environment has none: "
            f"{error.message}"
        ) from None


def _api_key(argument: Secret[Optional[str]], variables: Secret[Mapping[str, str]]) -> Secret[str]:
    defect = _defect_of_key(argument.reveal(), variables.reveal().get(KEY_VARIABLE))
    if defect:  # raised here, where no local variable contains the key
        raise _no_key(defect)
    given = argument.reveal()
    return Secret((variables.reveal()[KEY_VARIABLE] if given is None else given).strip())


def _defect_of_key(argument: Optional[str], variable: Optional[str]) -> str:
    """Return what is wrong with the key, without showing it; an empty string if it is valid."""
    source = "The argument api_key" if argument is not None else f"The variable {KEY_VARIABLE}"
    value = argument if argument is not None else variable
    if value is None:
        return (
            f"No API key: pass api_key=… or set the environment variable {KEY_VARIABLE}. "
            "Without a key, MemoryOS.local() runs a Memory OS on this machine."
        )
    if not isinstance(value, str):
        return f"{source} must be a string ({KEY_VARIABLE}), not {type(value).__name__}."
    key = value.strip()  # a .env file with CRLF leaves a carriage return
    if not key:
        return f"{source} is blank: pass api_key=… or set {KEY_VARIABLE}."
    if not key.startswith("mos_"):
        return f"{source} is not a Memory OS key ({KEY_VARIABLE}): a key starts with mos_."
    if not all("!" <= character <= "~" for character in key):
        return f"{source} is malformed ({KEY_VARIABLE}): a key is printable ASCII without spaces."
    return ""


def _no_key(message: str) -> AuthenticationError:
    return AuthenticationError("AUTHENTICATION_ERROR", message, 401)


def _base_url(argument: Optional[str], variables: Secret[Mapping[str, str]]) -> str:
    value = argument or variables.reveal().get(BASE_URL_VARIABLE) or DEFAULT_BASE_URL
    name = "base_url" if argument else BASE_URL_VARIABLE
    if not isinstance(value, str):
        raise invalid_argument(name, type(value).__name__, "must be a string")
    url = value.strip().rstrip("/")
    parts = _split(url)
    if parts is None:
        hidden = "one with a user" if "@" in value else shown(value)  # it may contain a password
        raise invalid_argument(name, hidden, "must be an address such as https://host/v1")
    if parts.username is not None or "?" in url or "#" in url:
        # The value is left out: it may contain a password.
        raise invalid_argument(
            name, f"one for {parts.hostname}", "must have no user, query or fragment"
        )
    return url


def _split(url: str) -> Optional[SplitResult]:
    """Return the parts of a valid HTTP URL, or None."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if usable and not re.search(r"[^!-~]", url) else None


def _seconds(name: str, value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise invalid_argument(name, shown(value), "must be a number of seconds")
    if not 0 < value <= MAX_TIMEOUT_SECONDS:
        raise invalid_argument(
            name, shown(value), f"must be more than 0 and at most {MAX_TIMEOUT_SECONDS} seconds"
        )
    return value


def _count(name: str, value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise invalid_argument(name, shown(value), "must be a whole number, 0 or more")
    return value


def is_header(name: object, value: object) -> bool:
    """Return whether a name and a value are valid in a request."""
    return (
        isinstance(name, str)
        and isinstance(value, str)
        and _HEADER_NAME.fullmatch(name) is not None
        and _HEADER_VALUE.fullmatch(value) is not None
    )


def _headers(given: Secret[Headers]) -> Dict[str, str]:
    defect = _defect_of_headers(given.reveal())
    if defect:  # raised here, where no local variable contains a value: it may be a credential
        raise invalid_argument("headers", *defect)
    # Whitespace around a value is not part of it (RFC 9110, section 5.5).
    return {name: value.strip() for name, value in (given.reveal() or {}).items()}


def _defect_of_headers(headers: Headers) -> Optional[Tuple[str, str]]:
    """Return the invalid part, without its value, and the rule it breaks; None if all are valid."""
    if not isinstance(headers, (Mapping, type(None))):
        return type(headers).__name__, "must be a dict"
    for name, value in (headers or {}).items():
        if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):
            return f"the name {shown(name)}", "must be a header name (RFC 9110, 5.1)"
        if name.lower() in RESERVED_HEADERS:
            return "", f"must not contain {name}, which the SDK sets; remove it"
        if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
            return f"the value of {name}", "must be printable ASCII in one line"
    return None
