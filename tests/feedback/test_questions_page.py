"""The list of questions: how many there are behind each tab, and a search that finds one of many."""

import pytest
from django.test import Client
from django.utils import timezone
from lxml import html

from newsletter.feedback.models import ReaderCase

pytestmark = pytest.mark.django_db
HERE = "/desk/questions/"
State = ReaderCase.State


@pytest.fixture
def desk(board):
    client = Client()
    client.force_login(board)
    return client


@pytest.fixture
def many(publication):
    """25 open questions, 2 closed ones and a junk one."""
    today = timezone.localdate()
    states = [State.RECEIVED] * 25 + [State.ANSWERED, State.DECLINED, State.JUNK]
    return ReaderCase.objects.bulk_create(
        ReaderCase(
            publication=publication,
            kind=ReaderCase.Kind.QUESTION,
            article_title=f"Story {number:02}",
            text=f"Is it {number * 100}?",
            state=state,
            received_at=timezone.now(),
            acknowledge_by=today,
            answer_by=today,
        )
        for number, state in enumerate(states)
    )


def page_of(client, query=""):
    return html.fromstring(client.get(HERE + query).content)


def tabs(page):
    return [" ".join(each.text_content().split()) for each in page.cssselect("nav[aria-label=Questions] a")]


def rows(page):
    return [each.text_content() for each in page.cssselect("main tbody tr")]


def test_each_tab_says_how_many_it_has(desk, many):
    assert tabs(page_of(desk)) == ["Open 25", "Closed 2", "Junk 1"]


def test_a_few_questions_need_no_search_and_an_empty_tab_no_number(desk, many):
    ReaderCase.objects.exclude(pk__in=[many[0].pk, many[1].pk]).delete()
    page = page_of(desk)
    assert tabs(page) == ["Open 2", "Closed", "Junk"]
    assert not page.cssselect("main form[role=search]")


@pytest.mark.parametrize("words", ["story 17", "it 1700"])
def test_words_find_a_question_by_its_article_and_its_text(desk, many, words):
    page = page_of(desk, f"?q={words.replace(' ', '+')}")
    [row] = rows(page)
    assert "Story 17" in row
    assert tabs(page) == ["Open 1", "Closed", "Junk"]
    assert page.get_element_by_id("q").value == words


def test_the_tabs_and_the_form_keep_each_other(desk, many):
    page = page_of(desk, "?q=story&show=closed")
    assert len(rows(page)) == 2
    junk = page.cssselect("nav[aria-label=Questions] a")[2].get("href")
    assert len(rows(page_of(desk, junk))) == 1
    [form] = page.cssselect("main form[role=search]")
    assert form.form_values() == [("show", "closed"), ("q", "story")]


def test_nothing_found_leads_back_to_all(desk, many):
    page = page_of(desk, "?q=nothing+like+this")
    [back] = page.cssselect(".empty-state a")
    assert back.get("href") == HERE
