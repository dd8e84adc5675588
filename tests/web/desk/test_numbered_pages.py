"""Long lists of the desk are shown page by page: everything can be reached, once, and says when there is no more."""

import re

import pytest
from django.utils import timezone
from lxml import html

from newsletter.background_jobs.models import BackgroundJob
from newsletter.issues.models import SavedSegment
from newsletter.notifications.models import Webhook
from newsletter.people_files.export_files import EXPORT
from subscribers.models import ImportRecord, List, Wording

MANY = 120
MAX_PAGES = 20


def make_lists(publication):
    List.objects.bulk_create(List(slug=f"thing-{each}", name=f"Thing {each:03}") for each in range(MANY))
    List.objects.filter(slug="thing-0").update(archived_at=timezone.now())


def make_segments(publication):
    SavedSegment.objects.bulk_create(
        SavedSegment(
            mailing_list=publication.mailing_list, name=f"Thing {each:03}", text="joined in last 9 days"
        )
        for each in range(MANY)
    )


def make_imports(publication):
    wording = Wording.objects.create(list=publication.mailing_list, version=999, text="A sheet")
    ImportRecord.objects.bulk_create(
        ImportRecord(
            list=publication.mailing_list, name=f"Thing {each:03}", state="finished", wording=wording
        )
        for each in range(MANY)
    )


def make_exports(publication):
    BackgroundJob.objects.bulk_create(
        BackgroundJob(
            kind=EXPORT,
            state=BackgroundJob.State.DONE,
            asked_by=f"Thing {each:03}",
            asked_at=timezone.now(),
            ended_at=timezone.now(),
            arguments={"list": publication.mailing_list_id, "segment": "", "state": "active"},
        )
        for each in range(MANY)
    )


def make_webhooks(publication):
    Webhook.objects.bulk_create(
        Webhook(url=f"https://thing-{each:03}.example.org/", secret="whsec_", created_at=timezone.now())
        for each in range(MANY)
    )


LISTS = [
    ("/desk/subscribers/lists/", make_lists, 3),
    ("/desk/subscribers/segments/", make_segments, 3),
    ("/desk/subscribers/import/", make_imports, 12),
    ("/desk/subscribers/export/", make_exports, 12),
    ("/desk/settings/notifications/", make_webhooks, 3),
]


@pytest.mark.parametrize(("path", "make", "pages"), LISTS, ids=[path for path, _make, _pages in LISTS])
def test_everything_in_a_long_list_can_be_reached_once(ada, publication, path, make, pages):
    make(publication)
    seen, query = [], ""
    for number in range(1, MAX_PAGES):
        page = html.fromstring(ada.get(path + query).content)
        rows = page.cssselect("ul[class*=rows] li")
        seen += [found[0] for each in rows if (found := re.findall(r"[Tt]hing.\d{3}", each.text_content()))]
        assert bool(page.cssselect("a[rel=prev]")) == (number > 1)
        following = page.cssselect("a[rel=next]")
        if not following:
            break
        query = following[0].get("href").partition("#")[0]
    assert number == pages
    assert len(seen) == len(set(seen)) == MANY


@pytest.mark.parametrize(("path", "make", "pages"), LISTS, ids=[path for path, _make, _pages in LISTS])
@pytest.mark.parametrize("number", ["999", "0", "-1", "x", "9" * 400, "²"])
def test_a_page_that_does_not_exist_is_empty_or_the_first_one(ada, publication, path, make, pages, number):
    make(publication)
    name = "webhooks" if "notifications" in path else "page"
    assert ada.get(path, {name: number}).status_code == 200


@pytest.mark.parametrize(("path", "make", "pages"), LISTS, ids=[path for path, _make, _pages in LISTS])
def test_a_short_list_has_no_other_pages(ada, publication, path, make, pages):
    assert not html.fromstring(ada.get(path).content).cssselect(".pager")


SEARCHED = [each for each in LISTS if "lists" in each[0] or "segments" in each[0]]


@pytest.mark.parametrize(("path", "make", "pages"), SEARCHED, ids=[path for path, _make, _pages in SEARCHED])
class TestSearching:
    def test_a_short_list_has_no_search_box(self, ada, publication, path, make, pages):
        assert not html.fromstring(ada.get(path).content).cssselect("main form[role=search]")

    def test_words_find_names_and_stay_in_the_box(self, ada, publication, path, make, pages):
        make(publication)
        assert html.fromstring(ada.get(path).content).cssselect("main form[role=search]")
        page = html.fromstring(ada.get(path, {"q": "thing 017"}).content)
        [row] = page.cssselect("ul[class*=rows] li")
        assert "Thing 017" in row.text_content()
        assert page.get_element_by_id("q").value == "thing 017"

    def test_the_next_page_keeps_the_words(self, ada, publication, path, make, pages):
        make(publication)
        page = html.fromstring(ada.get(path, {"q": "Thing 0"}).content)
        query = page.cssselect("a[rel=next]")[0].get("href")
        following = html.fromstring(ada.get(path + query).content)
        assert "Thing 0" in following.cssselect("ul[class*=rows] li")[0].text_content()
        assert following.get_element_by_id("q").value == "Thing 0"

    def test_nothing_found_leads_back_to_all(self, ada, publication, path, make, pages):
        page = html.fromstring(ada.get(path, {"q": "nothing like this"}).content)
        [back] = page.cssselect(".empty-state a")
        assert back.get("href") == path
