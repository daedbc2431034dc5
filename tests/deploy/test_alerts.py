"""The alerting rules and the table of the metrics: about what the server has, and all of it."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from memoryos_server.http import metrics
from memoryos_server.http.access_log import REJECTIONS
from memoryos_server.http.metrics import Metrics

from .units import DEPLOY

pytestmark = pytest.mark.local_server

RULES = DEPLOY / "alerts.yml"


def existing_names():
    """Return the names of all series, those that only some servers have included."""
    made = Metrics({"version": "1"})
    made.expect_backups()
    for name in metrics._SAMPLED:
        made._set(name, 1)
    made.request_queued().start()
    made.embedded(1, 0.1, failed=False)
    lines = made.render().decode().splitlines()
    return {line.split()[2] for line in lines if line.startswith("# TYPE")}


def test_every_metric_is_documented():
    """By its whole name, or by its end where several of the pool share a row."""
    page = (DEPLOY.parent / "docs" / "guides" / "observing.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"`([\w…]+)`", page))
    own = {name for name in existing_names() if name.startswith("memoryos_")}
    ends = {name: name.replace("memoryos_store_pool", "…") for name in own}
    assert {name for name in own if not shown & {name, ends[name]}} == set()
    documented = {name for name in shown if name.startswith("memoryos_")}
    assert documented <= own


def test_every_metric_of_the_rules_exists():
    used = set(re.findall(r"\b(?:memoryos|process)_[a-z_]+", RULES.read_text(encoding="utf-8")))
    assert len(used) > 8
    assert {name.removesuffix("_bucket") for name in used} <= existing_names()


def test_every_reason_and_operation_of_the_rules_exists():
    text = RULES.read_text(encoding="utf-8")
    assert set(re.findall(r'reason="(\w+)"', text)) <= set(REJECTIONS)
    assert 'operation=~"search_memories|get_context"' in text


def test_prometheus_takes_the_rules():
    promtool = shutil.which("promtool") or pytest.skip("promtool is not installed")
    done = subprocess.run(
        [promtool, "check", "rules", str(RULES)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_finds_nothing_in_the_metrics():
    promtool = shutil.which("promtool") or pytest.skip("promtool is not installed")
    done = subprocess.run(
        [promtool, "check", "metrics"],
        input=Metrics({"version": "1"}).render(),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
