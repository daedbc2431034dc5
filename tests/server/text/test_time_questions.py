"""Questions about time, and sentences that only look like one."""

from __future__ import annotations

import pytest

from memoryos_server.text.temporal_expressions import extract_dates
from memoryos_server.text.time_questions import parse_query_time

WHEN = "clock date year"

QUESTIONS = [
    ("When is Hannah's birthday?", WHEN),
    ("When's the wedding?", WHEN),
    ("When’s the wedding?", WHEN),  # noqa: RUF001
    ("when did we meet", WHEN),
    ("When exactly did we meet?", WHEN),
    ("We are planning a party. When was Bo born?", WHEN),
    ("In Paris, when did we meet?", WHEN),
    ("wedding when?", WHEN),
    ("When we met Bo?", WHEN),
    ("When to water the ferns?", WHEN),
    ("Do you know when the dentist appointment is?", WHEN),
    ("Can you tell me when Bo's train arrives?", WHEN),
    ("Until when is the shop open?", WHEN),
    ("What time does the bakery open?", "clock"),
    ("How late is it open?", "clock"),
    ("How long did it take?", "duration"),
    ("How many days did the trip last?", "duration"),
    ("Since when has Bo lived in Ghent?", "date year"),
    ("And since when is she here?", "date year"),
    ("How long ago did he quit?", "date year"),
    ("On which day is the concert?", "date"),
    ("In which month was it?", "date"),
    ("What is Hannah's birthday?", "date"),
    ("What year was the house built?", "year"),
    ("How often does Ana run?", "frequency"),
    ("Wann hat Hannah Geburtstag?", WHEN),
    ("Um wie viel Uhr öffnet die Bäckerei?", "clock"),
    ("Wie lange hat es gedauert?", "duration"),
    ("Seit wann wohnt Bo in Gent?", "date year"),
    ("¿Cuándo es el cumpleaños de Ana?", WHEN),
    ("¿cuando es la boda?", WHEN),
    ("¿A qué hora abre?", "clock"),
    ("¿Cuánto tiempo duró?", "duration"),
    ("Quand est l'anniversaire d'Anna ?", WHEN),
    ("À quelle heure part le train ?", "clock"),
    ("Depuis quand habite-t-il ici ?", "date year"),
    ("Combien de temps cela a-t-il duré ?", "duration"),
    ("Quando è nato Marco?", WHEN),
    ("A che ora parte?", "clock"),
    ("Wanneer is Bo jarig?", WHEN),
    ("Когда у Анны день рождения?", WHEN),  # noqa: RUF001
    ("什么时候开会？", WHEN),  # noqa: RUF001
    ("我几点起床？", "clock"),  # noqa: RUF001
    ("旅行了多久？", "duration"),  # noqa: RUF001
    ("誕生日はいつですか", WHEN),
    ("何時に起きますか", "clock"),
    ("どのくらいかかりましたか", "duration"),
    ("언제 만났어요?", WHEN),
    ("몇 시에 일어나요?", "clock"),
    ("हम कब मिले?", WHEN),
    ("कितने बजे उठते हो?", "clock"),
    ("متى عيد ميلاد آنا؟", WHEN),
]

OTHER_SENTENCES = [
    "",
    "When the doctor prescribes antibiotics, what must she know?",
    "When I cook, what should I avoid?",
    "When I cook what must I avoid?",
    "When cooking for Bo, which spices are out?",
    "When I travel, should I take pills?",
    "When in doubt, whom do I ask?",
    "When you book flights for me, remember the aisle seat",
    "Whenever I fly, what do I take?",
    "tell me when you are back",
    "Do you remember when we met Bo?",
    "What did she say when he came?",
    "Who calls when the alarm goes off?",
    "How did it go?",
    "How long is the table?",
    "What is the best time of the year",
    "The last time we met",
    "Wenn ich koche, was muss ich vermeiden?",
    "Was sagte sie, als er kam?",
    "Cuando cocino, ¿qué debo evitar?",
    "Quand je cuisine, que dois-je éviter ?",
    "Quando cucino, cosa devo evitare?",
    "Wanneer ik kook, wat moet ik vermijden?",
    "Когда я готовлю, чего избегать?",
    "我做饭的时候要注意什么？",  # noqa: RUF001
    "いつもの店はどこ",
    "いつか行きたい店",
    "जब मैं खाना बनाता हूँ तो क्या",
]


@pytest.mark.parametrize(("query", "kinds"), QUESTIONS)
def test_a_question_asks_for_a_kind_of_time(query, kinds):
    assert parse_query_time(query).asks_for == set(kinds.split())


@pytest.mark.parametrize("query", OTHER_SENTENCES)
def test_a_clause_or_another_question_asks_for_none(query):
    assert not parse_query_time(query).asks_for


def test_the_dates_that_a_query_names_count_without_a_question_about_time():
    query = "What did Ana say on 8 May 2023?"
    time = parse_query_time(query)
    assert (
        (time.months, time.parts) == extract_dates(query) == (("month 5",), ("day 8", "year 2023"))
    )
    assert not time.asks_for


def test_the_last_question_of_a_dialogue_counts():
    dialogue = (
        "Our dog has run away. Oh no! When did that happen? Last night, we looked everywhere. "
    )
    assert parse_query_time(dialogue).asks_for
    assert not parse_query_time(f"{dialogue}Would you like to play something instead?").asks_for
    assert parse_query_time("When is the wedding? And who comes?").asks_for


def test_digits_of_other_scripts_are_read():
    assert parse_query_time("２０２３年５月８日に何をした").months == ("month 5",)
