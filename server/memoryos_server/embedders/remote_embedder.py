"""What the embedders that ask another service have in common."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from memoryos_server.per_process import PerProcess

from .cache import VectorCache
from .calibration import Calibration
from .rows import UnusableVectorsError, unit_rows
from .texts import requests, windows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from .http_service import HttpService
    from .texts import Window

__all__ = ["RemoteEmbedder", "Reply", "Usage", "Wire"]

_CACHED_VECTORS = 1024
_MOST_WINDOWS = 16
_TEXTS_IN_A_REQUEST = 128
_BYTES_IN_A_REQUEST = 250_000


class Usage(NamedTuple):
    """What an embedder was asked for since it was made.

    Attributes:
        requests: answered ones.
        tokens: as the service counted them.
    """

    requests: int
    tokens: int


class Reply(NamedTuple):
    """What an answer holds: a vector for each text, in order, and the tokens that it took."""

    vectors: Any
    tokens: int


class Wire(Protocol):
    """How one service is asked, and how its answers are read."""

    @property
    def path(self) -> str:
        """Where to, behind the base URL."""

    def body(self, texts: Sequence[str]) -> Mapping[str, Any]:
        """Return what to send."""

    def read(self, answer: Any) -> Reply:
        """Return what an answer holds.

        Raises:
            LookupError: it has another form.
            TypeError: likewise.
            ValueError: likewise.
        """


class _State:
    """What one process keeps."""

    def __init__(self) -> None:
        self.cache = VectorCache(_CACHED_VECTORS)
        self.lock = Lock()
        self.requests = 0
        self.tokens = 0


class RemoteEmbedder:
    """An embedder that has another service make its vectors: the texts are sent there.

    A text longer than a window is embedded as the mean of its windows, weighted by their lengths;
    what comes after the sixteenth is not embedded.

    Args:
        name: identifies the model.
        service: asks it.
        wire: how.
        balance: the cosine that is to be the similarity 0.7; see `Calibration.assumed`.
        window: bytes of UTF-8 that are embedded at once.
        dimension: length of the vectors; None to learn it from the first answer.
        dollars_per_million: what a million tokens cost, or None where nothing is paid.
    """

    def __init__(
        self,
        name: str,
        service: HttpService,
        wire: Wire,
        *,
        balance: float,
        window: int,
        dimension: int | None = None,
        dollars_per_million: float | None = None,
    ) -> None:
        self.name = name
        self.dollars_per_million = dollars_per_million
        self._service = service
        self._wire = wire
        self._window = window
        self._dimension = dimension
        self._calibration = Calibration.assumed(balance)
        self._states = PerProcess(_State)

    @property
    def sends_to(self) -> str:
        """The address that the texts are sent to."""
        return self._service.base_url

    @property
    def dimension(self) -> int:
        """Length of each vector; asks the service where no answer has told it yet.

        Raises:
            ServiceError: with status 503, the service gave no vector.
        """
        if self._dimension is None:
            self.embed(["dimension"])
        if self._dimension is None:
            raise AssertionError("an answer tells the dimension")
        return self._dimension

    @property
    def usage(self) -> Usage:
        """What this process has asked for."""
        state = self._states.get()
        return Usage(state.requests, state.tokens)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row per text; recent ones are remembered.

        Raises:
            ServiceError: with status 503, the service failed, or answered with no usable vectors.
        """
        cache = self._states.get().cache
        vectors = {text: cache.get(text) for text in texts}
        missing = [text for text, vector in vectors.items() if vector is None]
        if missing:
            for text, vector in zip(missing, self._embedded(missing), strict=True):
                vectors[text] = vector
                cache.put(text, vector.copy())  # a view would keep its whole batch
        rows = [vectors[text] for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), self._dimension or 0)

    def similarity(
        self, cosine: NDArray[np.floating], held: NDArray[np.floating] | float = 0.0
    ) -> NDArray[np.float32]:
        """Return similarities by a map that is assumed, not fitted; docs/guides/embedders.md."""
        return self._calibration.similarity(cosine, held)

    def _embedded(self, texts: Sequence[str]) -> NDArray[np.float32]:
        parts = [
            window
            for row, text in enumerate(texts)
            for window in windows(row, text, self._window, _MOST_WINDOWS)
        ]
        sums: NDArray[np.float64] | None = None
        for group in requests(parts, texts=_TEXTS_IN_A_REQUEST, size=_BYTES_IN_A_REQUEST):
            rows = self._asked(group)
            if sums is None:
                sums = np.zeros((len(texts), rows.shape[1]))
            for part, row in zip(group, rows, strict=True):
                sums[part.row] += part.size * row
        try:
            return unit_rows(sums, len(texts), self._dimension)
        except UnusableVectorsError as error:  # windows that cancel each other out
            raise self._service.unusable(str(error)) from error

    def _asked(self, group: Sequence[Window]) -> NDArray[np.float32]:
        answer = self._service.post(self._wire.path, self._wire.body([part.text for part in group]))
        try:
            reply = self._wire.read(answer)
            rows = unit_rows(reply.vectors, len(group), self._dimension)
        except UnusableVectorsError as error:
            raise self._service.unusable(str(error)) from error
        except (LookupError, TypeError, ValueError) as error:
            raise self._service.unusable("something else than embeddings") from error
        state = self._states.get()
        with state.lock:
            self._dimension = rows.shape[1]
            state.requests += 1
            state.tokens += reply.tokens
        return rows
