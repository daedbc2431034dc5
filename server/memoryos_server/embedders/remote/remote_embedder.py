"""Base class of the embedders that call a service."""

from __future__ import annotations

from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from memoryos_server.embedders.cache import VectorCache
from memoryos_server.embedders.calibration import Calibration, check_balance
from memoryos_server.embedders.chunking import MAX_WINDOWS_PER_TEXT, group_windows, split_text
from memoryos_server.embedders.unit_vectors import InvalidVectorsError, to_unit_vectors
from memoryos_server.per_process import PerProcess

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from memoryos_server.embedders.chunking import Window

    from .http_service import HttpService

__all__ = ["EmbeddingApi", "EmbeddingResponse", "RemoteEmbedder", "Usage"]

MAX_WINDOWS_PER_REQUEST = 128
MAX_BYTES_PER_REQUEST = 250_000


class Usage(NamedTuple):
    """Requests and tokens since an embedder was created, in this process.

    Attributes:
        requests: Successful requests.
        tokens: Tokens, as the service counted them.
    """

    requests: int
    tokens: int


class EmbeddingResponse(NamedTuple):
    """One vector per text, in order, and the number of tokens that the service counted."""

    vectors: Any
    tokens: int


class EmbeddingApi(Protocol):
    """Request and response format of a service."""

    @property
    def path(self) -> str:
        """The path below the base URL."""

    def request_body(self, texts: Sequence[str]) -> Mapping[str, Any]:
        """Return the JSON to send."""

    def parse_response(self, body: Any) -> EmbeddingResponse:
        """Return the vectors in a response.

        Raises:
            LookupError: The response has another form.
            TypeError: Likewise.
            ValueError: Likewise.
        """


class _ProcessState:
    """Cache and counters of one process."""

    def __init__(self) -> None:
        self.cache = VectorCache()
        self.lock = Lock()
        self.requests = 0
        self.tokens = 0


class RemoteEmbedder:
    """An embedder that sends the texts to a service. Thread-safe, and usable after a fork.

    A text longer than a window is embedded as the mean of its windows, weighted by their lengths;
    what follows `chunking.MAX_WINDOWS_PER_TEXT` windows is not embedded.

    Args:
        name: Identifies the model.
        service: Sends the requests.
        api: The service's request and response format.
        balance: The cosine mapped to similarity 0.7, 0.1 to 0.95; see `Calibration.assumed`.
        max_window_bytes: Bytes of UTF-8 per window, at least 4.
        dimension: Length of the vectors; None to learn it from the first response.
        dollars_per_million: Price of a million tokens, or None if the service is free.
    """

    def __init__(
        self,
        name: str,
        service: HttpService,
        api: EmbeddingApi,
        *,
        balance: float,
        max_window_bytes: int,
        dimension: int | None = None,
        dollars_per_million: float | None = None,
    ) -> None:
        self.name = name
        self.dollars_per_million = dollars_per_million
        self._service = service
        self._api = api
        self._max_window_bytes = max_window_bytes
        self._dimension = dimension
        check_balance(balance)
        self._calibration = PerProcess(partial(Calibration.assumed, balance))
        self._states = PerProcess(_ProcessState)

    @property
    def sends_to(self) -> str:
        """The URL that the texts are sent to."""
        return self._service.base_url

    @property
    def dimension(self) -> int:
        """Length of each vector; calls the service if it is not known yet.

        Raises:
            ServiceError: With status 503, the service returned no vector.
        """
        if self._dimension is None:
            self.embed(["dimension"])
        if self._dimension is None:
            raise AssertionError("a response determines the dimension")
        return self._dimension

    @property
    def usage(self) -> Usage:
        """Requests and tokens so far, in this process."""
        state = self._states.get()
        return Usage(state.requests, state.tokens)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row per text; vectors of recent texts are cached.

        Raises:
            ServiceError: With status 503, the service failed or returned no usable vectors.
        """
        import numpy as np

        cache = self._states.get().cache
        vectors = {text: cache.get(text) for text in texts}
        missing = [text for text, vector in vectors.items() if vector is None]
        if missing:
            for text, vector in zip(missing, self._embed_texts(missing), strict=True):
                vectors[text] = vector
                cache.put(text, vector.copy())  # a view would keep its whole batch
        rows = [vectors[text] for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), self._dimension or 0)

    def similarity(
        self, cosine: NDArray[np.floating], held: NDArray[np.floating] | float = 0.0
    ) -> NDArray[np.float32]:
        """Map cosines to similarities; the map is assumed, see docs/guides/embedders.md."""
        return self._calibration.get().similarity(cosine, held)

    def _embed_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        windows = [
            window
            for index, text in enumerate(texts)
            for window in split_text(
                index, text, max_bytes=self._max_window_bytes, max_windows=MAX_WINDOWS_PER_TEXT
            )
        ]
        sums: NDArray[np.float64] | None = None
        for group in group_windows(
            windows, max_windows=MAX_WINDOWS_PER_REQUEST, max_bytes=MAX_BYTES_PER_REQUEST
        ):
            rows = self._embed_windows(group)
            if sums is None:
                sums = np.zeros((len(texts), rows.shape[1]))
            for window, row in zip(group, rows, strict=True):
                sums[window.text_index] += window.size_bytes * row
        try:
            return to_unit_vectors(sums, len(texts), self._dimension)
        except InvalidVectorsError as error:  # the windows' vectors add up to zero
            raise self._service.invalid_response(str(error)) from error

    def _embed_windows(self, group: Sequence[Window]) -> NDArray[np.float32]:
        body = self._api.request_body([window.text for window in group])
        response_body = self._service.post(self._api.path, body)
        try:
            response = self._api.parse_response(response_body)
            rows = to_unit_vectors(response.vectors, len(group), self._dimension)
        except InvalidVectorsError as error:
            raise self._service.invalid_response(str(error)) from error
        except (LookupError, TypeError, ValueError) as error:
            raise self._service.invalid_response("something other than embeddings") from error
        state = self._states.get()
        with state.lock:
            self._dimension = rows.shape[1]
            state.requests += 1
            state.tokens += response.tokens
        return rows
