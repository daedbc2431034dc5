"""An embedder made of a function from texts to vectors."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from memoryos_server.model.errors import ServiceError, unavailable
from memoryos_server.per_process import PerProcess

from .calibration import Calibration, check_balance
from .unit_vectors import MAX_DIMENSION, InvalidVectorsError, to_unit_vectors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["CallableEmbedder", "name_of_function"]

BALANCE = 0.5
"""The cosine mapped to similarity 0.7 by default: a guess that suits any model."""

FAILURE_RETRY_AFTER_SECONDS = 300.0
"""`Retry-After` of a failure: somebody has to fix the function first."""


class CallableEmbedder:
    """Makes an embedder of a function.

    Args:
        name: Identifies the model: a store that it filled rejects embedders of other names.
        function: Takes a list of texts and returns one vector of numbers per text, all of the same
            length. It is called from several threads at once. If it raises, the request fails with
            a 503.
        dimension: Length of the vectors, 1 to 1536; None to learn it from the first call.
        similarity: Maps an array of cosines (-1 to 1) to similarities (0 to 1), monotonically; 0.7
            should separate related from unrelated texts. By default an assumed map.
        balance: The cosine mapped to similarity 0.7, 0.1 to 0.95; not used with `similarity`.

    Raises:
        ValueError: The name is empty, or a number is out of its range.
    """

    def __init__(
        self,
        name: str,
        function: Callable[[Sequence[str]], Any],
        dimension: int | None = None,
        *,
        similarity: Callable[[NDArray[np.floating]], Any] | None = None,
        balance: float = BALANCE,
    ) -> None:
        if not name.strip() or not name.isprintable():
            raise ValueError("an embedder needs a name of printable characters")
        if dimension is not None and not 1 <= dimension <= MAX_DIMENSION:
            raise ValueError(f"dimension must be from 1 to {MAX_DIMENSION}, got {dimension}")
        self.name = name
        self._function = function
        self._dimension = dimension
        self._similarity = similarity
        check_balance(balance)
        self._calibration = PerProcess(partial(Calibration.assumed, balance))

    @property
    def dimension(self) -> int:
        """Length of each vector; calls the function if it is not known yet.

        Raises:
            ServiceError: With status 503, the function failed.
        """
        return self._dimension or int(self.embed(["dimension"]).shape[1])

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row per text.

        Raises:
            ServiceError: With status 503, the function failed or returned no usable vectors.
        """
        try:
            vectors = self._function(list(texts))
        except ServiceError:
            raise
        except Exception as error:
            # The message is left out: it may contain a text or a key.
            raise self._error(f"failed with {type(error).__name__}") from error
        try:
            rows = to_unit_vectors(vectors, len(texts), self._dimension)
        except InvalidVectorsError as error:
            raise self._error(f"returned {error}") from error
        if texts:
            self._dimension = rows.shape[1]
        return rows

    def similarity(
        self, cosine: NDArray[np.floating], held: NDArray[np.floating] | float = 0.0
    ) -> NDArray[np.float32]:
        """Map cosines to similarities, by the given function or by an assumed map."""
        import numpy as np

        if self._similarity is None:
            return self._calibration.get().similarity(cosine, held)
        similarities = np.asarray(self._similarity(np.asarray(cosine)), dtype=np.float32)
        return np.clip(similarities, 0.0, 1.0)

    def _error(self, problem: str) -> ServiceError:
        return unavailable(f"The embedder {self.name} {problem}", FAILURE_RETRY_AFTER_SECONDS)


def name_of_function(function: Any) -> str | None:
    """Return `python:MODULE:NAME`, as `--embedder` takes it, or None if it can't be imported so."""
    module = getattr(function, "__module__", None)
    path = getattr(function, "__qualname__", None)
    if not module or not path or module == "__main__" or not path.replace(".", "").isidentifier():
        return None
    return f"python:{module}:{path}"
