"""How the server is measured: the tables, and the whole program once."""

from __future__ import annotations

from benchmarks.server import __main__ as program
from benchmarks.server import report
from benchmarks.server.costs import OPERATIONS, VARIANTS, Cost
from benchmarks.server.report import Measured
from benchmarks.server.starting import Start

MARKED = "<!-- written by benchmarks.server: begin --><!-- written by benchmarks.server: end -->"


def test_costs_are_shown_beside_those_without():
    costs = [
        Cost(operation, variant, 400 if variant == "neither" else 500)
        for operation in OPERATIONS
        for variant in VARIANTS
    ]
    starts = [
        Start("none", is_first=False, listening=0.51, ready=0.62),
        Start("none", is_first=True, listening=1.5, ready=1.75),
    ]
    text = report.report(Measured(costs, starts, 0.5), "the command")
    assert "| neither | 400 µs | 400 µs |" in text
    assert "| metrics | 500 µs (1.25 times) | 500 µs (1.25 times) |" in text
    assert "| `--embedder none` | 0.51 s | 0.62 s |" in text
    assert "| `--embedder none`, first start | 1.50 s | 1.75 s |" in text
    assert "Load average at the start: 0.5. Command: `the command`." in text


def test_the_program_measures_each_server_and_writes_the_document(tmp_path, monkeypatch):
    document = tmp_path / "observing.md"
    document.write_text(MARKED)
    monkeypatch.setattr(program, "DOCUMENT", document)
    small = ["--rounds", "1", "--requests", "2", "--starts", "1", "--embedders", "none"]
    program.main([*small, "--write"])
    text = document.read_text()
    for variant in VARIANTS:
        assert f"| {variant} | " in text
    assert text.count("| `--embedder none`") == 2
    assert f"Command: `python -m benchmarks.server {' '.join(small)}`." in text
