"""Output of commands: columns, tables, bars, colours and progress."""

from __future__ import annotations

import io
import json
import re
import sys
from datetime import datetime, timezone

import pytest

from memoryos._cli.output import plain_progress
from memoryos._cli.output.bars import Bar, draw_bar
from memoryos._cli.output.console import LazyRichConsole, open_console, print_json
from memoryos._cli.output.plain_output import PlainConsole, format_columns
from memoryos._cli.output.rich_output import format_count
from memoryos._cli.output.tables import memories, memory_card

from ..answers import ID, memory

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=timezone.utc)
STYLES = re.compile("\x1b\\[[0-9;]*m")
LISTING = memories([memory(content="c" * 300)], NOW)


def terminal(monkeypatch, columns=80, **environment):
    """Let rich take this process's streams for a terminal."""
    for name, value in {"FORCE_COLOR": "1", "COLUMNS": columns, **environment}.items():
        monkeypatch.setenv(name, str(value))


def test_plain_columns_fit_the_terminal_and_a_pipe_gets_all():
    """Cut with an ellipsis, or not at all."""
    assert [len(line) <= 80 for line in format_columns(LISTING, 80)] == [True, True]
    assert format_columns(LISTING, 80)[1].endswith("…")
    assert format_columns(LISTING, None)[1].endswith("c" * 300)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_table_fits_the_terminal_and_keeps_the_whole_id(monkeypatch, capsys, width):
    """An id that is cut can't be copied."""
    terminal(monkeypatch, width, NO_COLOR="1")
    open_console().listing(LISTING)
    lines = STYLES.sub("", capsys.readouterr().out).splitlines()
    assert max(map(len, lines)) <= width
    assert any(ID in line for line in lines)


@pytest.mark.parametrize("is_terminal", [True, False])
def test_no_text_controls_the_terminal(monkeypatch, capsys, is_terminal):
    """Wherever it comes from, and with rich, which lets escapes pass."""
    if is_terminal:
        terminal(monkeypatch)
    evil, console = "\x1b]0;gone\x07\x9b2J\u202e\r", open_console()
    odd = memory(id=evil, content=evil, tier=evil, memory_nature=evil, pii_fields=[evil])
    console.listing(memories([odd], NOW))
    console.card(memory_card(odd, NOW))
    console.bars([Bar(evil, 0.5, evil)])
    console.line(evil)
    console.note(evil)
    console.error(evil)
    written = capsys.readouterr()
    shown = STYLES.sub("", written.out + written.err)
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\r"} & set(shown)
    assert "\N{REPLACEMENT CHARACTER}" in shown


def test_colours_are_for_terminals_that_want_them(monkeypatch, capsys):
    """`NO_COLOR` takes them away; a pipe never gets any."""
    console = open_console()
    assert isinstance(console, LazyRichConsole)
    console.line("x", "good")
    console.listing(LISTING)
    console.card(memory_card(memory(), NOW))
    console.bars([Bar("short", 0.5, "3", "short")])
    console.error("bad")
    with console.progress("Doing", 3) as progress:
        progress.update(1)
    written = capsys.readouterr()
    assert "\x1b" not in written.out + written.err
    terminal(monkeypatch)
    open_console().line("x", "good")
    assert "\x1b[32m" in capsys.readouterr().out
    terminal(monkeypatch, NO_COLOR="1")
    open_console().line("x", "good")
    assert "\x1b[3" not in capsys.readouterr().out


def test_what_a_memory_says_is_no_markup(monkeypatch, capsys):
    """Brackets and emoji names stay as they are."""
    terminal(monkeypatch, NO_COLOR="1")
    text = "[bold]a[/bold] :smile:"
    open_console().listing(memories([memory(content=text)], NOW))
    open_console().card(memory_card(memory(content=text), NOW))
    assert capsys.readouterr().out.count(text) == 2


def test_without_the_extra_everything_is_plain(monkeypatch, capsys):
    """The same commands, the same facts."""
    monkeypatch.setattr("memoryos._cli.output.console.find_spec", lambda name: None)
    console = open_console()
    assert isinstance(console, PlainConsole)
    console.card(memory_card(memory(), NOW))
    assert capsys.readouterr().out.startswith("Ada drinks her coffee black\n")


def test_bars_share_a_scale_and_never_vanish():
    """In eighths of a character where there are blocks, in # where there are none."""
    assert [draw_bar(share, 4, blocks=True) for share in (0, 0.001, 0.5, 0.53125, 1)] == [
        "",
        "▏",
        "██",
        "██▏",
        "████",
    ]
    assert [draw_bar(share, 4, blocks=False) for share in (0, 0.001, 1)] == ["", "#", "####"]


def test_an_output_without_the_characters_gets_others(capsysbinary, monkeypatch):
    """A question mark is better than a traceback."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    console = open_console()
    console.line("茶")
    console.bars([Bar("short", 1.0, "3")])
    print_json({"a": "茶"})
    stream.flush()
    lines = stream.buffer.getvalue().decode("ascii").splitlines()
    assert lines[0] == "?"
    assert "###" in lines[1]
    assert lines[2] == '{"a": "\\u8336"}'


@pytest.mark.parametrize(
    ("done", "total", "elapsed", "line"),
    [
        (0, 10, 0.0, "Importing …"),
        (1200, 5000, 12.0, "Importing 1,200 of 5,000 (24 %), 100/s, 38 s left"),
        (1200, None, 12.0, "Importing 1,200, 100/s"),
        (1, 4, 2.0, "Importing 1 of 4 (25 %), 0.5/s, 6 s left"),
        (5, 5, 0.0, "Importing 5 of 5 (100 %)"),
        (5, 5, 1.0, "Importing 5 of 5 (100 %), 5/s"),
        (2, 3, 1.0, "Importing 2 of 3 (67 %), 2/s, 0 s left"),
        (999, 1000, 0.0, "Importing 999 of 1,000 (99 %)"),
        (1, 1000, 0.0, "Importing 1 of 1,000 (<1 %)"),
        (7, 5, 1.0, "Importing 7, 7/s"),
    ],
)
def test_progress_is_told_with_rate_and_time_left(done, total, elapsed, line):
    """As far as they can be known."""
    assert plain_progress.progress_line("Importing", done, total, elapsed) == line


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, ""), (0, "0 s left"), (40.2, "40 s left"), (7300.0, "2 h left")]
)
def test_only_a_known_time_is_left(seconds, text):
    rich_output = pytest.importorskip("memoryos._cli.output.rich_output")
    assert rich_output.format_time_left(seconds) == text


@pytest.mark.parametrize("total", [None, 0])
def test_a_rich_progress_without_a_total_has_no_time_left(total):
    progress = pytest.importorskip("rich.progress")
    from memoryos._cli.output.rich_output import _TimeLeftColumn

    bar = progress.Progress(_TimeLeftColumn())
    bar.add_task("Importing", total=total)
    assert "left" not in _TimeLeftColumn().render(bar.tasks[0]).plain


def test_a_progress_line_is_written_over_and_taken_away():
    """A few times a second at most, however often it is told."""
    now = [0.0]
    stream = io.StringIO()
    progress = plain_progress.PlainProgress(stream, "Doing", 100, lambda: now[0])
    for done in range(1, 101):
        now[0] += 0.01
        progress.update(done)
    progress.clear()
    drawn = stream.getvalue().split("\r\x1b[K")
    assert 4 <= len(drawn) <= 8
    assert drawn[-1] == ""


def test_a_bar_tells_counts_and_rates():
    """Also where it goes slowly, or nobody knows how many there are."""
    assert format_count(1200, 5000, 95.2) == "1,200 of 5,000, 95/s"
    assert format_count(3, None, 0.1) == "3, one in 10 s"
    assert format_count(0, 5, None) == "0 of 5"


def test_json_steers_no_terminal_and_keeps_its_value(capsys):
    """What JSON doesn't escape by itself, print_json does; other readers get the same value."""
    value = {"id": "\x1b[2J\x9b2J\x7f\x85\u2028\u202e\ud800", "content": "Tee für 茶😀"}
    print_json(value)
    (line,) = capsys.readouterr().out.split("\n")[:-1]
    assert line.isprintable()
    assert "Tee für 茶😀" in line
    assert json.loads(line) == value
