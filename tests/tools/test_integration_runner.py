"""`make test-integrations`: the releases it takes, what it prints, the table that it writes."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

import integration_versions as versions
import test_integrations as runner

ROOT = Path(__file__).resolve().parents[2]
PINS = "# a comment\ngoogle-adk==2.13.0\nother-google-adk==1.0\npydantic-ai-slim[openai]==2.68.0\n"


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine without uv and frameworks: what would be run is listed, and answered."""
    commands = []

    def run(*command, given=""):
        commands.append(command)
        if "compile" in command:
            return f"{PINS}strands-agents==1.62.0\n"
        if "venv" in command:
            Path(command[-1]).mkdir(parents=True)
        if "pytest" in command and "strands" in command[-1]:
            raise runner.StepError("the output of a failed test")
        return "...\n3 passed in 1.20s\n"

    monkeypatch.setattr(runner, "run", run)
    monkeypatch.setattr(runner, "ENVIRONMENTS", tmp_path)
    return commands


def test_each_integration_has_tests_an_extra_a_page_and_an_example():
    """And each folder of tests has an integration, or nothing would run it."""
    folders = {path.name for path in ROOT.glob("tests/integrations/*/") if path.is_dir()}
    folders -= {"__pycache__"}
    assert folders == {each.name for each in versions.INTEGRATIONS}
    page = (ROOT / "docs/integrations/index.md").read_text(encoding="utf-8")
    for each in versions.INTEGRATIONS:
        assert f"({each.name.replace('_', '-')}.md)" in page
        assert list(ROOT.glob(f"examples/integrations/{each.name}_*.py"))
        assert set(each.extras) <= runner.PROJECT["optional-dependencies"].keys()
        assert versions.oldest_releases(each.extras, runner.PROJECT["optional-dependencies"])
        for module in each.modules:
            assert (ROOT / "wrapper/memoryos/integrations" / f"{module}.py").is_file()


def test_the_oldest_release_is_the_lower_bound_of_the_extra():
    extras = {"x": ["a-b.c[d]>=1.2.0,<3; python_version >= '3.10'"], "y": ["z>=4"], "bad": ["z<4"]}
    assert versions.oldest_releases(["x", "y"], extras) == ["a-b.c==1.2.0", "z==4"]
    with pytest.raises(ValueError, match="'z<4' must begin with a name and >="):
        versions.oldest_releases(["bad"], extras)
    with pytest.raises(ValueError, match=r"pyproject.toml has no extra crewai"):
        versions.oldest_releases(["crewai", "x"], extras)


def test_the_version_of_a_package_is_not_that_of_one_with_a_similar_name():
    assert versions.version_of("google-adk", PINS) == "2.13.0"
    assert versions.version_of("pydantic-ai-slim", PINS) == "2.68.0"
    assert versions.version_of("adk", PINS) == "missing"


def test_names_choose_integrations():
    """As the extra or the folder is written."""
    assert [each.name for each in versions.chosen(["google-adk", "strands"])] == [
        "google_adk",
        "strands",
    ]
    assert versions.chosen([]) == list(versions.INTEGRATIONS)
    with pytest.raises(ValueError, match="no such integration: crewai"):
        versions.chosen(["crewai"])


def test_one_failure_fails_the_run_and_is_shown(machine, capsys):
    """After one line for each release of each framework."""
    assert runner.main(["google-adk", "strands"]) == 1
    printed = re.sub(r"\d\.\d+\)|\d+ s", "…", capsys.readouterr().out).splitlines()
    assert printed[0] == "google_adk 2.13.0 (newest, Python …: 3 passed (…)"
    assert printed[1] == "google_adk 2.13.0 (oldest, Python …: 3 passed (…)"
    assert printed[2] == "strands 1.62.0 (newest, Python …: FAILED (…)"
    assert printed.count("the output of a failed test") == 2
    assert printed[-1] == "2 passed, 2 failed"


def test_a_passing_run_checks_the_types_with_the_newest_release(machine, capsys):
    assert runner.main(["google-adk"]) == 0
    assert capsys.readouterr().out.endswith("2 passed, 0 failed\n")
    (checked,) = [command for command in machine if "mypy" in command]
    assert checked[0] == sys.executable
    assert checked[-1] == "wrapper/memoryos/integrations/google_adk.py"
    assert any("google_adk-newest" in part for part in checked)


def test_an_environment_is_made_once_and_anew_for_other_releases(machine):
    """What it consists of is resolved each time."""
    made = runner.made("x-newest", "a==1\n", sys.executable)
    assert runner.made("x-newest", "a==1\n", sys.executable) == made
    assert sum("venv" in command for command in machine) == 1
    runner.made("x-newest", "a==2\n", sys.executable)
    assert sum("venv" in command for command in machine) == 2


def test_an_unknown_name_is_refused(machine, capsys):
    assert runner.main(["crewai"]) == 2
    assert "no such integration: crewai (there are claude, google_adk" in capsys.readouterr().err
    assert machine == []


def test_the_versions_of_some_integrations_are_not_written(machine, capsys):
    """The table has a row for each."""
    assert runner.main(["strands", "--write"]) == 2
    assert "--write writes the versions of all integrations" in capsys.readouterr().err
    assert machine == []


def test_a_framework_finds_no_key_of_a_real_service(monkeypatch):
    for name in ("OPENAI_API_KEY", "LANGSMITH_TRACING", "MEMORY_OS_API_KEY", "PYTHONPATH"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("MEMORY_OS_EMBEDDER", "hashing")
    printed = runner.run(sys.executable, "-c", "import os; print(*os.environ)").split()
    assert "MEMORY_OS_EMBEDDER" in printed
    assert not {"OPENAI_API_KEY", "LANGSMITH_TRACING", "MEMORY_OS_API_KEY", "PYTHONPATH"} & {
        *printed
    }


def test_a_program_that_fails_tells_what_it_printed():
    program = "import sys; print('one'); print('two', file=sys.stderr); sys.exit(5)"
    with pytest.raises(runner.StepError, match=r"(?s)-c.*one.*two"):
        runner.run(sys.executable, "-c", program)
    assert runner.run(sys.executable, "-c", "print(input())", given="three") == "three\n"


def test_a_missing_framework_is_no_success():
    """Nothing is skipped then: here, where there is none, the tests fail."""
    (strands,) = versions.chosen(["strands"])
    with pytest.raises(runner.StepError, match="No module named 'strands'"):
        runner.run(sys.executable, "-m", "pytest", *runner.PYTEST, *runner.tests_of(strands))


def test_the_table_replaces_the_one_of_the_page():
    """And nothing around it; a page without a place for it is refused."""
    tested = {
        (each.name, which): (f"{number}.0", "3.13")
        for number, each in enumerate(versions.INTEGRATIONS)
        for which in (versions.OLDEST, versions.NEWEST)
    }
    table = versions.matrix(tested)
    row = "| Google ADK (`google-adk`) | 1.0 (Python 3.13) | 1.0 (Python 3.13) |"
    assert row in table.splitlines()
    page = (ROOT / "docs/integrations/index.md").read_text(encoding="utf-8")
    once = versions.with_matrix(page, table)
    assert row in once
    assert versions.with_matrix(once, table) == once
    assert once.split("<!-- versions -->")[0] == page.split("<!-- versions -->")[0]
    with pytest.raises(ValueError, match="<!-- versions -->"):
        versions.with_matrix("# A page", table)
