"""How the local Memory OS is measured: the made-up memories, the goals, and the whole program."""

from __future__ import annotations

import sqlite3

import pytest

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from benchmarks.local import __main__ as program
from benchmarks.local import creating, probing, report, synthetic
from benchmarks.local.creating import Created
from benchmarks.local.embedding import Embedded
from benchmarks.local.probing import Probed
from benchmarks.local.report import Measured
from benchmarks.local.starting import Started
from memoryos import MemoryOS

MARKED = "<!-- written by benchmarks.local: begin --><!-- written by benchmarks.local: end -->"


@pytest.fixture
def vectors(stub):
    return synthetic.pool(stub, 30)


@pytest.fixture
def file(tmp_path, vectors, stub):
    """A file of eighty made-up memories."""
    path = tmp_path / "memories.db"
    synthetic.extend(path, 0, 80, vectors, stub.name)
    return path


# The memories


def test_vectors_are_mixtures_of_unit_length(vectors):
    """Near those of real sentences: nearer than vectors of no kind would be."""
    made = synthetic.mixtures(vectors, 50, np.random.default_rng(1))
    assert np.linalg.norm(made, axis=1) == pytest.approx(1, abs=1e-5)
    assert (made @ vectors.T).max(axis=1).min() > 0.4


def test_few_words_are_common_and_most_are_rare():
    words = " ".join(synthetic.texts(2000, np.random.default_rng(1))).split()
    counts = sorted((words.count(word) for word in {*words[:4000]}), reverse=True)
    assert counts[0] > 20 * counts[len(counts) // 2]


def test_a_file_that_grows_is_like_one_made_at_once(tmp_path, file, vectors, stub):
    """Whichever batch a memory is in."""
    grown, rows = tmp_path / "grown.db", []
    for start, stop in ((0, 7), (7, 33), (33, 80)):
        synthetic.extend(grown, start, stop, vectors, stub.name)
    for path in (file, grown):
        with sqlite3.connect(path) as connection:
            rows.append(
                connection.execute(
                    "SELECT memories.*, vector, cues FROM memories JOIN vectors USING (number)"
                ).fetchall()
            )
        connection.close()
    assert len(rows[0]) == 80
    assert rows[0] == rows[1]


def test_a_made_up_memory_is_one_like_any_other(file):
    """It can be got, found by its text, and its hash is that of its content."""
    with MemoryOS.local(str(file)) as memory:
        listed = memory.memories.list(limit=80)["data"]
        one = listed[0]
        assert memory.memories.get(one["id"])["content"] == one["content"]
        assert memory.search(one["content"], threshold=0)["results"][0]["id"] == one["id"]
        again = memory.memories.create(one["content"])
    assert again["integrity_hash"] == one["integrity_hash"]
    assert {item["content_type"] for item in listed} == {"conversation", "text"}


# Measuring


def test_a_file_is_measured_through_the_sdk(file, stub, monkeypatch):
    monkeypatch.setattr(probing, "default_embedder", lambda: stub)
    measured = probing.probed(file, 80, 5)
    assert (measured.memories, measured.recall) == (80, 1)
    assert measured.peak_bytes > 10**7
    times = (measured.first_search_ms, measured.get_ms, measured.search_ms)
    assert all(value > 0 for value in times)


def test_what_an_exact_search_does_not_find_costs_recall():
    """Half of it found, then all of it."""
    from memoryos_server.search.index.owner_index import OwnerIndex

    original = OwnerIndex.is_quantized
    seen = []

    def search(query):
        exact = OwnerIndex.is_quantized is not original
        seen.append(exact)
        return ["a", "b"] if exact else ["a", query]

    assert probing._recall(search, ["x", "b"]) == 0.75
    assert seen == [False, False, True, True]


# What is told


def measured(**changes):
    one = Probed(10_000, 300.0, 0.2, 4.0, 3.0, 500_000_000, 1.0)
    values = {
        "probed": [one],
        "started": [Started(10_000, 1.0, 0.8), Started(100_000, 1.6, 1.4)],
        "created": [Created(1, 500, 1.0, 0.5, 0), Created(8, 1200, 1.0, 0.9, 0)],
        "embedded": Embedded(8, 100.0, 300.0, 90_000.0),
        "load": 1.0,
    }
    return Measured(**{**values, **changes})


def test_goals_are_those_that_the_sizes_say_something_about():
    met = {goal.what: goal.is_met for goal in report.goals(measured())}
    assert met == {
        "`get` among 10,000, in process": True,
        "creates a second over HTTP, 8 at once": True,
        "… of them lost after `kill -9`": True,
        "start to the first answer with 100,000": False,
    }


@pytest.mark.parametrize(
    ("changes", "missed"),
    [
        ({"search_ms": 50.0, "peak_bytes": 4e9, "recall": 0.98}, []),
        ({"search_ms": 50.1}, ["search among 1,000,000, in process"]),
        ({"recall": 0.97}, ["… of what an exact search finds among 1,000,000"]),
        ({"peak_bytes": 4.1e9}, ["… memory of the process with 1,000,000"]),
    ],
)
def test_a_goal_that_is_missed_says_so(changes, missed):
    values = {"first_search_ms": 1.0, "get_ms": 1.0, "search_ms": 1.0, "search_cpu_ms": 1.0}
    one = Probed(**{"memories": 10**6, **values, "peak_bytes": 1, "recall": 1.0, **changes})
    told = measured(probed=[one], started=[])
    found = [goal.what for goal in report.goals(told) if not goal.is_met]
    assert found == missed


def test_a_lost_memory_misses_the_goal_however_fast_the_others_were():
    lost = [Created(8, 5000, 1.0, 0.9, 1)]
    met = {goal.what: goal.is_met for goal in report.goals(measured(created=lost))}
    assert not met["… of them lost after `kill -9`"]


def test_the_report_has_a_line_for_everything_measured():
    text = report.report(measured(), "the command")
    for line in (
        "| 10,000 | 0.20 | 4.0 | 3.0 | 300 | 500 | 1.000 |",
        "| 10,000 | 1.00 | 0.80 |",
        "| 8 | 1,200 | 1,200 | 0.75 | 0 |",
        "| by 8 threads at once, run together | 300 | 3.00 |",
    ):
        assert line in text
    assert text.endswith("Command: `the command`.")


def test_the_plot_is_drawn(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    path = tmp_path / "plot.png"
    report.draw(measured().probed, path)
    assert path.read_bytes().startswith(b"\x89PNG")


# The whole


@pytest.mark.embedder
def test_the_program_runs_and_writes_its_part_of_the_page(tmp_path, monkeypatch, capsys):
    """With servers and processes of its own, as ever, at the smallest sizes."""
    page = tmp_path / "local.md"
    page.write_text(MARKED, encoding="utf-8")
    drawn = []
    monkeypatch.setattr(program, "DOCUMENT", page)
    monkeypatch.setattr(program, "AT_ONCE", (2,))
    monkeypatch.setattr(program, "draw", lambda probed, path: drawn.append(path))
    monkeypatch.setattr(creating, "_WARM_UP", 2)
    sizes = ["--sizes", "30", "--creates", "20", "--starts", "1", "--calls", "3"]
    program.main([*sizes, "--texts", "3", "--sentences", "9", "--write"])
    written = page.read_text(encoding="utf-8")
    assert capsys.readouterr().out.strip() in written
    assert "| 2 | 20 |" in written
    assert "| … of them lost after `kill -9` | ≤ 0 | 0 | yes |" in written
    assert drawn == [tmp_path / "local-speed.png"]


def test_the_quick_mode_is_small_and_can_be_made_smaller():
    options = program._options(["--quick", "--creates", "7"])
    assert (max(options.sizes), options.creates, options.starts) == (10_000, 7, 1)
    assert max(program._options([]).sizes) == 1_000_000
