"""The sources in the desk: found by the address of a site, fetched, paused, renamed, accepted and removed."""

import html

import lxml.html
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from newsletter.accounts.actor import Role
from newsletter.accounts.users import add_user
from newsletter.articles.fetch_due_sources import fetch_next_source
from newsletter.articles.formats.opml import ListedFeed, written_list
from newsletter.articles.models import Article, Source
from tests.fakes.source import feed, item
from tests.web.desk.conftest import PASSWORD

SITE = """<!doctype html><html><head><title>Harbour</title>
<link rel="alternate" type="application/rss+xml" title="News" href="/news.xml">
<link rel="alternate" type="application/rss+xml" title="Events" href="/events.xml"></head>
<body><p>Hello</p></body></html>"""


@pytest.fixture
def ruth(desk_of):
    return desk_of("ruth")


@pytest.fixture
def harbour(site):
    site.serve("/", SITE.encode(), headers={"Content-Type": "text/html"})
    site.serve("/news.xml", feed([item(1, title="A new lifeboat")], title="News"))
    site.serve("/events.xml", feed([item(2, title="Open day")], title="Events"))
    return site.url("/")


@pytest.fixture
def source(db, site):
    site.serve("/feed", feed([item(1)]))
    return Source.objects.create(name="site", title="Site", location=site.url("/feed"), kind=Source.Kind.FEED)


def post(client, path, **fields):
    response = client.post(path, fields, follow=True)
    return response.status_code, response.content.decode()


def test_a_site_shows_its_feeds_with_titles_and_the_chosen_one_is_added(ruth, harbour, site):
    status, shown = post(ruth, "/desk/sources/find/", address=harbour)
    assert status == 200
    for words in ("We found 2 feeds", "A new lifeboat", "Open day"):
        assert words in shown
    status, shown = post(ruth, "/desk/sources/add/", address=harbour, source=site.url("/news.xml"))
    assert (status, "“News” was added" in shown) == (200, True)
    assert fetch_next_source()
    assert Article.objects.get().title == "A new lifeboat"


def test_an_address_without_articles_is_shown_again_with_what_to_do(ruth, site):
    status, shown = post(ruth, "/desk/sources/find/", address=site.url("/nothing"))
    assert status in {422, 503}
    assert site.url("/nothing") in shown
    assert "Error: Sources" in shown
    assert post(ruth, "/desk/sources/add/", address="x")[0] == 422


def test_a_failing_source_says_since_when_and_what_to_do(ruth, source, site):
    site.fail("/feed", 410)
    status, shown = post(ruth, f"/desk/sources/{source.pk}/fetch/", next="sources")
    assert (status, "Fetching…" in shown) == (200, True)
    assert fetch_next_source()
    shown = ruth.get("/desk/sources/").content.decode()
    for words in (
        "Failing",
        "Failing since",
        "Remove the source, or add its new address",
        "We will try again",
    ):
        assert words in shown
    state = ruth.get(f"/desk/sources/{source.pk}/state/").content.decode()
    assert "hx-trigger" not in state


def test_a_source_is_paused_and_resumed(ruth, source):
    post(ruth, f"/desk/sources/{source.pk}/pause/")
    source.refresh_from_db()
    assert source.paused_at is not None
    assert ">Paused<" in ruth.get("/desk/sources/").content.decode()
    post(ruth, f"/desk/sources/{source.pk}/resume/")
    source.refresh_from_db()
    assert source.paused_at is None


def test_only_administrators_rename_and_remove(desk_of, source):
    ruth, ada = desk_of("ruth"), desk_of("ada")
    assert post(ruth, f"/desk/sources/{source.pk}/describe/", title="X")[0] == 409
    assert post(ruth, f"/desk/sources/{source.pk}/remove/")[0] == 409
    assert post(ada, f"/desk/sources/{source.pk}/describe/", title="Harbour news", language="cy")[0] == 200
    source.refresh_from_db()
    assert (source.title, source.language) == ("Harbour news", "cy")
    assert "Remove “Harbour news”?" in ada.get(f"/desk/sources/{source.pk}/remove/").content.decode()
    assert post(ada, f"/desk/sources/{source.pk}/remove/")[0] == 200
    assert not Source.objects.exists()


def test_a_changed_source_is_shown_and_its_change_accepted(ruth, source):
    Source.objects.update(changed_since=timezone.now(), change="The articles are much shorter.")
    shown = ruth.get(f"/desk/sources/{source.pk}/").content.decode()
    assert "The articles are much shorter." in shown
    assert post(ruth, f"/desk/sources/{source.pk}/accept/")[0] == 200
    source.refresh_from_db()
    assert source.changed_since is None


def test_a_source_that_is_gone_says_so(ruth):
    response = ruth.get("/desk/sources/99/")
    assert (response.status_code, "Somebody may have removed it" in response.content.decode()) == (404, True)


def test_an_article_is_added_by_its_link_and_an_error_keeps_the_address(ruth, site):
    words = "The charity asked people what helps them most, and many said that a walk helps. " * 5
    site.serve(
        "/walk",
        f"<html><body><article><h1>A walk</h1><p>{words}</p></article></body></html>".encode(),
        headers={"Content-Type": "text/html"},
    )
    response = ruth.post("/desk/articles/add/", {"address": site.url("/walk")}, follow=True)
    assert "was added" in response.content.decode()
    again = ruth.post("/desk/articles/add/", {"address": site.url("/walk")}, follow=True)
    assert "had already been added" in again.content.decode()
    status, shown = post(ruth, "/desk/articles/add/", address=site.url("/none"))
    assert (status in {422, 503}, site.url("/none") in shown) == (True, True)


def opml(*feeds):
    return written_list("Ruth’s feeds", [ListedFeed(address, title) for address, title in feeds])


def boxes(shown):
    """The value of each box that can be ticked, and whether it is."""
    found = lxml.html.document_fromstring(shown).cssselect("input[name=feed]")
    return [(each.get("value"), each.get("checked") is not None) for each in found]


@pytest.mark.parametrize("uploaded", [True, False], ids=["uploaded", "pasted"])
def test_the_feeds_of_a_list_are_shown_and_only_those_that_somebody_chose_are_added(
    ruth, harbour, site, source, uploaded
):
    text = opml(
        (site.url("/news.xml"), "News \u202eof the quay"),
        (site.url("/events.xml"), "Events"),
        (source.location, "Known"),
    )
    data = {"file": SimpleUploadedFile("feeds.opml", text.encode())} if uploaded else {"list": text}
    status, shown = post(ruth, "/desk/sources/list/", kept_as="k3ptname", **data)
    assert status == 200
    assert '<input type="hidden" name="kept_as" value="k3ptname">' in shown
    news = f"{site.url('/news.xml')} News of the quay"
    assert boxes(shown) == [(news, True), (f"{site.url('/events.xml')} Events", True)]
    assert "and you already have 1 of them" in shown
    assert Source.objects.count() == 1
    status, shown = post(ruth, "/desk/sources/list/add/", feed=[news])
    assert (status, "1 source was added." in shown) == (200, True)
    assert set(Source.objects.values_list("title", flat=True)) == {"Site", "News of the quay"}
    assert Article.objects.get().title == "A new lifeboat"


def test_a_feed_of_a_list_that_cannot_be_read_is_named_and_the_others_are_added(ruth, harbour, site):
    site.fail("/gone", 410)
    chosen = [f"{site.url('/news.xml')} News", f"{site.url('/gone')} Old club"]
    status, shown = post(ruth, "/desk/sources/list/add/", feed=chosen)
    assert status == 422
    assert "1 source was added." in shown
    assert "1 feed was not added" in shown
    assert "Old club" in shown
    assert [each.title for each in Source.objects.all()] == ["News"]


@pytest.mark.parametrize(
    ("path", "data", "says"),
    [
        ("list/", {"list": "<html></html>"}, "not an OPML file"),
        ("list/", {}, "not an OPML file"),
        ("list/", {"list": "<opml><body/></opml>"}, "This file does not list any feeds"),
        ("list/add/", {}, "Choose at least one feed"),
    ],
)
def test_a_wrong_list_is_said_beside_the_field_and_nothing_is_added(ruth, path, data, says):
    status, shown = post(ruth, f"/desk/sources/{path}", **data)
    assert status == 422
    assert says in lxml.html.document_fromstring(shown).cssselect("#list-error")[0].text_content()
    assert data.get("list", "") in html.unescape(shown)
    assert not Source.objects.exists()


@pytest.mark.parametrize("path", ["/desk/sources/add/", "/desk/sources/list/add/"])
@pytest.mark.parametrize("data", [{}, {"feed": ["https://a.example.org/"] * 51}], ids=["none", "too many"])
def test_who_may_not_add_sources_is_refused_before_the_form_is_read(people, path, data):
    roles = [Role.AUTHOR, Role.APPROVER, Role.SENDER]
    add_user("bea", password=PASSWORD, roles=roles)
    browser = Client()
    browser.post("/desk/log-in/", {"username": "bea", "password": PASSWORD})

    answer = browser.post(path, data)

    assert answer.status_code == 409
    assert "Only an editor" in answer.content.decode()


def test_of_too_many_feeds_the_first_stay_ticked_and_nothing_is_added(ruth):
    chosen = [f"https://example.org/{number} Feed {number}" for number in range(51)]
    status, shown = post(ruth, "/desk/sources/list/add/", feed=chosen)
    assert (status, "You can add 50 feeds at a time, not 51." in shown) == (422, True)
    assert [value for value, ticked in boxes(shown) if ticked] == chosen[:50]
    assert not Source.objects.exists()


def test_a_long_list_is_shown_with_few_queries_and_without_ticks(ruth, source, django_assert_max_num_queries):
    text = opml(*((f"https://example.org/{number}", f"Feed {number}") for number in range(500)))
    with django_assert_max_num_queries(30):
        status, shown = post(ruth, "/desk/sources/list/", list=text)
    assert (status, len(boxes(shown))) == (200, 500)
    assert not any(ticked for _value, ticked in boxes(shown))


def test_a_thousand_sources_stand_on_several_pages_and_an_act_leads_back_to_its_page(ruth, source):
    Source.objects.bulk_create(
        Source(
            name=f"s{number}", title=f"A {number:04}", location=f"https://example.org/{number}", kind="feed"
        )
        for number in range(250)
    )
    Source.objects.filter(name="s240").update(failing_since=timezone.now(), error="It failed.")
    seen = [
        each.get("id")
        for page in (1, 2, 3)
        for each in lxml.html.document_fromstring(
            ruth.get(f"/desk/sources/?page={page}").content.decode()
        ).cssselect(".source-row")
    ]
    assert (len(seen), len(set(seen))) == (251, 251)
    assert seen[0] == f"source-{Source.objects.get(name='s240').pk}"
    answer = ruth.post(f"/desk/sources/{source.pk}/pause/", {"next": "sources", "page": "3"})
    assert answer.url == f"/desk/sources/?page=3#source-{source.pk}"
    assert ruth.get("/desk/sources/?page=x").status_code == 200
