"""The notebooks run from top to bottom, and show what they print."""

from __future__ import annotations

from pathlib import Path

import pytest

nbclient = pytest.importorskip("nbclient", reason="it is installed on Python 3.11 and newer")
nbformat = pytest.importorskip("nbformat", reason="it is installed on Python 3.11 and newer")

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def outputs(notebook):
    """Return what each cell shows, as text."""
    return [
        "".join(part.get("text") or part["data"]["text/plain"] for part in cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


@pytest.mark.embedder
@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.ipynb")), ids=lambda file: file.name)
def test_a_notebook_runs_and_shows_what_it_prints(file, tmp_path):
    """`jupyter execute --inplace` writes the outputs anew, where they are to be others."""
    stored = nbformat.read(file, as_version=4)
    nbformat.validate(stored)
    run = nbformat.read(file, as_version=4)
    nbclient.NotebookClient(run, resources={"metadata": {"path": tmp_path}}).execute()
    assert outputs(run) == outputs(stored)
