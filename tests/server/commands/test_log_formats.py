"""The two formats of the log: what a line has, and what it never has."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import sys
import threading
import warnings

import pytest

from memoryos_server.commands.log_formats import JSONFormatter, TextFormatter
from memoryos_server.commands.logging_setup import log_to_standard_error
from memoryos_server.http.access_log import Entry, log_request
from memoryos_server.http.error_log import log_unhandled_error

SECRET = "the alarm code is 4711"


def record(message, *arguments, error=None, level=logging.WARNING):
    info = None if error is None else (type(error), error, error.__traceback__)
    made = logging.LogRecord("some.logger", level, __file__, 1, message, arguments, info)
    made.created = 1_773_480_413.5894
    return made


def in_json(*arguments, **named):
    line = JSONFormatter().format(record(*arguments, **named))
    assert "\n" not in line
    assert line.isascii()
    return json.loads(line)


def raised(error):
    try:
        raise error
    except type(error) as caught:
        return caught


def logged(capfd, work, *, as_json=True, level=logging.DEBUG):
    """Return the lines that are written while `work` is done."""
    with log_to_standard_error(level, as_json=as_json):
        work()
    lines = capfd.readouterr().err.splitlines()
    return [json.loads(line) for line in lines] if as_json else lines


def test_every_line_has_time_level_logger_and_message():
    assert in_json("%s of %s", 3, "x") == {
        "ts": "2026-03-14T09:26:53.589Z",
        "level": "warning",
        "logger": "some.logger",
        "message": "3 of x",
    }


@pytest.mark.parametrize(
    "text",
    [
        '"}\n{"level": "forged"}',
        "\r\n\x00\x1b[31m\x85\u2028\u2029",
        "é 日本 😀",
        "\\ud800",
        "{}",
        "",
    ],
)
def test_a_message_is_kept_and_forges_no_line(text):
    assert in_json("%s", text)["message"] == text


@pytest.mark.parametrize("text", ["\ud800", "a\udc80b", "\udfff\ud800"])
def test_half_a_character_is_replaced(text):
    """A strict parser rejects its escape."""
    message = in_json("%s", text)["message"]
    assert message.encode() == text.encode("utf-8", "replace")


def test_a_whole_character_beside_half_a_one_stays():
    assert in_json("%s", "😀\ud800")["message"] == "😀?"


@pytest.mark.parametrize("formatter", [JSONFormatter(), TextFormatter()])
def test_keys_and_passwords_are_left_out(formatter):
    text = "can't reach postgresql://ada:hidden@h/db with mos_live_0123456789abcdef"
    line = formatter.format(record(text))
    assert "hidden" not in line
    assert "0123456789" not in line
    assert "can't reach" in line


@pytest.mark.parametrize("formatter", [JSONFormatter(), TextFormatter()])
def test_a_traceback_has_the_lines_and_not_the_message(formatter):
    error = raised(RuntimeError(SECRET))
    error.__cause__ = raised(LookupError(SECRET))
    line = formatter.format(record("it failed", error=error))
    assert "4711" not in line
    assert "builtins.RuntimeError at" in line
    assert "builtins.LookupError at" in line
    assert "in raised" in line


@pytest.mark.parametrize("as_json", [False, True])
def test_a_failed_task_of_asyncio_is_logged_without_its_message(capfd, as_json):
    """asyncio shows the exception in its own message."""

    async def fail():
        raise RuntimeError(SECRET)

    async def main():
        task = asyncio.ensure_future(fail())
        await asyncio.wait([task])
        del task
        gc.collect()

    text = json.dumps(logged(capfd, lambda: asyncio.run(main()), as_json=as_json))
    assert "Task exception was never retrieved" in text
    assert "builtins.RuntimeError at" in text
    assert "4711" not in text


def test_a_traceback_is_one_field():
    line = in_json("it failed", error=raised(ValueError(SECRET)))
    assert line["message"] == "it failed"
    assert line["traceback"].splitlines()[0] == "builtins.ValueError at"


def test_a_request_has_its_facts_as_fields(capfd):
    entry = Entry(
        "POST",
        "/v1/memories",
        429,
        0.0123456,
        "req_1",
        operation="create_memory",
        owner="ada",
        key_id="key_1",
        client="192.0.2.7:50000",
        received_bytes=3,
        sent_bytes=4,
    )
    (line,) = logged(capfd, lambda: log_request(entry), level=logging.INFO)
    del line["ts"]
    assert line == {
        "level": "info",
        "logger": "memoryos_server.access",
        "message": "POST /v1/memories 429",
        "request_id": "req_1",
        "method": "POST",
        "path": "/v1/memories",
        "operation": "create_memory",
        "status": 429,
        "rejection": "rate_limit",
        "duration_ms": 12.346,
        "owner": "ada",
        "key_id": "key_1",
        "client": "192.0.2.7:50000",
        "received_bytes": 3,
        "sent_bytes": 4,
    }


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/a\r\n{}", "/a%0D%0A{}"),
        ("/v1/mos_test_0123456789abcdef", "/v1/mos_..."),
        ("/v1/%6dos_test_0123456789abcdef", "/v1/mos_..."),
        ("", "-"),
    ],
)
def test_a_path_is_cleaned_as_in_the_text(capfd, path, shown):
    (line,) = logged(capfd, lambda: log_request(Entry("GET", path, 404, 0, "req_1")))
    assert (line["path"], line["message"]) == (shown, f"GET {shown} 404")
    assert (line["owner"], line["client"], line["operation"]) == (None, None, "unknown")


def test_an_unhandled_error_has_its_request_and_its_lines(capfd):
    def fail():
        error = raised(RuntimeError(SECRET))
        log_unhandled_error(error, operation="GET /tags", request_id="req_1")

    (line,) = logged(capfd, fail)
    assert (line["message"], line["request_id"]) == ("GET /tags failed", "req_1")
    assert line["traceback"].startswith("builtins.RuntimeError at\n")
    assert SECRET not in json.dumps(line)


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.filterwarnings("always")
def test_what_python_writes_to_standard_error_is_logged(capfd, as_json):
    """Warnings, and exceptions of threads and finalizers, without their messages."""

    class Unfinished:
        def __del__(self):
            raise RuntimeError(SECRET)

    def fail():
        raise RuntimeError(SECRET)

    def work():
        warnings.warn("an old option", DeprecationWarning, stacklevel=1)
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
        Unfinished()
        leaving = threading.Thread(target=sys.exit)
        leaving.start()
        leaving.join()

    hooks = threading.excepthook, sys.unraisablehook, warnings.showwarning
    text = json.dumps(logged(capfd, work, as_json=as_json))
    assert "an old option" in text
    assert "a thread failed" in text
    assert "a finalizer failed" in text
    assert "SystemExit" not in text
    assert SECRET not in text
    assert (threading.excepthook, sys.unraisablehook, warnings.showwarning) == hooks
