"""The metrics: what is counted, that they are valid, and that no request adds anything else."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from datetime import datetime, timezone

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from memoryos_server.http.access_log import REJECTIONS, Entry
from memoryos_server.http.app import create_app
from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.http.metrics import Metrics
from memoryos_server.http.pages.health import Health
from memoryos_server.http.pages.metrics import CONTENT_TYPE, MetricsEndpoint
from memoryos_server.http.rate_limit import RateLimiter, parse_rate
from memoryos_server.model.errors import ServiceError

from .sockets import AUTHORIZATION, PATIENCE_SECONDS, parsed, request, running, tags

TOKEN = "a-token-of-the-metrics"
KEY = {"Authorization": "Bearer mos_test_everything"}
BUILD = {"version": "1.2.3", "python": "3.99", "store": "sqlite", "embedder": "none"}


def new_metrics():
    return Metrics(BUILD)


def families(text):
    """Return the families by name; the parser raises on what is no valid metric."""
    return {family.name: family for family in text_string_to_metric_families(text)}


def samples(text):
    """Return the values by name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families(text).values()
        for sample in family.samples
    }


def value(text, name, **labels):
    return samples(text).get((f"memoryos_{name}", frozenset(labels.items())))


def rendered(metrics):
    return metrics.render().decode()


def client(service, metrics, *, token=None, rate=None, **options):
    """A client of an application with metrics."""
    limiter = None if rate is None else RateLimiter(parse_rate(rate))
    dispatcher = Dispatcher(service, rate_limiter=limiter, observe_phases=metrics.phases_ended)
    endpoints = [Health(), MetricsEndpoint(metrics, token)]
    app = create_app(dispatcher, endpoints=endpoints, metrics=metrics, **options)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


@pytest.mark.anyio
async def test_requests_are_counted_by_operation_method_and_status(service):
    metrics = new_metrics()
    async with client(service, metrics) as http:
        await http.get("/v1/tags", headers=KEY)
        await http.head("/v1/tags", headers=KEY)
        await http.post("/v1/search", headers=KEY, json={"query": "a"})
        await http.post("/v1/search", headers=KEY, json={"query": 1})
        await http.options("/v1/tags")
        await http.get("/healthz")
        text = (await http.get("/metrics")).text
    counted = families(text)["memoryos_requests"].samples
    assert {(*sorted(sample.labels.values()), sample.value) for sample in counted} == {
        ("200", "GET", "list_tags", 1),
        ("200", "HEAD", "list_tags", 1),
        ("200", "POST", "search_memories", 1),
        ("400", "POST", "search_memories", 1),
        ("204", "OPTIONS", "unknown", 1),
        ("200", "GET", "healthz", 1),
    }
    assert value(text, "request_duration_seconds_count", operation="search_memories") == 2
    assert value(text, "request_wait_seconds_count") == 4
    assert value(text, "received_bytes_total") == len('{"query":"a"}') + len('{"query":1}')
    assert value(text, "sent_bytes_total") > 100
    assert value(text, "requests_in_progress") == 1  # the one that asks
    assert value(text, "requests_waiting") == 0
    assert value(text, "build_info", **BUILD) == 1


@pytest.mark.anyio
async def test_a_response_is_of_the_type_that_prometheus_reads(service):
    async with client(service, new_metrics()) as http:
        response = await http.get("/metrics")
        head = await http.head("/metrics")
        other = await http.post("/metrics")
    assert response.headers["content-type"] == CONTENT_TYPE
    assert response.headers["x-request-id"].startswith("req_")
    assert response.headers["cache-control"] == "no-store"
    assert (head.status_code, head.content) == (200, b"")
    assert (other.status_code, other.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.anyio
async def test_rejected_requests_are_counted_by_reason_and_have_no_duration(service):
    metrics = new_metrics()
    async with client(service, metrics, rate="1/h") as http:
        for headers in (KEY, KEY, {}, {"Authorization": "Bearer mos_test_wrong"}):
            await http.get("/v1/tags", headers=headers)
    text = rendered(metrics)
    reasons = {
        sample.labels["reason"]: sample.value
        for sample in families(text)["memoryos_requests_rejected"].samples
    }
    assert reasons == {
        **dict.fromkeys(REJECTIONS, 0),
        "rate_limit": 1,
        "authentication": 2,
    }
    assert value(text, "request_duration_seconds_count", operation="list_tags") == 1


@pytest.mark.parametrize(
    ("status", "facts", "reason"),
    [
        (503, {"is_overload": True}, "overload"),
        (503, {}, None),  # the store's
        (429, {"owner": "ada"}, "rate_limit"),
        (429, {}, "failed_auth_limit"),
        (401, {}, "authentication"),
        (403, {"owner": "ada"}, None),
        (408, {}, "timeout"),
        (413, {}, "size"),
        (431, {}, "size"),
        (200, {"owner": "ada"}, None),
    ],
)
def test_the_reason_for_a_rejection(status, facts, reason):
    assert Entry("GET", "/", status, 0.1, "req_1", **facts).rejection == reason


def test_an_overloaded_server_counts_whom_it_rejects_and_who_waits(service):
    """Eight requests hold the threads, two wait for one, and the eleventh is rejected."""
    metrics, entered, go_on = new_metrics(), threading.Event(), threading.Event()
    metrics.request_queued().leave()  # a client that left in the meantime
    search = service.search_memories

    def slow(*arguments, **named):
        entered.set()
        assert go_on.wait(PATIENCE_SECONDS)
        return search(*arguments, **named)

    service.search_memories = slow
    body = b'{"query": "x"}'
    headers = AUTHORIZATION.strip(), b"Content-Type: application/json", b"Content-Length: 14"
    sent = request(b"POST /v1/search HTTP/1.1", *headers, body=body)
    options = {"max_concurrent_requests": 10, "metrics": metrics}
    with running(service, endpoints=[MetricsEndpoint(metrics)], **options) as server:
        connections = [server.connect(sent) for _ in range(10)]
        assert entered.wait(PATIENCE_SECONDS)
        wait_until(lambda: value(rendered(metrics), "requests_waiting") == 2)
        assert value(rendered(metrics), "requests_in_progress") == 10
        assert tags(server) == 503
        go_on.set()
        for connection in connections:
            connection.recv(10)
            connection.close()
        wait_until(lambda: value(rendered(metrics), "requests_in_progress") == 0)
    text = rendered(metrics)
    assert value(text, "requests_rejected_total", reason="overload") == 1
    assert value(text, "requests_waiting") == 0
    assert value(text, "request_wait_seconds_count") == 10


def wait_until(condition):
    deadline = threading.Event()
    for _ in range(PATIENCE_SECONDS * 100):
        if condition():
            return
        deadline.wait(0.01)
    pytest.fail("the condition was never true")


HOSTILE_LINES = [
    b"GET /v1/memories/11111111-2222-4333-8444-555555555555 HTTP/1.1",
    b'GET /v1/memories/a"b%0A{x="y"}%20secret HTTP/1.1',
    b"GET /v1/secret/%2e%2e/tags HTTP/1.1",
    b"SECRET /v1/tags HTTP/1.1",
    b"M-SECRET\xff /healthz HTTP/1.1",
    b"secret",
    b"GET http://secret@x/v1/tags HTTP/1.1",
    b"GET /v1/tags?q=secret HTTP/1.1",
    b"GET /metrics?secret=secret HTTP/1.1",
    b"OPTIONS * HTTP/1.1",
    b"GET /v1/tags HTTP/9.9",
    b"GET /" + b"secret" * 20_000 + b" HTTP/1.1",
]


def test_no_request_adds_a_label_of_its_own(service):
    """Nor any owner, key, path, id or address: labels have the values that the server knows."""
    metrics = new_metrics()
    with running(service, endpoints=[MetricsEndpoint(metrics)], metrics=metrics) as server:
        for line in HOSTILE_LINES:
            for headers in ((), (AUTHORIZATION.strip(),), (b"Authorization: Bearer mos_secret",)):
                with server.connect(request(line, *headers)) as connection:
                    connection.settimeout(PATIENCE_SECONDS)
                    with_reset_ignored(connection)
        text = parsed(server.exchange(request(b"GET /metrics HTTP/1.1")))[2].decode()
    known = defaultdict(set)
    for name, labels in samples(text):
        for label, content in labels:
            if name.startswith("memoryos_"):
                known[label].add(content)
    assert known.keys() == {"le", "method", "operation", "reason", "status", *BUILD}
    assert known["method"] == {"GET", "OPTIONS", "other"}
    assert known["operation"] == {"get_memory", "list_tags", "metrics", "unknown"}
    assert all(status.isdigit() and len(status) == 3 for status in known["status"])
    for secret in ("secret", "somebody", "mos_", "11111111", "127.0.0.1"):
        assert secret not in text.lower()


def with_reset_ignored(connection):
    try:
        while connection.recv(65536):
            pass
    except ConnectionResetError:
        return


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([("Authorization", f"Bearer {TOKEN}")], 200),
        ([("Authorization", f"bearer {TOKEN}")], 200),
        ([], 401),
        ([("Authorization", TOKEN)], 401),
        ([("Authorization", f"Basic {TOKEN}")], 401),
        ([("Authorization", f"Bearer {TOKEN}x")], 401),
        ([("Authorization", f"Bearer {TOKEN[:-1]}")], 401),
        ([("Authorization", "Bearer ")], 401),
        ([("Authorization", b"Bearer \xff\xe9")], 401),
        ([("Authorization", "Bearer mos_test_everything")], 401),
        ([("Authorization", f"Bearer {TOKEN}"), ("Authorization", f"Bearer {TOKEN}")], 401),
    ],
)
async def test_a_token_protects_the_metrics(service, headers, status):
    async with client(service, new_metrics(), token=TOKEN) as http:
        response = await http.get("/metrics", headers=headers)
        head = await http.head("/metrics", headers=headers)
    assert (response.status_code, head.status_code) == (status, status)
    if status == 401:
        assert response.headers["www-authenticate"].startswith("Bearer ")
        assert response.json()["error"]["code"] == "UNAUTHORIZED"
        assert "memoryos_" not in response.text


@pytest.mark.anyio
async def test_requests_for_the_metrics_at_once_share_one_rendering(service):
    """So no number of them can take more than one thread."""
    import anyio

    metrics, entered, go_on, rendered_times = (
        new_metrics(),
        threading.Event(),
        threading.Event(),
        [],
    )

    def render():
        rendered_times.append(1)
        entered.set()
        assert go_on.wait(PATIENCE_SECONDS)
        return b"memoryos_x 1\n"

    metrics.render = render
    answers = []
    async with client(service, metrics) as http, anyio.create_task_group() as tasks:

        async def ask():
            answers.append((await http.get("/metrics")).text)

        for _ in range(5):
            tasks.start_soon(ask)
        await anyio.to_thread.run_sync(entered.wait, PATIENCE_SECONDS)
        with anyio.move_on_after(0.05):
            await http.get("/metrics")  # a client that doesn't wait for the end
        go_on.set()
    assert answers == ["memoryos_x 1\n"] * 5
    assert len(rendered_times) == 1


@pytest.mark.anyio
async def test_an_error_of_a_source_is_a_500_without_its_message(service):
    metrics = new_metrics()

    def fail():
        raise RuntimeError("a secret")

    metrics.add_source("store", fail)
    async with client(service, metrics) as http:
        response = await http.get("/metrics")
    assert response.status_code == 500
    assert "secret" not in response.text


def test_numbers_of_a_source_are_read_at_each_rendering():
    """A count that begins anew, as after a pool was closed, goes on from what it was."""
    metrics, numbers = new_metrics(), {}
    metrics.add_source("store", lambda: numbers)
    assert value(rendered(metrics), "store_pool_connections") is None
    for count, idle, expected in ((5, 3, 5), (7, 1, 7), (2, 0, 9), (2, 0, 9)):
        numbers.update(pool_requests_total=count, pool_idle_connections=idle)
        text = rendered(metrics)
        assert value(text, "store_pool_requests_total") == expected
        assert value(text, "store_pool_idle_connections") == idle


def test_the_time_of_the_last_backup_is_told_where_backups_are_made():
    metrics, at = new_metrics(), datetime(2026, 3, 14, tzinfo=timezone.utc)
    metrics.backup_succeeded(at)
    assert "backup" not in rendered(metrics)
    metrics.expect_backups()
    assert value(rendered(metrics), "backup_last_success_timestamp_seconds") == 0
    metrics.backup_succeeded(at)
    assert value(rendered(metrics), "backup_last_success_timestamp_seconds") == at.timestamp()


def test_calls_of_the_embedder_are_counted():
    metrics = new_metrics()
    metrics.embedded(3, 0.2, failed=False)
    metrics.embedded(2, 0.2, failed=True)
    text = rendered(metrics)
    assert value(text, "embedder_texts_total") == 5
    assert value(text, "embedder_errors_total") == 1
    assert value(text, "embedder_call_duration_seconds_count") == 2


def test_all_names_have_the_prefix_a_unit_and_a_sentence():
    """Those of the process are the client library's."""
    found = families(rendered(new_metrics()))
    for name, family in found.items():
        assert name.startswith(("memoryos_", "process_")), name
        assert family.documentation.endswith("."), name
        if family.type == "histogram":
            assert name.endswith("_seconds")


@pytest.mark.anyio
async def test_a_failed_operation_is_counted_as_one(service):
    metrics = new_metrics()
    service.error = ServiceError(503, "UNAVAILABLE", "busy")
    async with client(service, metrics) as http:
        response = await http.get("/v1/tags", headers=KEY)
    assert json.loads(response.content)["error"]["code"] == "UNAVAILABLE"
    labels = {"operation": "list_tags", "method": "GET", "status": "503"}
    assert value(rendered(metrics), "requests_total", **labels) == 1
