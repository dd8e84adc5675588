"""Rows of a form and the segment that they mean: to the text and back, and never another meaning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.segments.condition_rows import (
    AND,
    ATTRIBUTE,
    OR,
    WITHOUT_VALUE,
    ConditionRow,
    row_verbs,
    rows_of_text,
    text_of_rows,
)
from subscribers.segments.segment_errors import WrongSegment
from subscribers.segments.segment_fields import OURS
from subscribers.segments.segment_parser import parse
from subscribers.segments.segment_tree import And, Condition, Not

VALUES = st.text(st.sampled_from('abc ANDnotis()"“”é'), min_size=1, max_size=12).map(
    lambda t: " ".join(t.split())
)
SUBJECTS = st.sampled_from([*(each.name for each in OURS), ATTRIBUTE])


@st.composite
def rows(draw):
    subject = draw(SUBJECTS)
    verb = draw(st.sampled_from(row_verbs(subject)))
    value = (
        "" if verb in WITHOUT_VALUE else "90 days" if verb.endswith("in last") else draw(VALUES.filter(bool))
    )
    attribute = draw(VALUES.filter(bool)) if subject == ATTRIBUTE else ""
    return ConditionRow(draw(st.sampled_from([AND, OR])), subject, attribute, verb, value)


@given(st.lists(rows(), min_size=1, max_size=6))
def test_rows_come_back_from_the_text_that_they_mean(given_rows):
    text = text_of_rows(given_rows)
    first, *others = given_rows
    assert rows_of_text(text) == [
        ConditionRow(AND, first.subject, first.attribute, first.verb, first.value),
        *others,
    ]


@given(st.lists(rows(), min_size=1, max_size=6), st.data())
def test_the_text_is_true_for_exactly_those_for_whom_the_rows_are(given_rows, data):
    facts = {}

    def holds(condition):
        key = (condition.subject, condition.verb, condition.value)
        if key not in facts:
            facts[key] = data.draw(st.booleans())
        return facts[key]

    def of_tree(tree):
        if isinstance(tree, Condition):
            return holds(tree)
        if isinstance(tree, Not):
            return not of_tree(tree.part)
        return (all if isinstance(tree, And) else any)(of_tree(each) for each in tree.parts)

    groups = [[]]
    for n, row in enumerate(given_rows):
        if n and row.joined == OR:
            groups.append([])
        groups[-1].append(of_tree(parse(text_of_rows([row]))))
    assert of_tree(parse(text_of_rows(given_rows))) == any(all(group) for group in groups)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("not topic is Tides", [ConditionRow(AND, "topic", "", "is not", "Tides")]),
        ("not not joined on 2026-01-31", [ConditionRow(AND, "joined", "", "on", "2026-01-31")]),
        ('"joined" is yes', [ConditionRow(AND, ATTRIBUTE, "joined", "is", "yes")]),
        ("(first name is A or last name is B) and address is known", None),
        ("not (first name is A or last name is B)", None),
    ],
)
def test_a_segment_is_shown_as_rows_if_rows_can_express_it(text, expected):
    assert rows_of_text(text) == expected


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (ConditionRow(value=""), "Enter a value for “joined in last”."),
        (ConditionRow(subject=ATTRIBUTE, verb="is", value="x"), "Enter the name of the detail"),
        (ConditionRow(subject="topic", verb="before", value="x"), "“topic” can be used with is, is not"),
        (ConditionRow(value="some days"), "Expected a length of time"),
    ],
)
def test_a_row_that_cannot_be_used_says_what_to_enter(row, said):
    with pytest.raises(WrongSegment, match="(?s)" + said):
        text_of_rows([row])
