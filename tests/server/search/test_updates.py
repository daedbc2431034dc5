"""Updates: which pairs of texts are some, and where they come in the results."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import permutations
from pathlib import Path

import pytest

from memoryos_server.search.combined_score import RankedMemory
from memoryos_server.search.explanation import explanation
from memoryos_server.search.updates import is_update, with_updates
from memoryos_server.service.memory_changes import new_memory
from memoryos_server.text.statements import read_statement

NOW = datetime(2026, 11, 22, 10, tzinfo=timezone.utc)
PAIRS = Path(__file__).parents[2] / "retrieval" / "sets" / "update_pairs.jsonl"
MIN_FOUND, MAX_MISTAKEN = 14, 2


def updates(earlier, later):
    old, new = read_statement(earlier), read_statement(later)
    return old is not None and new is not None and is_update(old, new)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("Bo lives in Ghent", "Bo moved to Antwerp in March"),
        ("Bo lives in Ghent", "Bo lives in Antwerp"),
        ("I live in Porto with my cat", "I've moved to Braga for the new job"),
        ("Ana works at Siemens", "Ana started a new job at Bosch"),
        ("Ana works as a nurse", "Ana now works as a midwife"),
        ("The user is vegetarian", "The user has started eating fish again"),
        ("My favourite colour is blue", "My favourite color is green now"),
        ("The rent is 900 euros a month", "The rent went up to 1100 euros a month"),
        (
            "The dentist appointment is on Tuesday at 10:00",
            "The dentist appointment was moved to Thursday at 14:00",
        ),
        ("The WiFi password is sunflower42", "The WiFi password was changed to moonlight77"),
        ("Ivo's phone number is 0471 22 33 44", "Ivo has a new phone number: 0499 11 22 33"),
        ("Bo drives a red Skoda", "Bo sold the Skoda and gets around by cargo bike"),
        ("Mia drinks three cups of coffee a day", "Mia no longer drinks coffee"),
        ("Mia smokes", "Mia quit smoking in January"),
        ("Tom is dating Laura", "Tom and Laura broke up"),
        ("Sara is engaged to Paul", "Sara got married to Paul in June"),
        ("The team meets every Monday at 9", "The team now meets on Wednesdays at 11"),
        ("We use PostgreSQL 14 in production", "We upgraded production to PostgreSQL 16"),
        ("The deploy branch is master", "The deploy branch is main since the migration"),
        ("Our landlord is Mr. Novak", "Our new landlord is Mrs. Dvorak"),
        ("Bo weighs 82 kg", "Bo weighs 78 kg"),
        ("Lena is 7 years old", "Lena is 8 years old"),
        ("The gym closes at 22:00", "The gym closes at 21:00"),
        ("The project deadline is 3 May", "The project deadline has been pushed to 17 May"),
        ("Kim's manager is Rosa", "Kim's manager is Daniel"),
        ("Eva takes the train to work", "Eva switched from the train to her bike for commuting"),
        ("Jon studies law in Leuven", "Jon dropped out of law and studies design instead"),
        ("The book club is on the first Friday of the month", "The book club has been cancelled"),
        ("Dana doesn't eat meat", "Dana eats meat again"),
        ("Nils plays tennis every Sunday", "Nils gave up tennis because of his elbow"),
        ("I use an iPhone 12", "I replaced my iPhone with a Pixel 8"),
        ("Grandma lives at Oak Street 4", "Grandma lives in the care home on Mill Lane now"),
        ("Pia's email is pia@old.example", "Pia's email is pia@new.example"),
        ("The office is on the third floor", "The office moved to the fifth floor"),
        ("I take 50 mg of sertraline", "I take 100 mg of sertraline"),
        ("Max is allergic to cats", "Max is no longer allergic to cats"),
        ("Lou is unemployed", "Lou found a job at the library"),
        ("The flight leaves at 7:40", "The flight leaves at 9:15 instead of 7:40"),
        ("Tess prefers dark mode", "Tess prefers light mode these days"),
        (
            "Kata rents a room in the old brewery",
            "Kata has moved into a flat of her own by the canal",
        ),
        (
            "Kata works as a pastry chef at the Bellevue",
            "Kata left the Bellevue and took over a bakery in Sopron",
        ),
        ("Kata is seeing a carpenter called Joos", "Kata and Joos have split up"),
        (
            "The alarm code for Kata's studio is 4410",
            "Kata changed the studio's alarm code to 8823",
        ),
        (
            "Kata's violin teacher charges 40 euros a lesson",
            "The violin teacher charges 48 euros a lesson",
        ),
        ("Kata has yoga on Tuesdays and Fridays", "Kata's yoga is on Wednesdays now"),
        (
            "Kata plans to spend the summer in Crete",
            "Kata will go to Norway instead of Crete this summer",
        ),
        ("The van is at the garage", "The van has been repaired and is back"),
        ("The invoice of the roofer is still unpaid", "The roofer's invoice has been paid"),
        ("Kata cycles to work", "Kata takes the tram to work since the accident"),
        ("My parents live in Graz", "My parents have moved to Linz to be near us"),
        ("The shop is open until 18:00", "The shop is open until 20:00"),
        ("Our son's class has 24 children", "Our son's class has 26 children since Easter"),
        ("Kata is on a keto diet", "Kata has given up the keto diet"),
        ("The concert is on 12 June in the park", "The concert was postponed to 3 July"),
        ("Kata has two hens", "Kata has five hens now"),
        ("Zoe can't swim yet", "Zoe can swim now"),
        ("The book club was moved to Thursday", "The book club is cancelled"),
        ("Zoe goes to kindergarten", "Zoe started school in September"),
        ("The bike is locked with code 771", "The bike lock has a new code: 905"),
        (
            "I read the Guardian every morning",
            "I cancelled my Guardian subscription and read nothing but poems",
        ),
    ],
)
def test_a_changed_value_is_an_update(earlier, later):
    assert updates(earlier, later)
    assert updates(f"Ada: {earlier}", f"Ada: {later}")


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("Bo lives in Ghent", "Ann lives in Antwerp"),
        ("Bo lives in Ghent", "Bo visited Antwerp"),
        ("Bo lives in Ghent", "Bo plans to move to Antwerp"),
        ("Bo lives in Ghent", "Bo's sister lives in Antwerp"),
        ("Bo lives in Ghent", "Bo works in Antwerp"),
        ("Ana works at Siemens", "Ana works as an engineer"),
        ("Ana works at Siemens", "Anna works at Bosch"),
        ("Ana works at Siemens", "Ana applied for a job at Bosch"),
        ("Ana speaks Spanish", "Ana speaks French"),
        ("Ana has a cat named Tom", "Ana has a dog named Rex"),
        ("The table is 180 cm long", "The table is 90 cm wide"),
        ("The table is 180 cm long", "The table is 1.8 m long"),
        ("Bo is 182 cm tall", "Bo weighs 82 kg"),
        ("Bo ran 5 km on Monday", "Bo ran 7 km on Tuesday"),
        ("Bo paid 20 euros for lunch", "Bo paid 25 euros for lunch"),
        ("Buy milk", "Buy eggs"),
        ("Mia likes jazz", "Mia likes hiking"),
        ("Mia likes jazz", "Mia now also likes techno"),
        ("Tom read Dune", "Tom read Emma"),
        ("The dentist appointment is on Tuesday at 10:00", "The haircut is on Thursday at 14:00"),
        ("Where does Bo live?", "Bo lives in Ghent"),
        ("Does Ana still work at Siemens?", "Ana works at Bosch"),
        ("The kitchen is blue", "The bathroom is green"),
        ("My favourite colour is blue", "My favourite food is lasagne"),
        ("My brother's name is Tim", "My sister's name is Tina"),
        ("The WiFi password is sunflower42", "The laptop password is moonlight77"),
        ("Ivo's phone number is 0471 22 33 44", "Eva's phone number is 0499 11 22 33"),
        ("Bo drives a red Skoda", "Bo's wife drives a blue Fiat"),
        ("Mia drinks coffee in the morning", "Mia drinks tea in the evening"),
        ("Lena was born in 2015", "Lena started school in 2021"),
        ("We use PostgreSQL in production", "We use SQLite in the tests"),
        ("Kim's manager is Rosa", "Kim's dentist is Daniel"),
        ("Sara is a doctor", "Sara is very tall"),
        ("The flight to Rome leaves at 7:40", "The flight to Oslo leaves at 9:15"),
        ("Jon studied law in Leuven", "Jon works as a lawyer in Brussels"),
        ("I went to Lisbon in May", "I went to Porto in June"),
        ("Paul wants to buy a boat", "Paul has a car"),
        ("Max is allergic to cats", "Max is allergic to penicillin"),
        ("Max is allergic to cats", "Max has adopted a dog"),
        ("Eva takes the train to work", "Eva drives to the mountains at weekends"),
        ("The team meets every Monday at 9", "The team had lunch together on Friday"),
        ("Bo moved to Ghent in 2019", "Bo moved the meeting to Thursday"),
        ("Grandma lives at Oak Street 4", "Grandma was in hospital last week"),
        ("Lena is 7 years old", "Lena's brother is 9 years old"),
        ("The rent is 900 euros", "The deposit is 1800 euros"),
        ("Dinner with Pia on Friday at 19:00", "Dinner with Max on Saturday at 20:00"),
        ("Tess prefers dark mode", "Tess prefers window seats"),
        ("Nils plays tennis every Sunday", "Nils plays chess on Thursdays"),
        ("The car needs new tyres", "The car was washed yesterday"),
        ("I take 50 mg of sertraline", "I take 20 mg of omeprazole"),
        ("Remember to call the bank", "Remember to call the plumber"),
        ("Ada: I live in Ghent", "Bo: I live in Antwerp"),
        ("Ada is thinking about quitting her job", "Ada works at the bakery"),
        ("Bo used to live in Paris", "Bo lives in Ghent"),
        ("Tom's favourite band is Muse", "Tom's favourite film is Alien"),
        ("Milo barks at the postman", "Milo sleeps on the sofa"),
        ("The recipe needs 200 g of flour", "The recipe needs 100 g of sugar"),
        ("Version 2.1 fixed the login bug", "Version 2.2 added exports"),
        ("Eva's birthday is on 3 May", "Eva's wedding is on 17 June"),
        ("Lou owes me 20 euros", "I owe Lou 5 euros"),
        ("I have two meetings on Monday", "I have three meetings on Wednesday"),
        ("Kata rents a room in the old brewery", "Kata spent a weekend in a flat by the canal"),
        ("Kata works as a pastry chef at the Bellevue", "Kata has joined a choir"),
        ("Kata works as a pastry chef at the Bellevue", "The Bellevue has a new menu"),
        ("Kata is seeing a carpenter called Joos", "Joos has repaired the window"),
        ("The alarm code for Kata's studio is 4410", "Kata's studio has two windows"),
        ("Kata has yoga on Tuesdays and Fridays", "Kata has choir on Wednesdays"),
        ("Kata plans to spend the summer in Crete", "Kata spent the summer in Crete"),
        ("The van is at the garage", "The van is white"),
        ("The cat is called Miso", "The dog is called Mochi"),
        ("I'm looking for a babysitter", "I found my keys under the sofa"),
        ("Kata cycles to work", "Kata took the tram to the opera yesterday"),
        ("My parents live in Graz", "My parents have been married for 40 years"),
        ("The shop is open until 18:00", "The shop is on Main Street"),
        ("The shop on Main Street closes at 18:00", "The shop on Mill Lane closes at 20:00"),
        ("Emil is the captain of the team", "Emil has a new bike"),
        ("Kata has two hens", "Kata has five cousins"),
        ("Zoe goes to kindergarten", "Zoe goes to ballet"),
        ("I read the Guardian every morning", "I bought the Guardian again today"),
        ("The concert is on 12 June in the park", "The exam is on 14 June in the hall"),
        ("Noah sold his drums", "Noah plays the drums in a band"),
        ("Kata likes her new job", "Kata likes her new flat"),
        ("Vera stopped at the market", "Vera sells honey at the market"),
        ("Uncle Pete lives near Cork", "Uncle Pete now has a parrot"),
        ("Rosa's flat has 60 square metres", "Rosa's flat costs 900 euros"),
        ("Rosa's flat has 60 square metres", "Rosa has painted the flat green"),
        ("The printer is in room 12", "The printer is out of paper"),
        ("Sven is vegan", "Sven cooked a stew for his vegan friends again"),
        ("Our train leaves at 8:05", "Our bus leaves at 9:10"),
        ("Leo has a piano lesson on Monday", "Leo has a maths test on Friday"),
        ("The budget for the garden is 2,000 euros", "The budget for the roof is 9,000 euros"),
        ("Mira wants to learn Italian", "Mira learns Spanish now"),
        ("Eli's exam is in May", "Eli passed the driving test"),
        ("Ada 3 coffee", "Ada 4 coffee"),
        ("Ada visited city number 3", "Ada visited city number 4"),
        ("On day 3 the ferry to island 3 was late", "On day 4 the ferry to island 4 was late"),
        ("I have note 3", "I have note 4"),
        ("Item 3 is red", "Item 4 is red"),
        (
            "The baker told me about a recipe with lentils on Friday",
            "The baker cancelled the dinner again",
        ),
        ("My laptop is a ThinkPad", "My laptop's battery was replaced"),
        ("The project is led by Ida", "The project was renamed Apollo"),
        ("The garden has two apple trees", "The garden fence was replaced"),
        ("My sister is a vet", "My sister gave up smoking"),
        ("My sister lives in Delft", "My sister sold her car"),
        ("My mother loves roses", "My mother stopped driving"),
        ("The cafe opens at 8", "The cafe changed its coffee beans"),
        ("Our flat is on the third floor", "Our flat's heating was replaced"),
        ("My brother plays the violin", "My brother quit his job"),
        ("The neighbour has a white cat", "The neighbour sold his boat"),
        (
            "My doctor is Dr. Lam",
            "My doctor's practice is closed in August; she is back in September",
        ),
        ("The dog is scared of fireworks", "The dog is back from the vet, all clear"),
        ("My daughter likes dinosaurs", "My daughter passed her swimming test"),
        ("The car is parked behind the station", "The car was repaired"),
        ("My uncle collects coins", "My uncle retired"),
        ("The kitchen is painted yellow", "The kitchen lamp was fixed"),
        ("My son is allergic to eggs", "My son stopped sucking his thumb"),
        ("My wife works at a museum", "My wife gave away her old books"),
        ("The report is due on Friday", "The report's title was changed"),
        ("My boss likes punctual people", "My boss has been promoted"),
        ("The team has seven members", "The team dropped out of the cup"),
        ("My neighbour Ulla grows dahlias", "My neighbour Ulla sold her caravan"),
        ("Bo drives a Skoda", "Bo sold his stamp collection"),
        ("Bo cycles to work", "Bo takes vitamins now"),
        ("Bo cycles to work", "Bo switched to oat milk"),
        ("Bo is vegetarian", "Bo gave up smoking"),
        ("Bo lives in Ghent", "Bo has a holiday house in Crete"),
        ("Bo lives in Ghent", "Bo has a summer house in Crete"),
        ("Bo lives in Ghent", "Bo moved his desk into the attic"),
        ("Bo has a red car", "Bo sold his red sofa"),
        ("Ida plays chess with Felix", "Ida stopped drinking coffee with Felix"),
        ("Ida works at a bank", "Ida retired her old laptop"),
        ("Ida is married", "Ida separated the recycling"),
        ("I drive to Ghent every week", "I gave up the piano"),
        ("I don't eat fish", "I gave up coffee"),
        ("I cycle to work", "I switched to a new phone company"),
        ("Bo takes the bus to work", "Bo bought a van for the band"),
        ("I work at the town hall", "I was made godfather of Mia"),
        ("Our office uses Slack", "Our office got rid of the fax machine"),
        ("The gym costs 30 euros a month", "The gym costs 300 euros a year"),
        ("Sam is married to Kim", "Kim is married to Sam"),
        ("Room 4 has a projector", "Room 5 has a new projector"),
        ("I cancelled my gym contract", "I cancelled my phone contract"),
        ("I run on Tuesdays", "I run on Saturdays"),
        ("Tell Rosa that I can't come on Friday", "Tell Rosa that I can come on Sunday"),
        ("The museum costs 12 euros", "The museum costs 8 euros for students"),
        ("Bo lives in Ghent", "Bo used to live in Paris"),
        ("Bo lives in Ghent", "Bo lives in Ghent."),
        ("The flat is big. The deposit was 900 euros", "The flat costs 800 euros now"),
        ("Bo lives in Ghent", "Thanks! That was great. Bo moved to Antwerp, I think. " * 9),
    ],
)
def test_two_facts_that_are_both_true_are_none(earlier, later):
    assert not updates(earlier, later)


def test_of_the_pairs_of_the_set_hardly_any_is_taken_for_an_update_that_is_none():
    lines = map(json.loads, PAIRS.read_text("utf-8").splitlines())
    pairs = [line for line in lines if "older" in line]
    marked = [pair["is_update"] for pair in pairs if updates(pair["older"], pair["newer"])]
    assert len(pairs) == 100
    assert marked.count(False) <= MAX_MISTAKEN
    assert marked.count(True) >= MIN_FOUND


def ranked(content, *, score, day=1, content_type="text", **metadata):
    body = {"content": content, "tier": "long", "content_type": content_type, "metadata": metadata}
    now = NOW + timedelta(days=day)
    memory = new_memory(body, owner="o", memory_id=content, now=now)
    return RankedMemory(memory, score, 1.0, score)


def contents(items):
    return [item.memory.content for item in items]


OLD = ranked("Bo lives in Ghent", score=0.9)
OTHER = ranked("Bo likes tea", score=0.8, day=2)
NEW = ranked("Bo moved to Antwerp", score=0.5, day=3)
NEWEST = ranked("Bo has moved to Liège", score=0.4, day=4)


def test_the_update_comes_right_before_what_it_replaces():
    result = with_updates("Where does Bo live?", [OLD, OTHER, NEW])
    assert contents(result) == ["Bo moved to Antwerp", "Bo lives in Ghent", "Bo likes tea"]
    assert [item.score for item in result] == [0.9, 0.8999, 0.8]
    assert [item.replaced_by for item in result] == [None, NEW.memory, None]


@pytest.mark.parametrize("items", list(permutations([OLD, NEW, NEWEST])))
def test_of_several_versions_the_latest_comes_first_and_each_names_the_next(items):
    scores = (0.9, 0.5, 0.4)
    items = [replace(item, score=score) for item, score in zip(items, scores, strict=True)]
    result = with_updates("Where does Bo live?", items)
    assert contents(result) == contents([NEWEST, NEW, OLD])
    assert [item.replaced_by for item in result] == [None, NEWEST.memory, NEW.memory]
    shown = [item.score for item in result]
    assert shown == sorted(shown, reverse=True)
    assert shown[0] == 0.9


@pytest.mark.parametrize(
    "query",
    ["Where did Bo live before?", "Where did Bo use to live, back then?", "Bo's former home town"],
)
def test_a_question_about_the_past_gets_the_earlier_version_first(query):
    assert contents(with_updates(query, [replace(NEW, score=0.95), OLD])) == contents([OLD, NEW])


@pytest.mark.parametrize("query", ["Does Bo live in Ghent?", "When was that?", "Where did he go?"])
def test_for_other_questions_the_order_stays_but_the_note_is_there(query):
    result = with_updates(query, [OLD, OTHER, NEW])
    assert contents(result) == contents([OLD, OTHER, NEW])
    assert result[0].replaced_by is NEW.memory


def test_the_date_in_the_metadata_counts_before_the_creation():
    old = ranked("Bo lives in Ghent", score=0.9, day=5, date="2024-01-05")
    new = ranked("Bo moved to Antwerp", score=0.5, day=1, date="2025-03-01")
    assert contents(with_updates("Where does Bo live?", [old, new])) == contents([new, old])


def test_what_hardly_fits_the_query_is_not_moved():
    far = replace(NEW, score=0.2)
    assert contents(with_updates("Where does Bo live?", [OLD, OTHER, far])) == contents(
        [OLD, OTHER, far]
    )


def test_nothing_is_left_out_and_texts_of_one_time_are_no_updates():
    items = [OLD, replace(NEW, memory=replace(NEW.memory, created_at=OLD.memory.created_at))]
    assert with_updates("Where does Bo live?", items) == items
    assert with_updates(None, []) == []


def test_what_an_update_changes_is_a_part_of_the_score():
    result = with_updates("Where does Bo live?", [OLD, OTHER, NEW])
    for item in result:
        parts = explanation(item)
        assert sum(part.share for part in parts) == pytest.approx(item.score, abs=1e-9)
    shares = {part.name: part.share for part in explanation(result[0])}
    assert shares["update"] > 0.3
    before = {item.memory.content: item.score for item in (OLD, OTHER, NEW)}
    for item in result:
        assert item.update == pytest.approx(item.score - before[item.memory.content], abs=1e-9)


def test_among_the_first_results_a_likely_update_comes_first_without_a_note():
    old = ranked("Ottilie's dentist is Dr Baum", score=0.9)
    new = ranked("Dr Baum retired; Ottilie sees Dr Kern", score=0.7, day=9)
    result = with_updates("Who is Ottilie's dentist?", [old, new])
    assert contents(result) == contents([new, old])
    assert {item.replaced_by for item in result} == {None}
    far = replace(new, score=0.3)
    assert contents(with_updates("Who is Ottilie's dentist?", [old, far])) == contents([old, far])
    more = ranked("Ottilie also sees Dr Kern now", score=0.7, day=9)
    assert contents(with_updates("Who is Ottilie's dentist?", [old, more])) == contents([old, more])
    other = ranked("Pia no longer sees Dr Baum", score=0.7, day=9)
    assert contents(with_updates("Who is Ottilie's dentist?", [old, other])) == contents(
        [old, other]
    )


def test_of_one_day_the_time_in_the_metadata_counts():
    old = ranked("Bo lives in Ghent", score=0.9, day=5, at="2026-03-02T09:00:00Z")
    new = ranked("Bo moved to Antwerp", score=0.5, day=1, at="2026-03-02T18:00:00Z")
    assert contents(with_updates("Where does Bo live?", [old, new])) == contents([new, old])


def test_of_likely_updates_with_other_numbers_the_later_comes_first():
    old = ranked("Pia trains for the marathon with 40 km runs", score=0.9)
    new = ranked("Pia's marathon runs are 50 km", score=0.7, day=9)
    result = with_updates("How long are the runs?", [old, new])
    assert contents(result) == contents([new, old])
    same = ranked("Pia's marathon runs are 40 km", score=0.7, day=9)
    assert contents(with_updates("How long are the runs?", [old, same])) == contents([old, same])


def test_what_is_replaced_never_falls_below_what_comes_after_the_best():
    """A context goes on with further memories, whose scores are at most the lowest of these."""
    old = ranked("Bo lives in Ghent", score=0.5)
    new = ranked("Bo moved to Antwerp", score=0.5, day=9)
    result = with_updates("Where does Bo live?", [old, new])
    assert contents(result) == contents([new, old])
    assert [item.score for item in result] == [0.5, 0.5]
