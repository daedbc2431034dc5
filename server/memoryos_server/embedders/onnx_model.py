"""Sessions of onnxruntime, and the MiniLM model run by one."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .wordpiece import PADDING_ID

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["DIMENSION", "OnnxModel", "mean_pool", "new_session", "pad"]

DIMENSION = 384
"""Length of the model's vectors."""

_NO_TELEMETRY = "ORT_DISABLE_TELEMETRY"


class OnnxModel:
    """Maps rows of token ids to mean-pooled vectors, which are not of unit length.

    Args:
        weights: The content of an ONNX file.
        threads: Threads per run, 1 or more.
    """

    def __init__(self, weights: bytes, threads: int) -> None:
        self._session = new_session(weights, threads)

    def run(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Return the mean of the last hidden states of each row, shape (len(rows), DIMENSION)."""
        import numpy as np

        ids, mask = pad(rows)
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (hidden,) = self._session.run(["last_hidden_state"], inputs)
        return mean_pool(hidden, mask)


def new_session(model: bytes, threads: int) -> Any:  # onnxruntime ships no types
    """Return an onnxruntime session.

    Args:
        model: The content of an ONNX file.
        threads: Threads per run, 1 or more.
    """
    onnxruntime = _import_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # By default waiting threads spin, which takes CPU time from the rest of the process.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _import_onnxruntime() -> Any:
    """Import onnxruntime with its telemetry off.

    Importing version 1.29 or newer starts a thread that uploads to Microsoft. pyproject.toml
    requires an older version; this protects installations that override it.
    """
    before = os.environ.get(_NO_TELEMETRY)
    os.environ[_NO_TELEMETRY] = "1"
    try:
        onnxruntime = import_module("onnxruntime")
    finally:
        if before is None:
            del os.environ[_NO_TELEMETRY]
        else:
            os.environ[_NO_TELEMETRY] = before
    onnxruntime.disable_telemetry_events()  # Windows records these itself
    return onnxruntime


def pad(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows as one padded matrix, and a mask that is 1 for tokens and 0 for padding."""
    import numpy as np

    width = max(len(row) for row in rows)
    ids = np.full((len(rows), width), PADDING_ID, dtype=np.int64)
    mask = np.zeros((len(rows), width), dtype=np.int64)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = row
        mask[number, : len(row)] = 1
    return ids, mask


def mean_pool(hidden: NDArray[np.float32], mask: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the mean over each row's tokens, without the padding."""
    import numpy as np

    weights = mask[:, :, np.newaxis].astype(np.float32)
    pooled: NDArray[np.float32] = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
    return pooled
