"""The ONNX model: padding and pooling."""

from __future__ import annotations

import pytest

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders import onnx_model


def test_padding_has_no_part_in_the_mean():
    ids, mask = onnx_model.pad([[5, 6], [7]])
    assert ids.tolist() == [[5, 6], [7, 0]]
    hidden = np.array([[[1.0], [3.0]], [[4.0], [99.0]]], dtype=np.float32)
    assert onnx_model.mean_pool(hidden, mask).tolist() == [[2.0], [4.0]]
