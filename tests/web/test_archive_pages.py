"""The web page of an issue, the list of all issues, their feeds, and who may read them."""

import json
import re
from datetime import UTC, datetime, timedelta
from html import escape
from xml.etree import ElementTree as ET

import pytest

from newsletter.articles.models import Article, Correction
from newsletter.issues.models import Issue, Publication
from newsletter.rendering.email_set import digest_of_set
from newsletter.sending.models import Mailing
from newsletter.sending.web_page_changes import correct_web_page, undo_web_page_change, withdraw_web_page
from subscribers import signed_links
from subscribers.signed_links import Purpose

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def page_of(client):
    def read(issue, query=""):
        return client.get(f"/{issue.publication.slug}/{issue.number}/{query}")

    return read


@pytest.fixture
def many(copies_of_sent):
    """Copies of the sent issue, one a week: `many(60)`."""
    began = datetime(2026, 11, 24, tzinfo=UTC)
    return lambda count: copies_of_sent(count, sent_at=lambda number: began + timedelta(weeks=number))


def archive(issue, choice):
    Publication.objects.filter(pk=issue.publication.pk).update(archive=choice)


def test_the_page_of_an_issue_is_a_page_and_not_the_email(sent_issue, page_of):
    page = page_of(sent_issue).content.decode()
    assert page.count("<h1") == page.count("<main") == 1
    assert f'<link rel="canonical" href="http://localhost:8000/{sent_issue.publication.slug}/1/">' in page
    assert '<meta property="og:title"' in page
    assert "<table" not in page
    for item in sent_issue.items.filter(dropped=False).select_related("article"):
        assert escape(item.headline or item.article.title, quote=False) in page
    assert "*|" not in page


def test_every_article_has_the_place_that_emails_link_to(sent_issue, page_of):
    page = page_of(sent_issue).content.decode()
    for item in sent_issue.items.filter(dropped=False):
        assert f'id="article-{item.article_id}"' in page


def test_what_a_person_may_do_is_shown_to_them_alone(sent_issue, page_of, amara):
    token = signed_links.make_token(Purpose.READ_ONLINE, amara)
    mine, others = page_of(sent_issue, f"?reader={token}"), page_of(sent_issue)
    assert signed_links.make_url(Purpose.PREFERENCES, amara) in mine.content.decode()
    assert mine["Cache-Control"] == "private, no-store"
    assert mine["X-Robots-Tag"] == "noindex"
    assert "/preferences/" not in others.content.decode()
    assert others["Cache-Control"].startswith("public")


def test_a_page_that_the_browser_has_is_not_sent_again(client, sent_issue):
    for path in ("1/", "", "feed.rss", "feed.atom", "feed.json"):
        address = f"/{sent_issue.publication.slug}/{path}"
        tag = client.get(address)["ETag"]
        again = client.get(address, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b""), path


def test_issues_lead_to_the_one_before_and_the_one_after(client, sent_issue, many):
    many(3)
    page = client.get(f"/{sent_issue.publication.slug}/2/").content.decode()
    assert re.search(r'rel="prev" href="[^"]*/1/"', page)
    assert re.search(r'rel="next" href="[^"]*/3/"', page)
    assert 'rel="prev"' not in client.get(f"/{sent_issue.publication.slug}/1/").content.decode()


def test_a_correction_after_sending_stands_above_the_issue(sent_issue, page_of):
    item = sent_issue.items.filter(dropped=False).first()
    day = sent_issue.sent_at.date()
    found_at = sent_issue.sent_at + timedelta(hours=1)
    for days, text in ((0, "It was 12, not 21."), (1, "Its day has not come.")):
        Correction.objects.create(
            article=item.article, corrected_on=day + timedelta(days=days), text=text, found_at=found_at
        )
    Correction.objects.create(article=item.article, corrected_on=day - timedelta(days=9), text="Long known.")
    page = page_of(sent_issue).content.decode()
    assert "It was 12, not 21." in page
    assert "Long known." not in page
    assert "Its day has not come." not in page


def test_a_subject_in_a_language_whose_words_we_do_not_have_says_its_language_on_english_pages(
    client, sent_issue, many
):
    many(2)
    Publication.objects.update(language="he", tagline="חדשות")
    Issue.objects.update(subject="מה אומר המחקר?", preheader="חדשות")
    mailing = Mailing.objects.get(issue=sent_issue)
    variant = mailing.variants.get()
    variant.email |= {"language": "he"}
    variant.save()
    Mailing.objects.filter(pk=mailing.pk).update(digest=digest_of_set([{"email": variant.email}]))
    front, archive, page = (
        client.get(path).content.decode()
        for path in ("/", f"/{sent_issue.publication.slug}/", f"/{sent_issue.publication.slug}/1/")
    )
    for shown in (front, archive, page):
        assert '<html lang="en' in shown
        assert '<bdi lang="he" dir="rtl">מה אומר המחקר?</bdi>' in shown
    for shown in (front, archive):
        assert '<bdi lang="he" dir="rtl">חדשות</bdi>' in shown
    assert '<h1 lang="he" dir="rtl">מה אומר המחקר?</h1>' in page
    Publication.objects.update(language="ar")
    assert 'lang="ar" dir="rtl">' in client.get(f"/{sent_issue.publication.slug}/").content.decode()
    assert "<bdi>מה" in client.get(f"/{sent_issue.publication.slug}/").content.decode()


def test_an_issue_that_was_sent_before_pages_existed_is_shown_as_its_email(sent_issue, page_of):
    mailing = Mailing.objects.get(issue=sent_issue)
    variant = mailing.variants.get()
    variant.email = {name: value for name, value in variant.email.items() if name != "page"}
    variant.save()
    mailing.digest = digest_of_set([{"email": variant.email}])
    mailing.save()
    page = page_of(sent_issue)
    assert page.status_code == 200
    assert "<table" in page.content.decode()


def test_a_long_archive_has_pages_and_years(client, sent_issue, many):
    many(60)
    first = client.get(f"/{sent_issue.publication.slug}/").content.decode()
    assert first.count('<li><a href="') == 50
    assert "<h3>2028</h3>" in first
    assert "Older issues" in first
    second = client.get(f"/{sent_issue.publication.slug}/?page=2").content.decode()
    assert second.count('<li><a href="') == 10
    assert "Newer issues" in second
    for odd in ("0", "-1", "999999", "x", "1" * 40, "٣"):
        assert client.get(f"/{sent_issue.publication.slug}/", {"page": odd}).status_code == 200


def test_the_number_of_queries_does_not_grow_with_the_archive(
    client, sent_issue, many, django_assert_max_num_queries
):
    many(40)
    for path in ("", "20/"):
        with django_assert_max_num_queries(14):
            client.get(f"/{sent_issue.publication.slug}/{path}")


def test_search_finds_words_in_subjects_and_headlines(client, sent_issue, many):
    many(12)
    article = sent_issue.items.filter(dropped=False).first().article
    Article.objects.filter(pk=article.pk).update(title="Zebrafish and the tide")

    def found(words):
        page = client.get(f"/{sent_issue.publication.slug}/", {"q": words})
        assert page["X-Robots-Tag"] == "noindex"
        return page.content.decode()

    assert found("week 7").count('<li><a href="') == 1
    assert "1 issue found." in found("ZEBRAFISH tide")
    nothing = found("<script>alert(1)</script>")
    assert "0 issues found." in nothing
    assert "<script>alert" not in nothing
    assert client.get(f"/{sent_issue.publication.slug}/", {"q": "%_'\"" + "x" * 5_000}).status_code == 200


def test_feeds_have_the_issues_with_their_addresses_and_contents(client, sent_issue, many):
    many(3)
    slug = sent_issue.publication.slug
    rss = ET.fromstring(client.get(f"/{slug}/feed.rss").content)
    items = rss.findall("channel/item")
    assert [each.findtext("title") for each in items][:2] == ["Week 3", "Week 2"]
    assert items[-1].findtext("guid") == items[-1].findtext("link") == f"http://localhost:8000/{slug}/1/"
    assert items[-1].find("guid").get("isPermaLink") == "true"
    assert "article-" in items[-1].findtext("description")
    atom = ET.fromstring(client.get(f"/{slug}/feed.atom").content)
    assert len(atom.findall(f"{ATOM}entry")) == 3
    assert atom.find(f"{ATOM}link[@rel='self']").get("href") == f"http://localhost:8000/{slug}/feed.atom"
    document = json.loads(client.get(f"/{slug}/feed.json").content)
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert document["items"][-1]["id"] == f"http://localhost:8000/{slug}/1/"
    assert all("*|" not in each["content_html"] for each in document["items"])
    assert client.get(f"/{slug}/feed.xml").status_code == 404


def test_a_draft_is_in_no_feed_list_search_or_sitemap(client, draft):
    slug = draft.publication.slug
    for path in (
        f"/{slug}/",
        f"/{slug}/?q=e",
        f"/{slug}/feed.rss",
        f"/{slug}/feed.json",
        "/sitemap.xml",
        "/",
    ):
        assert draft.subject not in client.get(path).content.decode(), path
    assert f"/{slug}/1/" not in client.get("/sitemap.xml").content.decode()


def test_search_engines_are_told_what_is_there(client, sent_issue):
    slug = sent_issue.publication.slug
    sitemap = client.get("/sitemap.xml").content.decode()
    ET.fromstring(sitemap)
    assert f"<loc>http://localhost:8000/{slug}/1/</loc><lastmod>2026-11-" in sitemap
    robots = client.get("/robots.txt").content.decode()
    assert "Disallow: /desk/" in robots
    assert "Sitemap: http://localhost:8000/sitemap.xml" in robots


def test_an_unlisted_archive_can_be_read_but_not_found(client, sent_issue, page_of):
    archive(sent_issue, Publication.Archive.UNLISTED)
    slug = sent_issue.publication.slug
    for path in (f"/{slug}/", f"/{slug}/1/", f"/{slug}/feed.rss"):
        page = client.get(path)
        assert (page.status_code, page["X-Robots-Tag"]) == (200, "noindex"), path
    assert slug not in client.get("/sitemap.xml").content.decode()


def test_an_archive_for_subscribers_shows_nothing_to_others(client, sent_issue, page_of, amara):
    archive(sent_issue, Publication.Archive.SUBSCRIBERS)
    slug = sent_issue.publication.slug
    paths = ("/", f"/{slug}/", f"/{slug}/?q=a", f"/{slug}/1/", f"/{slug}/1/?reader=nonsense", "/sitemap.xml")
    for path in (*paths, f"/{slug}/feed.rss", f"/{slug}/feed.atom", f"/{slug}/feed.json"):
        for method in (client.get, client.head):
            page = method(path)
            assert sent_issue.subject not in page.content.decode(), path
            assert sent_issue.subject not in str(page.headers), path
    assert client.get(f"/{slug}/1/").status_code == 403
    assert client.get(f"/{slug}/feed.rss").status_code == 404
    token = signed_links.make_token(Purpose.READ_ONLINE, amara)
    mine = page_of(sent_issue, f"?reader={token}")
    assert sent_issue.subject in mine.content.decode()
    assert mine["Cache-Control"] == "private, no-store"
    assert "feed.rss" not in mine.content.decode()


def test_a_corrected_page_says_so_at_its_top_and_in_the_feeds(client, sent_issue, page_of):
    headline = sent_issue.items.get(lead=True).article.title
    correct_web_page(sent_issue, "The headline was <wrong>.", old=headline, new="Right now")
    page = page_of(sent_issue).content.decode()
    assert "This page was corrected on" in page
    assert page.index("The headline was &lt;wrong&gt;.") < page.index('<div class="issue"')
    assert "Right now" in page
    assert escape(headline, quote=False) not in page
    for kind in ("rss", "atom", "json"):
        feed = client.get(f"/{sent_issue.publication.slug}/feed.{kind}").content.decode()
        assert "This page was corrected on" in feed
        assert headline not in feed


def test_a_withdrawn_page_says_why_and_lists_feeds_and_sitemap_leave_it_out(
    client, sent_issue, page_of, amara
):
    slug = sent_issue.publication.slug
    change = withdraw_web_page(sent_issue, "Somebody <asked> us.")
    token = signed_links.make_token(Purpose.READ_ONLINE, amara)
    for query in ("", f"?reader={token}", "?trial=x"):
        answer = page_of(sent_issue, query)
        assert (answer.status_code, answer["X-Robots-Tag"]) == (410, "noindex")
        assert "This issue was withdrawn" in answer.content.decode()
        assert "Somebody &lt;asked&gt; us." in answer.content.decode()
        assert sent_issue.subject not in answer.content.decode()
    address = f"/{slug}/1/"
    for path in (
        f"/{slug}/",
        f"/{slug}/feed.rss",
        f"/{slug}/feed.atom",
        f"/{slug}/feed.json",
        "/sitemap.xml",
        "/",
    ):
        assert address not in client.get(path).content.decode(), path
    undo_web_page_change(sent_issue, change.pk)
    assert page_of(sent_issue).status_code == 200
    assert address in client.get("/sitemap.xml").content.decode()


def test_the_list_of_issues_shows_the_corrected_subject(client, sent_issue):
    Issue.objects.filter(pk=sent_issue.pk).update(subject="Tieds")
    mailing = Mailing.objects.get(issue=sent_issue)
    variant = mailing.variants.get()
    variant.email |= {"subject": "Tieds"}
    variant.save()
    Mailing.objects.filter(pk=mailing.pk).update(digest=digest_of_set([{"email": variant.email}]))
    correct_web_page(sent_issue, "A slip of the pen.", old="Tieds", new="Tides")
    page = client.get(f"/{sent_issue.publication.slug}/").content.decode()
    assert "Tides</bdi>" in page
    assert "Tieds" not in page
