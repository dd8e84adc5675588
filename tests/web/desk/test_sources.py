"""The sources in the desk: found by the address of a site, fetched, paused, renamed, accepted and removed."""

import pytest
from django.utils import timezone

from newsletter.articles.fetch_due import fetch_next_source
from newsletter.articles.models import Article, Source
from tests.fakes.source import feed, item

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
    Source.objects.update(changed_since=timezone.now(), change="The texts are much shorter.")
    shown = ruth.get(f"/desk/sources/{source.pk}/").content.decode()
    assert "The texts are much shorter." in shown
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
    assert "was here already" in again.content.decode()
    status, shown = post(ruth, "/desk/articles/add/", address=site.url("/none"))
    assert (status in {422, 503}, site.url("/none") in shown) == (True, True)
