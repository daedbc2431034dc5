"""Files of models in installed packages: only the known version is read."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import pytest

from memoryos_server.embedders import model_file
from memoryos_server.embedders.model_file import ModelFile, ModelFileError
from memoryos_server.model.errors import ServiceError

CONTENT = b"weights"
FILE = ModelFile("models", "sub/model.bin", hashlib.sha256(CONTENT).hexdigest(), "an-extra")


@pytest.fixture
def package(monkeypatch, tmp_path):
    """The folder of an installed package."""
    spec = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(model_file, "find_spec", lambda _: spec)
    (tmp_path / "sub").mkdir()
    return tmp_path


def test_the_known_version_is_read(package):
    (package / FILE.path).write_bytes(CONTENT)
    assert FILE.read() == CONTENT


def test_an_altered_file_is_rejected(package):
    (package / FILE.path).write_bytes(b"something else")
    with pytest.raises(ModelFileError, match="SHA-256"):
        FILE.read()


def test_a_missing_file_is_named(package):
    with pytest.raises(ModelFileError, match=r"model\.bin cannot be read"):
        FILE.read()


def test_a_missing_package_names_the_extra(monkeypatch):
    monkeypatch.setattr(model_file, "find_spec", lambda _: None)
    with pytest.raises(ModelFileError, match=r"\[an-extra\]"):
        FILE.read()


def test_a_service_says_what_is_wrong_with_the_model(start, user_of):
    """As with MiniLM, whose file was altered, and any error of the packages that run a model."""
    pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")
    from memoryos_server.embedders.local_model import LocalModelEmbedder

    class Altered(LocalModelEmbedder):
        name, dimension, calibration_file = "altered", 8, "minilm_calibration.json"
        languages = None

        def _load(self):
            raise ModelFileError("its SHA-256 is wrong. Reinstall the package models.")

    with pytest.raises(ServiceError, match=r"altered can't load .* Reinstall") as caught:
        user_of(start(embedder=Altered())).create("tea")
    assert caught.value.status == 503
