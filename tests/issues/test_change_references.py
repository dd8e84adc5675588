"""Editors add, change and remove references. Fetches keep what they did, and emails show it."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.articles.incoming_article import Citation, IncomingArticle, Reading
from newsletter.articles.ingest import prepare, store
from newsletter.articles.models import Article
from newsletter.articles.references.reference_form import ReferenceFields, fields_of_reference
from newsletter.articles.sources import locked_source
from newsletter.errors import NotFound, Refused
from newsletter.issues.change_references import (
    add_reference,
    change_reference,
    reference_version,
    remove_reference,
    removed_references,
    restore_reference,
    shown_references,
)
from newsletter.issues.compose import compose
from newsletter.issues.four_eyes import why_not_approver
from newsletter.issues.models import AuditEntry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 9, 12, tzinfo=UTC)
SUN = Citation(kind="study", citation="Sun et al. 2012", doi="10.1038/nm.2890")
REPLY = Citation(kind="response", citation="A response", url="https://example.org/response")
OTHER = ReferenceFields(kind="guideline", title="Prostate cancer", authors="NICE", year="2019")
EMMA = Actor("emma", frozenset({Role.EDITOR, Role.APPROVER}), 7)
MISSING = 999_999_999


@pytest.fixture
def fetch(source):
    """Store the references that the site names now, and give the article as it is afterwards."""

    def fetch(*references):
        article = IncomingArticle(
            url="https://example.org/1",
            guid="g-1",
            title="Aspirin",
            html="<p>Words.</p>",
            published_at=NOW,
            references=references,
        )
        reading = Reading(kind="feed", articles=(article,))
        with transaction.atomic():
            store(locked_source(source), reading, prepare(reading), now=NOW)
        return Article.objects.get()

    return fetch


def shown(article):
    return [each.citation for each in shown_references(Article.objects.get(pk=article.pk))]


def test_a_fetch_keeps_what_an_editor_added(fetch):
    article = fetch(SUN)
    add_reference(article.pk, OTHER)
    assert shown(article) == ["Sun et al. 2012", "NICE. Prostate cancer. 2019."]
    fetch(REPLY)
    assert sorted(shown(article)) == ["A response", "NICE. Prostate cancer. 2019."]


def test_a_reference_of_the_source_that_was_changed_stays_changed(fetch):
    article = fetch(SUN, REPLY)
    sun = article.references.get(doi=SUN.doi)
    fields = fields_of_reference(sun)
    assert (fields.title, fields.identifier) == ("Sun et al. 2012", "10.1038/nm.2890")
    change_reference(
        article.pk, sun.pk, ReferenceFields(title="Damage", authors="Sun, Yu", identifier=SUN.doi)
    )
    assert shown(fetch(SUN)) == ["Sun Y. Damage. doi:10.1038/nm.2890"]
    fetch(SUN, REPLY)
    assert sorted(shown(article)) == ["A response", "Sun Y. Damage. doi:10.1038/nm.2890"]
    assert shown(fetch(REPLY)) == ["Sun Y. Damage. doi:10.1038/nm.2890", "A response"]


def test_a_removed_reference_does_not_come_back_until_it_is_restored(fetch):
    article = fetch(SUN, REPLY)
    reply = article.references.get(kind="response")
    remove_reference(article.pk, reply.pk)
    assert shown(fetch(SUN)) == ["Sun et al. 2012"]
    new = Citation(kind="report", citation="A report")
    assert shown(fetch(SUN, REPLY, new)) == ["Sun et al. 2012", "A report"]
    assert [each.citation for each in removed_references(article)] == ["A response"]
    restore_reference(article.pk, reply.pk)
    assert shown(article) == ["Sun et al. 2012", "A response", "A report"]


def test_an_unchanged_article_is_not_written_again(fetch):
    article = fetch(SUN)
    add_reference(article.pk, OTHER)
    numbers = list(article.references.values_list("pk", flat=True))
    fetch(SUN)
    assert list(article.references.values_list("pk", flat=True)) == numbers


def test_the_same_reference_is_not_added_twice(fetch):
    article = fetch(SUN)
    with pytest.raises(Refused, match=r"already has this reference: Sun et al\. 2012"):
        add_reference(
            article.pk, ReferenceFields(title="Damage", identifier="https://doi.org/10.1038/NM.2890")
        )
    first = add_reference(article.pk, OTHER)
    with pytest.raises(Refused, match="already has"):
        add_reference(article.pk, OTHER)
    remove_reference(article.pk, first.pk)
    add_reference(article.pk, OTHER)
    with pytest.raises(Refused, match="already has"):
        restore_reference(article.pk, first.pk)


@pytest.mark.parametrize(
    ("identifier", "again"),
    [
        ("10.1038/nm.2890", "https://doi.org/10.1038/NM.2890/"),
        ("PMID 22863786", "https://pubmed.ncbi.nlm.nih.gov/22863786/"),
        ("978-0-306-40615-7", "ISBN 9780306406157"),
        ("PMC3677971", "pmcid: PMC3677971"),
        ("https://example.org/a/", "example.org/a"),
        ("arXiv:2101.00001", "https://arxiv.org/abs/2101.00001v2"),
    ],
)
def test_the_same_identifier_is_not_added_twice_with_other_words(fetch, identifier, again):
    article = fetch()
    add_reference(article.pk, ReferenceFields(title="One", identifier=identifier))
    with pytest.raises(Refused, match="already has this reference"):
        add_reference(article.pk, ReferenceFields(title="Another title", identifier=again))


def test_two_chapters_of_a_book_can_be_cited(fetch):
    article = fetch()
    for pages in ("1-20", "21-40"):
        fields = ReferenceFields(title=f"Chapter {pages}", identifier="978-0-306-40615-7", pages=pages)
        add_reference(article.pk, fields)
    assert len(shown(article)) == 2


def test_a_reference_that_changed_is_not_overwritten(fetch):
    article = fetch(SUN)
    sun = article.references.get()
    seen = reference_version(sun)
    change_reference(article.pk, sun.pk, OTHER, seen=seen)
    with pytest.raises(Refused, match="Somebody else has changed this reference"):
        change_reference(article.pk, sun.pk, ReferenceFields(title="Mine"), seen=seen)
    with pytest.raises(NotFound):
        remove_reference(article.pk, MISSING)


def test_each_change_is_in_the_log_and_counts_as_work_on_the_issue(weekly, fetch):
    article = fetch(SUN)
    issue = compose(weekly)
    weekly.four_eyes = True
    weekly.save()
    with acting_as(EMMA):
        assert why_not_approver(type(issue).objects.get(pk=issue.pk)) == ""
        add_reference(article.pk, OTHER)
        assert "emma worked on" in why_not_approver(type(issue).objects.get(pk=issue.pk))
    entry = AuditEntry.objects.get(act="article", issue=issue, actor="emma")
    assert entry.sentence == "Added a reference to “Aspirin” for all issues."
    assert entry.changes["references"][1][1] == "Guideline: NICE. Prostate cancer. 2019."


def test_only_authors_can_change_references(fetch):
    article = fetch(SUN)
    sender = Actor("sam", frozenset({Role.SENDER}), 8)
    reference = article.references.get().pk
    for act in (
        lambda: add_reference(article.pk, OTHER),
        lambda: change_reference(article.pk, reference, OTHER),
        lambda: remove_reference(article.pk, reference),
        lambda: restore_reference(article.pk, reference),
    ):
        with acting_as(sender), pytest.raises(Refused, match="Only an author"):
            act()
