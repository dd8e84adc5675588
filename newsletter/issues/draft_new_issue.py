"""What a new issue would contain, shown before it is drafted; and drafts that are empty or like an earlier issue."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from newsletter.accounts.form_idempotency import once
from newsletter.articles.models import Article, Source
from newsletter.articles.search_words import topic_key
from newsletter.errors import Invalid, Refused
from newsletter.issues.archived_publications import refuse_archived_publication
from newsletter.issues.candidate_articles import Choice, choose_articles
from newsletter.issues.change_locks import lock_publication
from newsletter.issues.compose import search_for_new_issue, store_draft
from newsletter.issues.edit_issue_blocks import copy_blocks
from newsletter.issues.four_eyes import require_editor
from newsletter.issues.issue_audit import record
from newsletter.issues.issue_pictures import fetch_issue_pictures
from newsletter.issues.models import Issue, Publication
from newsletter.issues.selection_rule import MAX_ITEMS, Selection, selection_from_json
from subscribers.whole_numbers import whole_number

MAX_TOPICS = 40
LOOKED_AT_FOR_TOPICS = 500
NOTHING = Choice(articles=[], left_out=[])


def articles_to_come(
    publication: Publication, selection: Selection, *, now: datetime | None = None
) -> list[Article]:
    """Return the articles that a new issue with this selection would contain now, with their sources; newest first.

    Raises Invalid if the selection names an unknown source.
    """
    choice = choose_articles(search_for_new_issue(publication, selection, now=now or timezone.now()))
    sources = Source.objects.in_bulk({article.source_id for article in choice.articles})
    for article in choice.articles:
        article.source = sources[article.source_id]
    return choice.articles


def articles_at_most(text: str) -> int | None:
    """Return the number of articles that somebody typed, or None if they typed nothing. Raises Invalid."""
    typed = text.strip()
    if not typed:
        return None
    number = whole_number(typed) or 0
    if not 1 <= number <= MAX_ITEMS:
        raise Invalid(f"The number of articles must be a whole number from 1 to {MAX_ITEMS}.")
    return number


def known_topics() -> list[str]:
    """Return the topics of the newest 500 articles, the most frequent first, at most 40."""
    newest = Article.objects.order_by("-published_at").values_list("topics", flat=True)[:LOOKED_AT_FOR_TOPICS]
    counts: dict[str, int] = {}
    written: dict[str, str] = {}
    for topics in newest:
        for topic in map(str, topics):
            key = topic_key(topic)
            written.setdefault(key, topic)
            counts[key] = counts.get(key, 0) + 1
    found = sorted(counts, key=lambda key: (-counts[key], key))[:MAX_TOPICS]
    return [written[key] for key in found]


def draft_empty(
    publication: Publication, *, now: datetime | None = None, form_key: str | None = None
) -> Issue:
    """Draft an issue without articles, such as an urgent appeal. The next issue takes articles from before it, too.

    `form_key` is as in `draft_issue`.
    """
    with transaction.atomic(), once(form_key) as form:
        publication = lock_publication(publication)
        require_editor(publication, "Composing an issue")
        refuse_archived_publication(publication)
        selection = selection_from_json(publication.selection)
        issue = store_draft(publication, selection, NOTHING, now=now or timezone.now(), began_empty=True)
        record("compose", "Drafted an empty issue.", issue=issue, changes={"articles": [None, []]})
        form.made = str(issue.pk)
    return issue


def compose_like(earlier: Issue, *, now: datetime | None = None, form_key: str | None = None) -> Issue:
    """Draft the next issue like an earlier one: with its rule for articles and its introduction, and new articles.

    The blocks stand where they did, with what the earlier issue changed about them. Sections and the audience are the
    publication's, so they are the same. The articles of the earlier issue are not copied. If there are no new articles,
    the issue has none. Fetches pictures as `compose` does. `form_key` is as in `draft_issue`.
    """
    now = now or timezone.now()
    with transaction.atomic(), once(form_key) as form:
        publication = lock_publication(earlier.publication)
        require_editor(publication, "Composing an issue")
        refuse_archived_publication(publication)
        found = Issue.objects.filter(pk=earlier.pk).first()
        if found is None:
            raise Refused("The issue that you chose to start from no longer exists. Choose another issue.")
        selection = selection_from_json(found.selection)
        choice = choose_articles(search_for_new_issue(publication, selection, now=now))
        issue = store_draft(publication, selection, choice, now=now, opening=found.opening)
        copy_blocks(found, issue)
        numbers = [article.pk for article in choice.articles]
        record(
            "compose",
            f"Composed the issue in the same way as issue {found.number}.",
            issue=issue,
            changes={"articles": [None, numbers], "opening": ["", issue.opening]},
        )
        form.made = str(issue.pk)
    fetch_issue_pictures(issue)
    return issue
