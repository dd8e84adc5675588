import pytest

from newsletter.errors import Invalid, NotFound
from newsletter.issues.compose import compose
from newsletter.issues.find_publication_or_issue import find_issue, find_publication


@pytest.fixture
def issue(weekly, write, noon):
    write()
    return compose(weekly, now=noon)


@pytest.mark.parametrize("text", ["1", " 1 ", "#1", "weekly/1", "weekly/#1"])
def test_an_issue_is_found_by_its_number(issue, text):
    assert find_issue(text) == issue


def test_a_number_of_two_publications_needs_the_publication(issue, make_publication, noon):
    other = compose(make_publication("monthly"), now=noon)
    with pytest.raises(Invalid, match=r"Several publications have an issue 1\. Enter monthly/1 or weekly/1"):
        find_issue("1")
    assert find_issue("monthly/1") == other


def test_an_issue_that_is_not_there_is_answered_with_those_that_are(issue):
    with pytest.raises(NotFound, match=r"We could not find issue 2\. The issues are weekly/1"):
        find_issue("2")
    with pytest.raises(NotFound, match=r"a publication called “daily”\. .*: weekly"):
        find_issue("daily/1")


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5", "weekly/", "weekly/x", "9" * 400, "²", "٣"])
def test_what_is_no_number_is_refused(issue, text):
    with pytest.raises(Invalid, match="is not an issue"):
        find_issue(text)


def test_the_only_publication_need_not_be_named(weekly, make_publication):
    assert find_publication(None) == weekly
    make_publication("monthly")
    with pytest.raises(Invalid, match="Choose a publication: monthly, weekly"):
        find_publication(None)


def test_without_a_publication_the_sentence_says_how_to_make_one(db):
    with pytest.raises(NotFound, match="publications load"):
        find_publication(None)
