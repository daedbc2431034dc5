"""The benchmark of the client: its goals, its tables, its server and its bulk operations."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("trustme", reason="needs requirements/test.txt: trustme not installed")

from benchmarks.client import before, commands, environments, report, sections, server
from benchmarks.client.answers import PATHS, STORED, answer
from benchmarks.client.goals import GOALS
from benchmarks.client.lineup import BASE, C_PARSER, FAST, LINEUP, LOCAL, OWN, earlier
from benchmarks.client.measures import MEASURES, Sample, bulk
from benchmarks.client.results import Results, load, save
from benchmarks.client.soaking import SOAK_CALLS, Soak

REPOSITORY = Path(__file__).resolve().parents[2]
PEERS = REPOSITORY / "benchmarks" / "client" / "peers"


def results(samples=(), **more):
    fields = {
        "machine": "a machine",
        "command": "a command",
        "rounds": 2,
        "curve_rounds": 1,
        "starts_each": 2,
        "seconds": 60.0,
        "installed": {},
        "samples": list(samples),
        "curves": [],
        "starts": [],
        "profiles": {},
        **more,
    }
    return Results(**fields)


def sample(measure, peer, cpu, round_=1, failed=0):
    return Sample(measure, peer, round_, cpu, 2 * cpu, failed, 100)


def goal(start):
    (found,) = [one for one in GOALS if one.what.startswith(start)]
    return found


def judged(start, measured):
    verdict = goal(start).judge(measured)
    return None if verdict is None else (verdict.met, round(verdict.value, 3))


@pytest.mark.parametrize(("cpu", "met"), [(0.38, True), (0.39, False), (0.01, True)])
def test_a_goal_is_judged_by_the_ratio_to_httpx(cpu, met):
    """In the same round."""
    measured = results([sample("create", OWN, cpu), sample("create", BASE, 1.0)])
    assert judged(f"create, `{OWN}`", measured) == (met, cpu)


def test_rounds_at_different_speeds_give_the_same_ratio():
    """A busy machine slows both down."""
    measure = "at once 100 long"
    measured = results(
        [
            sample(measure, FAST, 1.0, 1),
            sample(measure, C_PARSER, 1.25, 1),
            sample(measure, FAST, 4.0, 2),
            sample(measure, C_PARSER, 5.0, 2),
        ]
    )
    start = f"async create, 100 at once, `{FAST}`, to aiohttp"
    assert judged(start, measured) == (True, 0.8)


def test_a_single_failed_call_misses_the_goal_of_a_thousand_at_once():
    """However fast the others were."""
    samples = [sample("at once 100", FAST, 1.0), sample("at once 1000", FAST, 1.0, failed=1)]
    verdict = goal(f"async create, 1,000 at once, to 100 at once, `{FAST}`").judge(results(samples))
    assert not verdict.met
    assert "1 of 100 failed" in verdict.measured


def test_over_tls_a_call_may_cost_a_little_more():
    """0.05 of what httpx takes."""
    samples = [sample("create tls", FAST, 0.2), sample("create tls", BASE, 1.0)]
    assert judged(f"create, over TLS, `{FAST}`", results(samples)) == (True, 0.2)


def soaked(megabytes, descriptors=None, calls=SOAK_CALLS):
    counted = descriptors or [9] * len(megabytes)
    steps = [number * calls // (len(megabytes) - 1) for number in range(len(megabytes))]
    rows = zip(steps, megabytes, counted)
    return Soak(OWN, "sync", [list(row) for row in rows])


@pytest.mark.parametrize(
    ("megabytes", "descriptors", "met"),
    [
        ([20, 29, *[30] * 48], None, True),
        ([20 + 0.1 * number for number in range(50)], None, False),
        ([30] * 50, [9] * 25 + [10] * 25, False),
        ([30] * 50, [10] * 5 + [9] * 45, True),
    ],
)
def test_memory_and_descriptors_have_to_stay_after_the_first_tenth(megabytes, descriptors, met):
    """What is taken once, at the beginning, is no leak."""
    measured = results(soaks=[soaked([30] * 50), soaked(megabytes, descriptors)])
    assert goal(f"growth over {SOAK_CALLS:,} calls").judge(measured).met is met


def test_fewer_calls_do_not_meet_the_goal():
    """And the table says how many there were."""
    verdict = goal(f"growth over {SOAK_CALLS:,} calls").judge(
        results(soaks=[soaked([30] * 50, calls=5000)])
    )
    assert not verdict.met
    assert "5,000 calls" in verdict.measured


def test_what_was_not_measured_has_no_row():
    """`--quick` leaves parts out."""
    measured = results([sample("list", OWN, 0.5), sample("list", BASE, 1.0)], installed={})
    titles = [one.what for one in GOALS if not one.what.startswith("installed")]
    assert [what for what in titles if goal(what).judge(measured)] == [f"list of 100, `{OWN}`"]


def test_every_goal_has_a_title_of_its_own_and_a_measure():
    """Titles are the keys of the figures before."""
    titles = [one.what for one in GOALS]
    assert len(set(titles)) == len(titles)
    names = [measure.name for measure in [*MEASURES, *bulk()]]
    assert len(set(names)) == len(names)


def test_the_table_shows_the_figure_before(monkeypatch):
    """Beside the goal and the new figure."""
    what = f"create, `{OWN}`"
    monkeypatch.setattr(
        before, "_kept", lambda: {"goals": {what: {"shown": "0.55", "value": 0.55}}}
    )
    monkeypatch.setattr(report, "GOALS", [goal(what)])
    table = report.goals(results([sample("create", OWN, 0.4), sample("create", BASE, 1.0)]))
    assert table.splitlines()[-1] == f"| {what} | ≤ 0.38 | 0.55 | 0.40 (0.40 to 0.40) | **no** |"


def test_the_figures_before_are_of_goals_that_exist():
    """A renamed goal would lose its figure."""
    kept = json.loads(before.FILE.read_text(encoding="utf-8"))
    assert set(kept["goals"]) <= {one.what for one in GOALS}


def test_without_its_commit_nothing_before_is_measured(tmp_path, monkeypatch):
    """As in a shallow clone."""
    monkeypatch.setattr(before, "FOLDER", tmp_path)
    monkeypatch.setattr(before, "_kept", lambda: {"commit": "0" * 40})
    assert before.sources() is None


def test_a_command_is_compared_by_its_best_time():
    """Other work only ever makes a process slower."""
    cpu = {(commands.LIST, OWN): (0.9, 0.4), (commands.IMPORT, BASE): (0.2, 0.8)}
    samples = [
        sample(measure, peer, seconds, number)
        for (measure, peer), both in cpu.items()
        for number, seconds in enumerate(both)
    ]
    assert judged(f"`memoryos {commands.LIST}`", results(commands=samples)) == (True, 2.0)


def test_bulk_operations_are_shown_in_memories_per_second():
    """By the clock, and before in brackets."""
    samples = [sample("export sync", LOCAL, 0.0001), sample("export sync", OWN, 0.00005)]
    samples.append(sample("export sync", earlier(LOCAL), 0.000125))
    row = sections._bulk(results(bulk=samples)).splitlines()[4]
    assert row == "| `export` | 10,000 |  |  |  | 5,000 (4,000) |"


def test_results_are_saved_and_read_again(tmp_path):
    """`--again` writes the page from them."""
    measured = results(
        [sample("create", OWN, 0.5)],
        bulk=[sample("iterate sync", OWN, 0.1)],
        commands=[sample(commands.LIST, OWN, 0.2)],
        soaks=[soaked([1.0] * 50)],
    )
    save(measured, tmp_path / "results.json")
    assert load(tmp_path / "results.json") == measured


def test_the_server_has_pages_of_distinct_memories():
    """As an iteration needs them."""
    ids, offset, has_more = set(), 0, True
    while has_more:
        head = f"GET /v1/memories?limit=100&offset={offset} HTTP/1.1\r\n\r\n".encode()
        page = json.loads(server._answer(head).partition(b"\r\n\r\n")[2])
        ids |= {memory["id"] for memory in page["data"]}
        offset += len(page["data"])
        has_more = page["meta"]["has_more"]
    assert len(ids) == offset == page["meta"]["total"] == STORED


def test_every_path_has_an_answer_of_the_announced_length():
    """Of as many items as are asked for."""
    for path in PATHS:
        head, _, body = answer(path, 3).partition(b"\r\n\r\n")
        assert f"content-length: {len(body)}\r\n".encode() in head + b"\r\n"
        assert json.loads(body)


def test_an_environment_is_made_again_when_what_it_depends_on_changes(tmp_path, monkeypatch):
    """In place, a change of the SDK's sources is none; otherwise it is."""
    made, sources = [], ["a"]
    monkeypatch.setattr(environments, "FOLDER", tmp_path)
    monkeypatch.setattr(
        environments.venv, "create", lambda path, **_: Path(path).mkdir(exist_ok=True)
    )
    monkeypatch.setattr(environments, "_pip", lambda *_: None)
    monkeypatch.setattr(environments, "_install", lambda peer, folder: made.append(peer.name))
    monkeypatch.setattr(environments, "_sources_hash", lambda: sources[0])
    monkeypatch.setattr(
        environments, "_installed", lambda *_: {"version": "1", "distributions": 1, "parts": {}}
    )
    peer = LINEUP[OWN]
    in_place = environments.made(peer, in_place=True)
    assert str(REPOSITORY / "wrapper") in in_place.sources.split(os.pathsep)
    assert environments.made(peer, in_place=True) == in_place
    assert len(made) == 1
    assert environments.made(peer).sources == ""
    sources[0] = "b"
    environments.made(peer, in_place=True)
    assert len(made) == 2
    environments.made(peer)
    environments.made(peer)
    assert len(made) == 3


def test_a_command_that_fails_ends_the_measurement():
    """Its time would be that of an error."""
    with pytest.raises(RuntimeError, match="failed"):
        commands._run([sys.executable, "-c", "raise SystemExit(3)"], dict(os.environ))
    cpu, wall = commands._run([sys.executable, "-c", "pass"], dict(os.environ))
    assert cpu > 0
    assert wall > 0


@pytest.fixture
def programs(monkeypatch, tmp_path):
    """The programs that run in the peers' environments, importable, in a folder of their own."""
    monkeypatch.syspath_prepend(str(PEERS))
    monkeypatch.chdir(tmp_path)
    names = ("workload", "run", "memoryos_sdk", "soak")
    yield {name: importlib.import_module(name) for name in names}
    for name in names:
        sys.modules.pop(name)


@pytest.fixture
def address():
    """The address of the benchmark's server."""
    command = [sys.executable, "-m", "benchmarks.client.server"]
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield f"http://127.0.0.1:{json.loads(process.stdout.readline())['http']}"
        process.stdin.close()


@pytest.mark.local_server
def test_bulk_operations_run_in_process(programs, monkeypatch):
    """Each on what was stored before."""
    monkeypatch.setattr(programs["workload"], "STORED", 5)
    monkeypatch.setattr(programs["run"], "_WARM", 1)
    runner = programs["run"].Runner(programs["memoryos_sdk"], None)
    for operation in ("create_many", "iterate", "export", "import_"):
        asked = {"address": "local", "operation": operation, "kind": "sync", "calls": 3}
        figures = runner.run(asked)
        assert figures["cpu"] > 0, operation
        assert figures["failed"] == 0, operation
    runner._clients["bulk", "local"].close()


@pytest.mark.off_contract(reason="the benchmark's server repeats the contract's examples")
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_bulk_operations_run_over_http(programs, address, kind):
    """The server has more than a page."""
    client = programs["memoryos_sdk"]
    if kind == "sync":
        memories = client.Bulk(address, None)
        assert (memories.iterate(), memories.create_many(7)) == (STORED, 7)
        memories.close()
        return

    async def both():
        memories = client.ConcurrentBulk(address, None)
        try:
            return await memories.iterate(), await memories.create_many(7)
        finally:
            await memories.close()

    assert asyncio.run(both()) == (STORED, 7)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
@pytest.mark.off_contract(reason="the benchmark's server repeats the contract's examples")
def test_a_soak_samples_memory_and_descriptors(programs, address, monkeypatch):
    """Fifty times, and once at the beginning."""
    soak, client = programs["soak"], programs["memoryos_sdk"]
    monkeypatch.setattr(soak, "CONCURRENCY", 2)
    blocking = client.Blocking(address, None)
    sync = list(soak._one_by_one(blocking, 200))
    blocking.close()

    async def concurrently():
        return await soak._concurrently(client.Concurrent(address, None), 200)

    for samples in (sync, asyncio.run(concurrently())):
        assert [sample[0] for sample in samples] == list(range(0, 201, 4))
        assert all(megabytes > 1 and descriptors > 2 for _, megabytes, descriptors in samples)
