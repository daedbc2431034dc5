"""What a file of questions may say, and the figures that its answers give."""

from __future__ import annotations

import json

import pytest

from memoryos._cli.error_messages import InputError
from memoryos._cli.evaluation import Answer, Expectations, Question, measures, parse_questions

from .answers import ID, OTHER_ID, memory


def question(*expected, line=1):
    return Question(line, "q", expected)


def test_a_file_has_a_question_on_each_line_that_is_not_blank():
    text = '{"query": "tea?", "expected": "a"}\r\n\n{"expected": ["b", "b", "c"], "query": "x"}'
    assert parse_questions(text, "f") == [
        Question(1, "tea?", ("a",)),
        Question(3, "x", ("b", "c")),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("tea", "is not a JSON object"),
        ("[1]", "is not a JSON object"),
        ('{"query": "a", "query": "b"}', "has the key 'query' twice"),
        ('{"expected": "a"}', 'needs a "query" that is a text; got nothing'),
        ('{"query": 3, "expected": "a"}', 'needs a "query" that is a text; got 3'),
        ('{"query": " ", "expected": "a"}', 'needs a "query" that is a text; got " "'),
        ('{"query": "a"}', 'needs "expected": .*; got nothing'),
        ('{"query": "a", "expected": []}', r'needs "expected": .*; got \[\]'),
        ('{"query": "a", "expected": ["b", ""]}', r'needs "expected": .*; got \["b", ""\]'),
        ('{"query": "a", "expected": {"id": 1}}', 'needs "expected": .*; got {"id": 1}'),
    ],
)
def test_a_line_that_is_no_question_is_named(line, said):
    with pytest.raises(InputError, match=f"^f: line 2 {said}"):
        parse_questions('{"query": "tea?", "expected": "a"}\n' + line, "f")


@pytest.mark.parametrize("text", ["", " \n\n"])
def test_a_file_without_a_question_is_an_error(text):
    with pytest.raises(InputError, match=r"^f has no questions; write one for each line"):
        parse_questions(text, "f")


def found_at(expected, *results):
    """Where an expected text is found among results, in a store of these memories."""
    expectations = Expectations([question(expected)])
    for result in results:
        expectations.look_at(result)
    return expectations.answer(expectations.questions[0], results).best


def test_a_memory_is_expected_by_id_external_id_or_part_of_its_content():
    others = [memory(id=OTHER_ID, content=f"Ada drinks tea {n}") for n in range(2)]
    wanted = memory(content="Bo's  NEW\nflat is in Ghent", external_id="bo")
    for expected in (ID, ID.upper(), "bo", "new flat is in ghent", " Bo's new flat "):
        assert found_at(expected, *others, wanted) == 3
    assert found_at("Bo", wanted, *others) == 1
    assert found_at("Ada", *others) == 1
    assert found_at("Cafe\u0301", *others, memory(content="the caf\u00e9")) == 3


def test_what_no_memory_is_is_an_error_that_names_the_lines():
    asked = [question("tea"), question("gone", line=4), question("tea", "lost", line=7)]
    expectations = Expectations(asked)
    expectations.look_at(memory(content="Ada drinks tea"))
    with pytest.raises(InputError) as caught:
        expectations.check("f")
    said = str(caught.value)
    assert said.startswith('f: line 4: none of the 1 memories has the id or the external id "gone"')
    assert "(lines 7 as well)" in said


def test_the_results_before_the_expected_one_are_kept():
    results = [memory(content=text) for text in ("a", "b", "c")]
    expectations = Expectations([question("c"), question("a")])
    for result in results:
        expectations.look_at(result)
    first, second = (expectations.answer(one, results) for one in expectations.questions)
    assert (first.ranks, first.first) == ((3,), results[:2])
    assert (second.ranks, second.first) == ((1,), [])
    nothing = expectations.answer(expectations.questions[0], results[:2])
    assert (nothing.best, nothing.first) == (None, results[:2])


def test_the_measures_are_means_over_the_questions():
    answers = [
        Answer(question("a", "b"), (1, 6), ()),
        Answer(question("c"), (4,), ()),
        Answer(question("d"), (None,), ()),
        Answer(question("e", "f"), (None, 2), ()),
    ]
    assert measures(answers) == {
        "R@1": pytest.approx(0.5 / 4),
        "R@5": pytest.approx((0.5 + 1 + 0 + 0.5) / 4),
        "R@10": pytest.approx((1 + 1 + 0 + 0.5) / 4),
        "MRR": pytest.approx((1 + 1 / 4 + 0 + 1 / 2) / 4),
    }
    assert json.dumps(measures(answers))
