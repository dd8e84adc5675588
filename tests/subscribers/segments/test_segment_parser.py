"""The language of segments: what is read, what is written, and where an error points."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.segments.segment_errors import WrongSegment
from subscribers.segments.segment_fields import OURS, VERBS, Kind
from subscribers.segments.segment_parser import parse
from subscribers.segments.segment_tree import Condition, Not, both, either
from subscribers.segments.select_people import explain


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("topic is prostate and joined in last 90 days", "topic is prostate and joined in last 90 days"),
        ('not (country is "UK" or country is Ireland)', "not (country is UK or country is Ireland)"),
        ("((joined BEFORE 2026-01-01))", "joined before 2026-01-01"),
        ("firstname is missing", "first name is missing"),
        (
            "country is United Kingdom or domain is gmail.com",
            "country is United Kingdom or domain is gmail.com",
        ),
        ("a is 1 and (b is 2 and c is 3)", "a is 1 and b is 2 and c is 3"),
        ("a is 1 and (b is 2 or c is 3)", "a is 1 and (b is 2 or c is 3)"),
        ("not not a is 1", "not not a is 1"),
        ('"topic" is "a ""b"" c"', '"topic" is "a ""b"" c"'),
        ("plan is “and”", 'plan is "and"'),
        ("joined in last 1 day", "joined in last 1 day"),
        ("joined in last 01 weeks", "joined in last 1 week"),
        ("job title contains nurse", "job title contains nurse"),
        ("source is import", "source is import"),
    ],
)
def test_a_segment_has_one_normal_form(text, normal):
    assert explain(text) == normal
    assert explain(normal) == normal


@pytest.mark.parametrize(
    ("text", "column", "sentence"),
    [
        ("", 1, "The segment is empty"),
        ("topic", 6, "Expected one of these verbs"),
        ("topic is", 9, "Expected a value after “is”"),
        ("joind in last 3 days", 1, "Did you mean “joined”?"),
        ("country in last 3 days", 1, "is a detail and cannot be used with “in last”"),
        ("topic contains x", 7, "“topic” can be used with is, is not"),
        ("joined in last week", 16, "Expected a length of time"),
        ("joined in last 0 days", 16, "Expected a length of time"),
        ("(a is 1", 1, "This bracket has no closing bracket"),
        ("a is 1)", 7, "This closing bracket has no opening bracket"),
        ('a is "1', 6, "This quotation mark has no closing quotation mark"),
        ("a is 1 and", 11, "Expected a field, topic, date or detail"),
        ("and a is 1", 1, "Expected a field, topic, date or detail"),
        ("a is 1 not b is 2", 8, "Expected “and”, “or” or the end"),
        ("not " * 60 + "a is 1", 201, "can be nested at most 50 levels deep"),
        ("(" * 60 + "a is 1", 51, "can be nested at most 50 levels deep"),
        ("a is " + "x" * 3000, 1, "The segment has 3,005 characters"),
    ],
)
def test_an_error_points_at_the_word(text, column, sentence):
    with pytest.raises(WrongSegment) as error:
        parse(text)
    assert sentence in str(error.value)
    assert error.value.column == column
    if 0 < len(text) < 2000:
        assert (
            str(error.value).splitlines()[-1]
            == "  " + " " * (column - 1) + str(error.value).splitlines()[-1].strip()
        )


def test_fifty_levels_are_read():
    assert str(parse("(" * 50 + "a is 1" + ")" * 50)) == "a is 1"


words = st.text(min_size=1, max_size=12).filter(
    lambda text: text.strip() and "\0" not in text and "”" not in text
)
times = st.builds(
    lambda number, unit: f"{number} {unit}{'' if number == 1 else 's'}",
    st.integers(1, 9999),
    st.sampled_from(["day", "week", "month", "year"]),
)


@st.composite
def conditions(draw):
    subject = draw(st.none() | st.sampled_from(OURS))
    verb = draw(st.sampled_from(VERBS[subject.kind if subject else Kind.TEXT]))
    value = "" if verb in {"is missing", "is known"} else draw(times if verb == "in last" else words)
    return Condition(subject.name if subject else draw(words), verb, value, is_attribute=subject is None)


segments = st.recursive(
    conditions(),
    lambda inner: (
        st.builds(Not, inner)
        | st.lists(inner, min_size=2, max_size=3).map(both)
        | st.lists(inner, min_size=2, max_size=3).map(either)
    ),
    max_leaves=6,
)


@given(segments)
def test_what_is_written_is_read_as_the_same(tree):
    assert parse(str(tree)) == tree


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["not", "(", ")", "and", "is", "joined", '"', "in last"])).map(" ".join)
)
def test_any_text_is_a_segment_or_an_error_in_words(text):
    try:
        tree = parse(text)
    except WrongSegment as error:
        tree, sentence = None, error.sentence
    assert parse(str(tree)) == tree if tree else sentence.endswith((".", "?"))
