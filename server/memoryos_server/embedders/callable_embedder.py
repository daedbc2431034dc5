"""Any function from texts to vectors, as an embedder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.errors import ServiceError, unavailable

from .calibration import Calibration
from .rows import MAX_DIMENSION, UnusableVectorsError, unit_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["CallableEmbedder", "name_of"]

BALANCE = 0.5
"""The cosine that is taken for the similarity 0.7 where nothing is said: a guess for any model."""

_TRY_AGAIN_SECONDS = 300.0


class CallableEmbedder:
    """Makes an embedder of a function.

    Args:
        name: identifies the model: a store that it has filled is refused to any other name.
        function: takes a list of texts and returns a vector for each, of numbers, all of one
            length. It is called from several threads at once. Where it raises, the request fails
            with a 503.
        dimension: length of the vectors, 1 to 1536; None to learn it from the first call.
        similarity: from cosines (an array of -1 to 1) to similarities (0 to 1), monotone; 0.7
            should divide related from unrelated. By default a map that is assumed.
        balance: without `similarity`: the cosine that is to be the similarity 0.7, 0.1 to
            0.95.

    Raises:
        ValueError: the name is empty, or a number out of its range.
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
            raise ValueError("an embedder needs a name")
        if dimension is not None and not 1 <= dimension <= MAX_DIMENSION:
            raise ValueError(f"dimension must be from 1 to {MAX_DIMENSION}, got {dimension}")
        self.name = name
        self._function = function
        self._dimension = dimension
        self._similarity = similarity
        self._calibration = Calibration.assumed(balance)

    @property
    def dimension(self) -> int:
        """Length of each vector; calls the function where nobody has said it.

        Raises:
            ServiceError: with status 503, the function failed.
        """
        return self._dimension or int(self.embed(["dimension"]).shape[1])

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row per text.

        Raises:
            ServiceError: with status 503, the function failed, or returned no usable vectors.
        """
        try:
            vectors = self._function(list(texts))
        except ServiceError:
            raise
        except Exception as error:
            # What it says may hold a text, or a key.
            raise self._failed(f"failed with {type(error).__name__}") from error
        try:
            rows = unit_rows(vectors, len(texts), self._dimension)
        except UnusableVectorsError as error:
            raise self._failed(f"returned {error}") from error
        if texts:
            self._dimension = rows.shape[1]
        return rows

    def similarity(
        self, cosine: NDArray[np.floating], held: NDArray[np.floating] | float = 0.0
    ) -> NDArray[np.float32]:
        """Return similarities: by the given function, or by a map that is assumed."""
        import numpy as np

        if self._similarity is None:
            return self._calibration.similarity(cosine, held)
        own = np.asarray(self._similarity(np.asarray(cosine)), dtype=np.float32)
        return np.clip(own, 0.0, 1.0)

    def _failed(self, what: str) -> ServiceError:
        return unavailable(f"The embedder {self.name} {what}", _TRY_AGAIN_SECONDS)


def name_of(function: Any) -> str | None:
    """Return the name that a function of a module has as an embedder, None where it has no place.

    It is what `--embedder` calls it: `python:package.module:function`.
    """
    module = getattr(function, "__module__", None)
    path = getattr(function, "__qualname__", None)
    if not module or not path or module == "__main__" or not path.replace(".", "").isidentifier():
        return None
    return f"python:{module}:{path}"
