"""One source in the desk: what would come in now, the errors of the past, whom it concerns, and OPML."""

import re
from datetime import UTC, datetime, timedelta

import lxml.html
import pytest
import time_machine

from newsletter.accounts.actor import Role
from newsletter.accounts.users import add_user
from newsletter.articles.discover_sources import preview_sources
from newsletter.articles.fetch_due_sources import fetch_next_source
from newsletter.articles.fetch_now_pause_resume import ask_to_fetch
from newsletter.articles.formats.opml import feeds_in
from newsletter.articles.models import Article, Source, SourceFailure
from newsletter.articles.source_failures import KEPT, note_failure
from newsletter.errors import Unreachable
from newsletter.issues.models import Publication
from tests.fakes.source import feed, item

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def ruth(desk_of):
    return desk_of("ruth")


@pytest.fixture
def source(db, site):
    site.serve("/feed", feed([item(1, title="A new lifeboat")]))
    return Source.objects.create(name="site", title="Site", location=site.url("/feed"), kind=Source.Kind.FEED)


def said(answer):
    page = lxml.html.fromstring(answer.content)
    return re.sub(r"\s+", " ", page.cssselect("main")[0].text_content())


def fetch(source):
    ask_to_fetch(source)
    assert fetch_next_source()


def test_a_test_shows_what_would_come_in_and_stores_nothing(ruth, source, site):
    fetch(source)
    site.serve("/feed", feed([item(2, title="<b>Open</b> day"), item(1, title="A new lifeboat")]))
    before = Source.objects.values().get()
    shown = said(ruth.post(f"/desk/sources/{source.pk}/try/"))
    assert (
        "The source has 2 articles. 1 of them is new. This was a test, so we did not store anything." in shown
    )
    assert "Open day New" in shown
    assert "A new lifeboat" in shown
    assert "A new lifeboat New" not in shown
    assert Article.objects.count() == 1
    assert Source.objects.values().get() == before


def test_a_test_of_a_source_that_fails_says_why_once_and_notes_nothing(ruth, source, site):
    site.fail("/feed", 410)
    answer = ruth.post(f"/desk/sources/{source.pk}/try/")
    assert answer.status_code in {422, 503}
    assert said(answer).count("Remove the source, or add its new address") == 1
    assert not SourceFailure.objects.exists()


def test_errors_are_kept_with_their_dates_after_the_source_is_well_again(ruth, source, site):
    with time_machine.travel(MONDAY, tick=False) as clock:
        site.fail("/feed", 410)
        fetch(source)
        clock.shift(timedelta(hours=2))
        fetch(source)
        clock.shift(timedelta(hours=2))
        site.serve("/feed", feed([item(1)]))
        fetch(source)
        clock.shift(timedelta(hours=2))
        site.fail("/feed", 410)
        fetch(source)
        shown = said(ruth.get(f"/desk/sources/{source.pk}/"))
    kept = list(SourceFailure.objects.order_by("pk").values_list("first_at", "last_at", "times"))
    hours = [(first - MONDAY, last - MONDAY, times) for first, last, times in kept]
    assert hours == [
        (timedelta(0), timedelta(hours=2), 2),
        (timedelta(hours=6), timedelta(hours=6), 1),
    ]
    assert "Past errors" in shown
    assert "2 times" in shown


def test_only_the_newest_errors_are_kept(source):
    for number in range(KEPT + 5):
        source.failing_since = MONDAY + timedelta(hours=number)
        note_failure(source, f"Error {number}.", source.failing_since)
    kept = SourceFailure.objects.values_list("sentence", flat=True)
    assert list(kept) == [f"Error {number}." for number in range(KEPT + 4, 4, -1)]


def test_pausing_says_whom_it_concerns_and_names_no_publication_that_the_person_may_not_see(
    desk_of, source, publication
):
    other = Publication.objects.get(pk=publication.pk)
    other.pk, other.slug, other.name = None, "other", "The Secret Letter"
    other.save()
    third = Publication.objects.get(pk=publication.pk)
    third.pk, third.slug, third.name, third.selection = None, "third", "Elsewhere", {"sources": ["another"]}
    third.save()
    add_user(
        "olga",
        password="ebb and flow at the quay",
        roles=[],
        publication_roles=[(publication.pk, Role.EDITOR)],
    )
    olga = desk_of("olga")
    words = f"{publication.name} and 1 newsletter managed by other people"
    assert words in said(olga.get(f"/desk/sources/{source.pk}/"))
    answer = olga.post(f"/desk/sources/{source.pk}/pause/", follow=True)
    assert f"We will not fetch any new articles for {words}." in answer.content.decode()
    assert "The Secret Letter" not in answer.content.decode()
    assert f"{publication.name} and The Secret Letter." in said(
        desk_of("ada").get(f"/desk/sources/{source.pk}/")
    )


def test_a_refusal_is_said_once(ruth, source):
    assert said(ruth.get(f"/desk/sources/{source.pk}/")).count("Only an administrator") == 1


def test_the_sources_are_downloaded_as_opml(ruth, source):
    answer = ruth.get("/desk/sources/opml/")
    assert answer["Content-Disposition"] == 'attachment; filename="sources.opml"'
    assert [each.address for each in feeds_in(answer.content.decode())] == [source.location]


def test_an_address_without_a_scheme_is_tried_by_https_and_then_by_http(people, site):
    site.serve("/feed", feed([item(1, title="A new lifeboat")]))
    typed = site.url("/feed").removeprefix("http://")
    (found,) = preview_sources(typed)
    assert (found.address, found.newest) == (f"http://{typed}", ("A new lifeboat",))
    site.fail("/feed", 500)
    with pytest.raises(Unreachable, match="https://"):
        preview_sources(typed)


def test_the_page_asks_the_database_few_questions(ruth, source, publication, django_assert_max_num_queries):
    for number in range(KEPT):
        source.failing_since = MONDAY + timedelta(hours=number)
        note_failure(source, f"Error {number}.", source.failing_since)
    with django_assert_max_num_queries(30):
        assert ruth.get(f"/desk/sources/{source.pk}/").status_code == 200
