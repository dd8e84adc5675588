"""The archive's structured data, read by extruct: exactly what is expected, and the same as pages and emails say."""

from datetime import date

import pytest
from django.utils import timezone

from newsletter.articles.models import Correction
from newsletter.issues.correct_article import CorrectionText, make_correction
from newsletter.issues.draft_new_issue import draft_empty
from newsletter.rendering.render_email import render_email
from tests.structured_data.extruct_environment import structured_data_in
from tests.web.conftest import accounts, amara, draft, publication, sent_issue  # noqa: F401

TEXT = CorrectionText(
    right="The trial had 12 men, not 21 </script>.",
    said="The trial had 21 men & “more”.",
    why="We misread a table.",
    wrong_since=date(2026, 11, 1),
    severity=Correction.Severity.SERIOUS,
)
IN_WORDS = (
    f"{TEXT.right}\nWhat we said: {TEXT.said}\nWhy this happened: {TEXT.why}\nWrong since: 1 November 2026"
)


@pytest.fixture
def corrected(sent_issue):  # noqa: F811
    """The second and the last article of the issue, the last one twice."""
    articles = [item.article for item in sent_issue.items.filter(dropped=False).order_by("position")]
    Correction.objects.all().delete()
    make_correction(articles[1].pk, TEXT)
    make_correction(articles[-1].pk, CorrectionText(right="Her name is Ana."))
    make_correction(articles[-1].pk, CorrectionText(right="She is a nurse."))
    return articles[1], articles[-1]


def test_search_engines_read_exactly_the_corrections_that_readers_see(client, sent_issue, corrected):  # noqa: F811
    first, last = corrected
    slug = sent_issue.publication.slug
    address, today = f"http://localhost:8000/{slug}/1/", timezone.localdate().isoformat()
    page = client.get(f"/{slug}/1/").content.decode()
    found = structured_data_in(page, address)
    assert found["microdata"] == []
    (document,) = found["json-ld"]
    local = timezone.localtime(sent_issue.sent_at, sent_issue.publication.tzinfo)
    assert document == {
        "@context": "https://schema.org",
        "@type": "PublicationIssue",
        "@id": address,
        "url": address,
        "name": sent_issue.subject,
        "issueNumber": "1",
        "inLanguage": "en-GB",
        "datePublished": local.isoformat(timespec="minutes"),
        "isPartOf": {
            "@type": "Periodical",
            "name": sent_issue.publication.name,
            "url": f"http://localhost:8000/{slug}/",
        },
        "publisher": {
            "@type": "Organization",
            "name": sent_issue.publication.organisation,
            "url": sent_issue.publication.website,
            "correctionsPolicy": f"http://localhost:8000/{slug}/corrections/#policy",
        },
        "hasPart": [
            part(address, first, comment(today, IN_WORDS)),
            part(address, last, comment(today, "Her name is Ana."), comment(today, "She is a nurse.")),
        ],
    }


def test_the_archive_and_the_next_issue_say_the_same(client, sent_issue, corrected):  # noqa: F811
    slug = sent_issue.publication.slug
    email = render_email(draft_empty(sent_issue.publication))
    pages = [client.get(f"/{slug}/{path}").content.decode() for path in ("1/", "corrections/")]
    for text in (TEXT.why, "Her name is Ana.", "She is a nurse.", "The trial had 12 men", "1 November 2026"):
        for shown in (*pages, email.html, email.page, " ".join(email.text.split())):
            assert text in shown
    for shown in (*pages, email.html, email.page):
        assert "</script>." not in shown


def part(address, article, *comments):
    return {
        "@type": "Article",
        "@id": f"{address}#article-{article.pk}",
        "headline": article.title,
        "url": article.url,
        "correction": list(comments),
    }


def comment(day, text):
    return {"@type": "CorrectionComment", "datePublished": day, "text": text}
