"""Files of models that come with Python packages, verified by checksum before they are used."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

__all__ = ["ModelFile", "ModelFileError"]


class ModelFileError(RuntimeError):
    """The installed model file is missing, or not the expected one."""


class ModelFile(NamedTuple):
    """A file inside an installed package, of which one version is known.

    Attributes:
        package: The name that the package is imported by. Its code is not run to find the file.
        path: Where the file is in the package.
        sha256: The SHA-256 of the known version, in hexadecimal.
        extra: The extra that installs the package.
    """

    package: str
    path: str
    sha256: str
    extra: str

    def read(self) -> bytes:
        """Return the file's bytes.

        Raises:
            ModelFileError: The file is missing, or its SHA-256 is not the expected one.
        """
        path = self.locate()
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ModelFileError(f"the model file {path} cannot be read: {error}") from error
        digest = hashlib.sha256(content).hexdigest()
        if digest != self.sha256:
            raise ModelFileError(
                f"{path} is not the expected model: its SHA-256 is {digest}, expected "
                f"{self.sha256}. Reinstall the package {self.package}."
            )
        return content

    def locate(self) -> Path:
        """Return the file's path, whether it exists or not.

        Raises:
            ModelFileError: The package is not installed.
        """
        spec = find_spec(self.package)
        if spec is None or spec.origin is None:
            raise ModelFileError(
                f"the package {self.package} is not installed; it is part of the extra "
                f"[{self.extra}]"
            )
        return Path(spec.origin).parent / self.path
