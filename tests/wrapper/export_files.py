"""Write export files, and read them as an import does."""

from __future__ import annotations

import io

from memoryos._bulk.export_file import ExportWriter
from memoryos._bulk.import_file import read_import_file
from memoryos._bulk.import_source import ImportSource


def exported(*memories):
    """Return the lines of an export."""
    writer = ExportWriter()
    middle = [writer.memory(item) for item in memories]
    return [writer.header({"tier": None}), *middle, writer.footer()]


def editable(*lines, **header):
    """Return the lines of a file without checksums."""
    return [
        b'{"format":"memoryos-export","version":1,"checksums":false%s}\n'
        % b"".join(b',"%s":%s' % (name.encode(), value.encode()) for name, value in header.items()),
        *lines,
    ]


def read_file(lines, name="x"):
    """Return what an import reads from these lines."""
    return read_import_file(ImportSource(io.BytesIO(b"".join(lines)), name).lines(), name)


def read_export(lines, name="x"):
    """Return the memories that an import reads from these lines, all of which must be good."""
    file = read_file(lines, name)
    assert file.bad_lines == []
    return [entry.memory for entry in file.memories]
