"""Drafts the next issue of a publication from its latest articles. If that fails, nothing is stored."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from newsletter.accounts.form_idempotency import once
from newsletter.articles.models import Article
from newsletter.errors import Refused
from newsletter.issues.archived_publications import refuse_archived_publication
from newsletter.issues.candidate_articles import (
    FORBIDDEN,
    WAITING,
    CandidateSearch,
    Choice,
    choose_articles,
    last_composed_issue,
)
from newsletter.issues.change_locks import lock_publication
from newsletter.issues.default_subject import suggest
from newsletter.issues.four_eyes import require_editor
from newsletter.issues.issue_audit import record
from newsletter.issues.issue_pictures import fetch_issue_pictures
from newsletter.issues.issue_versions import record_first_version
from newsletter.issues.item_order import choose_lead, headings, in_print_order, section_of
from newsletter.issues.models import Issue, Item, Publication
from newsletter.issues.selection_rule import LAST_ISSUE, Selection, selection_from_json, selection_to_json
from subscribers.phrases import counted, written_day


def compose(
    publication: Publication,
    *,
    selection: Selection | None = None,
    again: bool = False,
    now: datetime | None = None,
    form_key: str | None = None,
) -> Issue:
    """Draft the next issue, and fetch its pictures, which takes at most 20 seconds. Raises as `draft_issue`.

    A picture that does not come raises nothing. Never call this inside a transaction.
    """
    issue = draft_issue(publication, selection=selection, again=again, now=now, form_key=form_key)
    fetch_issue_pictures(issue)
    return issue


def draft_issue(
    publication: Publication,
    *,
    selection: Selection | None = None,
    again: bool = False,
    now: datetime | None = None,
    form_key: str | None = None,
    audience: dict[str, Any] | None = None,
) -> Issue:
    """Draft the next issue: the lead first, then the other articles in the publication's sections.

    `audience` is the issue's own (audience_choice.py), if it is not that of the publication.
    An article that is already in an issue of this publication is left out unless `again` is true. Raises Refused if
    there are fewer articles than the selection needs, Invalid if the selection cannot be used. Raises AlreadyMadeError
    with the number of the issue's row if the form with this key has drafted one.
    """
    now = now or timezone.now()
    with transaction.atomic(), once(form_key) as form:
        publication = lock_publication(publication)
        require_editor(publication, "Composing an issue")
        refuse_archived_publication(publication)
        selection = selection or selection_from_json(publication.selection)
        search = search_for_new_issue(publication, selection, now=now, again=again)
        choice = choose_articles(search)
        require_enough(len(choice.articles), search, choice)
        issue = store_draft(publication, selection, choice, now=now, audience=audience)
        count = counted(len(choice.articles), "article", "articles")
        record(
            "compose",
            f"Composed the issue from {count}.",
            issue=issue,
            changes={"articles": [None, [article.pk for article in choice.articles]]},
        )
        form.made = str(issue.pk)
    return issue


def search_for_new_issue(
    publication: Publication, selection: Selection, *, now: datetime, again: bool = False
) -> CandidateSearch:
    """Return the search for the articles of the next issue."""
    return CandidateSearch(
        publication=publication,
        selection=selection,
        now=now,
        previous=last_composed_issue(publication),
        again=again,
    )


def store_draft(
    publication: Publication,
    selection: Selection,
    choice: Choice,
    *,
    now: datetime,
    opening: str = "",
    began_empty: bool = False,
    audience: dict[str, Any] | None = None,
) -> Issue:
    """Store a draft with these articles: the lead first, then the others in the publication's sections.

    Call it in a transaction in which the publication is locked, and record what was done.
    """
    issue = Issue(
        publication=publication,
        number=_next_number(publication),
        selection=selection_to_json(selection),
        audience=audience,
        opening=opening,
        composed_at=now,
        passed_over=choice.left_out,
        began_empty=began_empty,
    )
    items = [new_item(issue, article) for article in choice.articles]
    choose_lead(items)
    items = in_print_order(items, headings(publication))
    for position, item in enumerate(items, start=1):
        item.position = position
    suggested = suggest(issue, items)
    issue.subject, issue.preheader = suggested["subject"], suggested["preheader"]
    issue.save(force_insert=True)
    Item.objects.bulk_create(items)
    record_first_version(
        issue, items, f"Started the issue with {counted(len(items), 'article', 'articles')}."
    )
    return issue


def new_item(issue: Issue, article: Article) -> Item:
    """Return an unsaved item for an article of an issue, in the section that matches its topics."""
    return Item(issue=issue, article=article, section=section_of(article, issue.publication))


def _next_number(publication: Publication) -> int:
    highest = publication.issues.aggregate(highest=Max("number"))["highest"]
    return (highest or 0) + 1


def require_enough(count: int, search: CandidateSearch, choice: Choice) -> None:
    """Raise Refused with the reason if there are fewer articles than the selection needs."""
    selection = search.selection
    if count >= selection.at_least:
        return
    if not Article.objects.exists():
        raise Refused("You have no articles yet. Add a source and fetch its articles.")
    needed = (
        f"An issue needs at least {counted(selection.at_least, 'article', 'articles')}.{_left_out(choice)}"
    )
    if not count:
        raise Refused(f"We did not find any new articles{_limits(search)}. {needed}")
    found = counted(count, "new article", "new articles")
    raise Refused(f"We found only {found}{_limits(search)}. {needed}")


def _left_out(choice: Choice) -> str:
    """Return sentences about the articles that are there and could not be chosen."""
    waiting = sum(reason == WAITING for _article, reason in choice.left_out)
    forbidden = sum(reason == FORBIDDEN for _article, reason in choice.left_out)
    too_many = len(choice.left_out) - waiting - forbidden
    text = ""
    if waiting:
        whose = "its" if waiting == 1 else "their"
        text += (
            f" {counted(waiting, 'article is waiting', 'articles are waiting')} for somebody to check {whose} "
            "source, which has changed."
        )
    if forbidden:
        articles = counted(forbidden, "article is", "articles are")
        text += (
            f" {articles} left out because the terms forbid emailing {'it' if forbidden == 1 else 'them'}."
        )
    if too_many:
        text += f" The selection’s limits leave out {counted(too_many, 'article', 'articles')}."
    return text


def _limits(search: CandidateSearch) -> str:
    selection, previous = search.selection, search.previous
    text = f" on {', '.join(selection.topics)}" if selection.topics else ""
    text += f" from {', '.join(selection.sources)}" if selection.sources else ""
    if selection.since != LAST_ISSUE:
        return f"{text} in the last {counted(selection.since, 'day', 'days')}"
    if previous is None:
        return text
    day = timezone.localtime(previous.composed_at, search.publication.tzinfo)
    return f"{text} since issue {previous.number}, which was drafted on {written_day(day)}"
