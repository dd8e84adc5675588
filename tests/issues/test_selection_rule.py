import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import Invalid
from newsletter.issues.selection_rule import Selection, overridden, selection_from_json, selection_to_json

words = st.lists(st.text(min_size=1).filter(str.strip), max_size=4)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(
    words,
    words,
    st.just("last issue") | st.integers(1, 36_500),
    st.tuples(st.integers(1, 200), st.integers(1, 200)).map(sorted),
)
def test_a_selection_is_read_back_from_json(sources, topics, since, counts):
    selection = Selection(
        sources=tuple(sources), topics=tuple(topics), since=since, at_least=counts[0], at_most=counts[1]
    )
    assert selection_from_json(selection_to_json(selection)) == selection


@given(
    st.dictionaries(st.sampled_from(["sources", "topics", "since", "at_most", "at_least", "x"]), anything)
    | anything
)
def test_whatever_is_written_is_a_selection_or_a_sentence(document):
    try:
        answer = selection_from_json(document)
    except Invalid as wrong:
        answer = str(wrong)
    assert isinstance(answer, Selection) or (answer.startswith("selection") and answer.endswith("."))


def test_what_is_asked_once_takes_the_place_of_the_rule():
    rule = Selection(topics=("research",), at_most=5)
    assert overridden(rule) == rule
    assert overridden(rule, days=3, at_least=2) == Selection(
        topics=("research",), since=3, at_most=5, at_least=2
    )


def test_what_is_asked_once_is_checked_too():
    with pytest.raises(Invalid, match="must not be more than"):
        overridden(Selection(at_most=5), at_least=9)
    with pytest.raises(Invalid, match="number of days"):
        overridden(Selection(), days=0)
