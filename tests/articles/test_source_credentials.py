"""The name and the password of a source: used at its host, and shown nowhere."""

from pytest import mark, raises

from newsletter.articles.add_source import add_source
from newsletter.articles.fetch_sources import fetch_named, fetch_sources
from newsletter.articles.models import Source
from newsletter.articles.sources import find_source
from newsletter.errors import NewsletterError, Refused
from tests.fakes.source import feed, item

BODY = feed([item(1), item(2)])
PAGE = (
    '<html><head><link rel="alternate" type="application/rss+xml" href="{}"></head><body>Hello.</body></html>'
)
PASSWORD = "s3cretpw"
ANN = f"ann:{PASSWORD}"
AUTHORIZATION = "Basic YW5uOnMzY3JldHB3"
pytestmark = mark.django_db


def with_password(address, credentials=ANN):
    return address.replace("http://", f"http://{credentials}@")


def authorizations(site):
    return [headers.get("authorization") for _path, headers in site.requests]


def test_a_password_in_an_address_is_kept_apart_and_sent_with_every_fetch(site):
    site.serve("/feed", BODY)
    source = add_source(with_password(site.url("/feed")))
    source.refresh_from_db()
    assert (source.location, source.credentials) == (site.url("/feed"), ANN)
    [report] = fetch_sources([source], force=True)
    assert report.counts.added == 2
    assert authorizations(site) == [AUTHORIZATION] * 2
    assert find_source(with_password(site.url("/feed"))) == source


def test_the_feed_behind_a_page_gets_the_password_at_the_same_host_alone(site, configured):
    configured(fetch_allow_hosts=("127.0.0.1", "localhost"))
    site.serve("/feed", BODY)
    for path, target in (
        ("/near", site.url("/feed")),
        ("/far", site.url("/feed").replace("127.0.0.1", "localhost")),
    ):
        site.serve(path, PAGE.format(target).encode(), headers={"Content-Type": "text/html"})
    near, far = add_source(with_password(site.url("/near"))), add_source(with_password(site.url("/far")))
    assert authorizations(site) == [AUTHORIZATION, AUTHORIZATION, AUTHORIZATION, None]
    assert (near.credentials, far.credentials) == (ANN, "")
    assert "localhost" in far.location


def test_no_command_shows_the_password(site, cli):
    site.serve("/feed", BODY)
    address = with_password(site.url("/feed"))
    said = [cli("sources", "add", address, "--name", "news")]
    said += [
        cli("sources", "show", "news", "--json"),
        cli("sources", "list"),
        cli("sources", "list", "--json"),
    ]
    said += [
        cli("sources", "add", address),
        cli("articles", "fetch", "--json"),
        cli("sources", "show", address),
    ]
    site.fail("/feed", 401)
    said += [cli("articles", "fetch", "news"), cli("sources", "list"), cli("sources", "show", "news")]
    said += [cli("articles", "fetch", with_password(site.url("/unknown"))), cli("sources", "remove", "news")]
    said += [cli("articles", "fetch", f"http://ann:{PASSWORD}/x@nowhere.example/feed")]
    text = "".join(each.out + each.err for each in said)
    assert "127.0.0.1" in text
    assert PASSWORD not in text


def test_no_page_of_the_administration_shows_the_password(site, admin_client):
    site.serve("/feed", BODY)
    source = add_source(with_password(site.url("/feed")))
    for page in ("", f"{source.pk}/change/", f"{source.pk}/history/", "?q=feed"):
        answer = admin_client.get(f"/admin/newsletter/source/{page}")
        assert answer.status_code == 200
        assert PASSWORD not in answer.content.decode()


def test_adding_a_source_again_gives_it_another_password_that_it_takes(site):
    site.serve("/feed", BODY)
    source = add_source(with_password(site.url("/feed")))
    assert add_source(with_password(site.url("/feed"), "ann:other")) == source
    source.refresh_from_db()
    assert source.credentials == "ann:other"
    with raises(Refused, match="is already a source"):
        add_source(site.url("/feed"))
    site.fail("/feed", 401)
    with raises(NewsletterError, match="requires a username and password"):
        add_source(with_password(site.url("/feed"), "ann:wrong"))
    source.refresh_from_db()
    assert source.credentials == "ann:other"


def test_a_password_for_another_spelling_of_the_host_does_not_reach_the_source(site, configured):
    configured(fetch_allow_hosts=("127.0.0.1", "localhost"))
    site.serve("/feed", BODY)
    source = add_source(site.url("/feed"))
    with raises(Refused, match="is already a source"):
        add_source(with_password(site.url("/feed/index.html").replace("http:", "https:")))
    source.refresh_from_db()
    assert source.credentials == ""


def test_a_new_source_that_is_fetched_by_its_address_keeps_its_password(site):
    site.serve("/feed", BODY)
    [report] = fetch_named([with_password(site.url("/feed"))])
    assert report.counts.added == 2
    assert Source.objects.get().credentials == ANN
