"""The ONNX model: its file, and pooling."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders import onnx_model


def test_padding_has_no_part_in_the_mean():
    ids, mask = onnx_model.pad([[5, 6], [7]])
    assert ids.tolist() == [[5, 6], [7, 0]]
    hidden = np.array([[[1.0], [3.0]], [[4.0], [99.0]]], dtype=np.float32)
    assert onnx_model.mean_pool(hidden, mask).tolist() == [[2.0], [4.0]]


# The model file


@pytest.fixture
def fake_package(monkeypatch, tmp_path):
    spec = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(onnx_model, "find_spec", lambda _: spec)
    return tmp_path


def test_an_altered_model_file_is_rejected(fake_package):
    (fake_package / "model.onnx").write_bytes(b"something else")
    with pytest.raises(onnx_model.ModelFileError, match="SHA-256"):
        onnx_model.read_weights()


def test_a_missing_model_file_is_named(fake_package):
    with pytest.raises(onnx_model.ModelFileError, match=r"model\.onnx cannot be read"):
        onnx_model.read_weights()


def test_a_missing_package_names_the_extra(monkeypatch):
    monkeypatch.setattr(onnx_model, "find_spec", lambda _: None)
    with pytest.raises(onnx_model.ModelFileError, match=r"\[local\]"):
        onnx_model.read_weights()
