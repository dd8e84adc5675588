"""Corrections on public pages: beside the article, in the list of all of them, and as structured data."""

import json
import re
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest
from django.utils import timezone

from newsletter.articles.models import Correction
from newsletter.issues.article_corrections import corrections_since_last_issue
from newsletter.issues.correct_article import CorrectionText, make_correction
from newsletter.issues.models import Publication
from newsletter.rendering.email_set import digest_of_set
from newsletter.sending.models import Mailing, Variant
from newsletter.sending.stored_variants import emails_of

pytestmark = pytest.mark.django_db
HOSTILE = "</script><script>alert(1)</script><!-- & “x” '\""
ATOM = "{http://www.w3.org/2005/Atom}"
JSON_LD = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


@pytest.fixture
def article(sent_issue):
    return sent_issue.items.filter(dropped=False).order_by("position").last().article


@pytest.fixture
def made(article):
    return make_correction(
        article.pk,
        CorrectionText(
            right="It was 12, not 21.",
            said="There were 21 boats.",
            why="We misread a table.",
            wrong_since=date(2026, 11, 1),
            severity=Correction.Severity.SERIOUS,
        ),
    )


def read(client, issue, path=None):
    answer = client.get(path or f"/{issue.publication.slug}/{issue.number}/")
    assert answer.status_code == 200
    return answer.content.decode()


def data_in(page):
    (document,) = JSON_LD.findall(page)
    return json.loads(document)


def test_a_correction_stands_in_its_article_and_above_the_issue(client, sent_issue, article, made):
    page = read(client, sent_issue)
    above, _, issue = page.partition('<div class="issue"')
    assert f'<a href="#article-{article.pk}">' in above
    assert made.text in above
    begins = issue.index(f'<article id="article-{article.pk}"')
    beside = issue[begins : issue.index("</article>", begins)]
    assert beside.index("</h") < beside.index('<div class="notice" role="note">')
    for text in (made.text, made.said, made.why, "1 November 2026"):
        assert text in beside
    assert issue.count('role="note"') == 1


def test_labels_and_dates_are_written_as_in_the_language(client, sent_issue, made):
    Publication.objects.update(language="fr")
    page = read(client, sent_issue)
    assert "Ce que nous avions écrit\N{NO-BREAK SPACE}:</strong>" in page
    assert "1er novembre 2026" in page
    [article] = data_in(page)["hasPart"]
    assert f"Ce que nous avions écrit\N{NO-BREAK SPACE}: {made.said}" in article["correction"][0]["text"]


def test_the_structured_data_is_exact(client, sent_issue, article, made):
    publication = sent_issue.publication
    address = f"http://localhost:8000/{publication.slug}/1/"
    data = data_in(read(client, sent_issue))
    assert data.pop("datePublished").startswith("2026-11-")
    assert data == {
        "@context": "https://schema.org",
        "@type": "PublicationIssue",
        "@id": address,
        "url": address,
        "name": sent_issue.subject,
        "issueNumber": "1",
        "inLanguage": "en-GB",
        "isPartOf": {
            "@type": "Periodical",
            "name": publication.name,
            "url": f"http://localhost:8000/{publication.slug}/",
        },
        "publisher": {
            "@type": "Organization",
            "name": publication.organisation,
            "url": publication.website,
            "correctionsPolicy": f"http://localhost:8000/{publication.slug}/corrections/#policy",
        },
        "hasPart": [
            {
                "@type": "Article",
                "@id": f"{address}#article-{article.pk}",
                "headline": article.title,
                "url": article.url,
                "correction": [
                    {
                        "@type": "CorrectionComment",
                        "datePublished": made.corrected_on.isoformat(),
                        "text": "It was 12, not 21.\nWhat we said: There were 21 boats.\n"
                        "Why this happened: We misread a table.\nWrong since: 1 November 2026",
                    }
                ],
            }
        ],
    }


def test_an_issue_without_corrections_says_its_policy_alone(client, sent_issue):
    Correction.objects.all().delete()
    page = read(client, sent_issue)
    assert "hasPart" not in data_in(page)
    assert 'role="note"' not in page
    policy = data_in(page)["publisher"]["correctionsPolicy"]
    shown = read(client, sent_issue, policy.removeprefix("http://localhost:8000").partition("#")[0])
    assert 'id="policy"' in shown
    assert "There are no corrections." in shown


def test_hostile_words_stay_words(client, sent_issue, article):
    make_correction(article.pk, CorrectionText(right=HOSTILE, said=HOSTILE, why=HOSTILE))
    page = read(client, sent_issue)
    assert "<script>alert" not in page
    assert data_in(page)["hasPart"][0]["correction"][0]["text"].startswith(HOSTILE)
    assert "<script>alert" not in read(client, sent_issue, f"/{sent_issue.publication.slug}/corrections/")


def test_the_list_has_every_correction_and_pages(client, sent_issue, article, made):
    slug = sent_issue.publication.slug
    shown = read(client, sent_issue, f"/{slug}/corrections/")
    assert all(text in shown for text in (article.title, made.text, made.said, made.why, "1 November 2026"))
    Correction.objects.exclude(pk=made.pk).delete()
    day = timezone.now().date() - timedelta(days=9)
    Correction.objects.bulk_create(
        Correction(article=article, corrected_on=day, text=f"Number {number}.") for number in range(60)
    )
    first, second = (read(client, sent_issue, f"/{slug}/corrections/?page={page}") for page in (1, 2))
    assert (first.count("<article"), second.count("<article")) == (50, 11)
    assert 'rel="next" href="?page=2"' in first
    assert 'rel="prev" href="?page=1"' in second
    for address in (f"/{slug}/", f"/{slug}/1/"):
        assert f'href="/{slug}/corrections/"' in read(client, sent_issue, address)


def test_a_source_can_date_a_correction_before_the_issue_that_does_not_have_it(client, sent_issue, article):
    """What counts is when we found it: the email was approved before, or after."""
    approved_at = sent_issue.approvals.get(withdrawn_at=None).approved_at
    before = sent_issue.sent_at.date() - timedelta(days=9)
    hour, given = timedelta(hours=1), article.corrections.create
    given(corrected_on=before, text="Dated back.", found_at=approved_at + hour)
    given(corrected_on=before, text="Long known.", found_at=approved_at - hour)
    given(corrected_on=sent_issue.sent_at.date(), text="Known that day.", found_at=approved_at - hour)
    given(corrected_on=before + timedelta(days=90), text="Of the future.", found_at=approved_at + hour)
    page, every = (
        read(client, sent_issue, f"/{sent_issue.publication.slug}/{path}") for path in ("1/", "corrections/")
    )
    (told,) = data_in(page)["hasPart"][0]["correction"]
    assert told["text"] == "Dated back."
    assert [each.text for each in corrections_since_last_issue(sent_issue.publication)] == ["Dated back."]
    for text, is_shown, is_listed in (
        ("Dated back.", True, True),
        ("Long known.", False, True),
        ("Known that day.", False, True),
        ("Of the future.", False, False),
    ):
        assert (text in page, text in every) == (is_shown, is_listed)


def test_a_correction_is_an_entry_of_its_own_in_each_feed(client, sent_issue, article, made):
    slug = sent_issue.publication.slug
    article.corrections.create(corrected_on=date(2026, 1, 1), text="Long before the issue.")
    address = f"http://localhost:8000/{slug}/corrections/#correction-{made.pk}"
    assert f'id="correction-{made.pk}"' in read(client, sent_issue, f"/{slug}/corrections/")
    items = json.loads(client.get(f"/{slug}/feed.json").content)["items"]
    assert [each["url"] for each in items] == [address, f"http://localhost:8000/{slug}/1/"]
    first = items[0]
    assert first["id"] == address
    assert first["title"] == f"Correction: {article.title}"
    assert first["date_published"] == made.made_at.isoformat(timespec="seconds")
    for text in (made.text, made.said, made.why, "1 November 2026"):
        assert text in first["content_html"]
    for kind in ("rss", "atom"):
        feed = client.get(f"/{slug}/feed.{kind}").content.decode()
        assert address in feed
        assert "Long before the issue." not in feed
        ET.fromstring(feed)


def test_a_hostile_correction_is_text_in_feeds(client, sent_issue, article):
    make_correction(article.pk, CorrectionText(right=HOSTILE, said=HOSTILE, why=HOSTILE))
    items = json.loads(client.get(f"/{sent_issue.publication.slug}/feed.json").content)["items"]
    assert "<script" not in items[0]["content_html"]
    assert "&lt;/script&gt;" in items[0]["content_html"]


def test_a_correction_that_a_source_dates_back_is_new_in_feeds_when_we_found_it(client, sent_issue, article):
    found_at = sent_issue.sent_at + timedelta(hours=1)
    before = sent_issue.sent_at.date() - timedelta(days=9)
    article.corrections.create(corrected_on=before, text="Dated back.", found_at=found_at)
    items = json.loads(client.get(f"/{sent_issue.publication.slug}/feed.json").content)["items"]
    assert items[0]["summary"] == "Dated back."
    assert items[0]["date_published"] == found_at.isoformat(timespec="seconds")


def test_a_correction_that_its_source_reworded_says_when_in_each_feed(client, sent_issue, article):
    found_at, changed_at = (sent_issue.sent_at + timedelta(hours=each) for each in (1, 2))
    day = sent_issue.sent_at.date()
    article.corrections.create(corrected_on=day, text="As it was.", found_at=found_at)
    article.corrections.create(corrected_on=day, text="Reworded.", found_at=found_at, changed_at=changed_at)
    when = changed_at.isoformat(timespec="seconds")
    feeds = {
        kind: client.get(f"/{sent_issue.publication.slug}/feed.{kind}").content.decode()
        for kind in ("json", "atom", "rss")
    }
    first, second, _issue = json.loads(feeds["json"])["items"]
    assert {first["summary"]: first.get("date_modified"), second["summary"]: second.get("date_modified")} == {
        "As it was.": None,
        "Reworded.": when,
    }
    assert {first["date_published"], second["date_published"]} == {found_at.isoformat(timespec="seconds")}
    atom = ET.fromstring(feeds["atom"])
    assert [it.text for it in atom.iter(f"{ATOM}updated")].count(changed_at.isoformat()) == 2, (
        "the feed and the entry"
    )
    rss = ET.fromstring(feeds["rss"])
    assert [it.text for it in rss.iter(f"{ATOM}updated")] == [changed_at.isoformat()]
    assert len(list(rss.iter("pubDate"))) == 3


def test_the_list_of_a_closed_archive_shows_nothing(client, sent_issue, made):
    Publication.objects.update(archive=Publication.Archive.SUBSCRIBERS)
    shown = read(client, sent_issue, f"/{sent_issue.publication.slug}/corrections/")
    assert made.text not in shown
    assert "Only subscribers can read the issues" in shown
    assert client.get("/no-such-newsletter/corrections/").status_code == 404


def test_a_page_without_places_keeps_its_correction_above(client, sent_issue, made):
    mailing = Mailing.objects.get(issue=sent_issue)
    (variant,) = Variant.objects.filter(mailing=mailing)
    page = emails_of(mailing).main.page.replace("<article id=", "<article data-id=")
    variant.email = variant.email | {"page": page}
    variant.save()
    Mailing.objects.update(digest=digest_of_set([{"email": variant.email}]))
    shown = read(client, sent_issue)
    assert 'role="note"' not in shown
    assert made.text in shown
