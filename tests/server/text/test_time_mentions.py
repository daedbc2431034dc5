"""The kinds of times that a text mentions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_server.text.time_mentions import TIME_KINDS, time_kinds

MENTIONS = [
    ("I came last week", "date"),
    ("On Sunday", "date"),
    ("during the summer holidays", "date"),
    ("on Christmas Eve", "date"),
    ("the 3rd of May", "date"),
    ("Her birthday is on May 3", "date"),
    ("It is due on the 3rd.", "date"),
    ("in spring", "date"),
    ("on her last birthday", "date"),
    ("in the fall", "date"),
    ("2026-03-02", "date year"),
    ("3.5.2026", "date year"),
    ("two years ago", "date duration"),
    ("It is at 7", "clock"),
    ("at noon", "clock"),
    ("at dawn", "clock"),
    ("at 5 pm", "clock"),
    ("at 5:30 p.m.", "clock"),
    ("17:30", "clock"),
    ("half past six", "clock"),
    ("We eat at seven.", "clock"),
    ("We eat at 19.", "clock"),
    ("It is due on May 30", "date"),
    ("um halb acht", "clock"),
    ("eight o'clock", "clock"),
    ("this morning", "clock date"),
    ("in 2019", "year"),
    ("in the nineties", "year"),
    ("May 3, 2019", "date year"),
    ("five hours", "duration"),
    ("a week", "duration"),
    ("for weeks", "duration"),
    ("40 minutes", "duration"),
    ("three times a week", "frequency"),
    ("every Monday", "date frequency"),
    ("every morning", "clock frequency"),
    ("um 8 Uhr", "clock"),
    ("Das dauert drei Stunden", "duration"),
    ("vor zwei Wochen", "date duration"),
    ("jeden Dienstag", "date frequency"),
    ("an Weihnachten", "date"),
    ("la semana pasada", "date"),
    ("a las 5 horas", "clock"),
    ("hace tres años", "date duration"),
    ("en été", "date"),
    ("le 3 mai", "date"),
    ("à 5 heures", "clock"),
    ("deux fois par mois", "frequency"),
    ("à midi", "clock"),
    ("pendant deux heures", "duration"),
    ("la settimana scorsa", "date"),
    ("em 2019", "year"),
    ("elke dag", "frequency"),
    ("в 5 часов", "clock"),
    ("два часа", "duration"),
    ("昨天", "date"),
    ("三个月", "duration"),
    ("下午三点", "clock"),
    ("每天早上", "clock frequency"),
    ("2019年", "year"),
    ("3年間", "duration"),
    ("夏休み", "date"),
    ("कल सुबह", "clock date"),
    ("दो घंटे", "duration"),
    ("작년 여름", "date"),
    ("3시간", "duration"),
    ("เมื่อวาน", "date"),
]

NO_TIMES = [
    "",
    "It lasts",
    "room 204",
    "2 cups of flour",
    "call 555 2019",
    "Her phone number is 0171 5550123",
    "24 Elm Street",
    "Meet at 24 Elm Street",
    "We live at 31.",
    "version 2.5.1",
    "rated 3/5",
    "the second floor",
    "on the 3rd floor",
    "He may go",
    "a cake for Hannah's birthday",
    "spring onions",
    "They march on",
    "She broke her leg in a fall",
    "Il a été malade",
    "一点点",
    "いつも",
]


@pytest.mark.parametrize(("text", "kinds"), MENTIONS)
def test_a_text_mentions_times_in_digits_and_in_words(text, kinds):
    assert time_kinds(text) == set(kinds.split())


@pytest.mark.parametrize("text", NO_TIMES)
def test_other_numbers_and_words_are_no_times(text):
    assert not time_kinds(text)


@given(st.text())
def test_the_kinds_are_those_that_are_listed(text):
    assert time_kinds(text) <= set(TIME_KINDS)
