"""Chooses the articles of a draft again, and keeps what an editor changed."""

from datetime import datetime

from django.utils import timezone

from newsletter.articles.models import Article
from newsletter.issues.candidate_articles import CandidateSearch, choose_articles, last_issue
from newsletter.issues.compose import new_item, require_enough
from newsletter.issues.item_order import choose_lead, headings, in_print_order
from newsletter.issues.models import Issue, Item
from newsletter.issues.open_draft import OpenDraft, open_draft
from newsletter.issues.selection_rule import Selection, selection_from_json, selection_to_json


def recompose_issue(
    issue: Issue, *, selection: Selection | None = None, now: datetime | None = None
) -> Issue:
    """Choose the articles of an issue again.

    Pinned items and items with their own headline or text stay, and removed items stay removed. Newer articles replace
    the others and are placed before older articles. Otherwise the order stays the same. Raises Refused if the issue can
    no longer be changed, or if there are too few articles.
    """
    now = now or timezone.now()
    with open_draft(issue, "Chose the articles again.") as draft:
        chosen = selection or selection_from_json(draft.issue.selection)
        _choose(draft, _search(draft, chosen, now))
        draft.issue.selection, draft.issue.composed_at = selection_to_json(chosen), now
    return issue


def _search(draft: OpenDraft, selection: Selection, now: datetime) -> CandidateSearch:
    return CandidateSearch(
        publication=draft.issue.publication,
        selection=selection,
        now=now,
        previous=last_issue(draft.issue.publication, before=draft.issue),
        issue=draft.issue,
        kept=tuple(item.article for item in draft.printed if item.pinned or item.headline or item.blurb),
    )


def _choose(draft: OpenDraft, search: CandidateSearch) -> None:
    choice = choose_articles(search)
    fresh = choice.articles
    kept_articles = {article.pk for article in search.kept}
    require_enough(len(kept_articles) + len(fresh), search, choice)
    draft.issue.passed_over = choice.left_out
    stays = kept_articles | {article.pk for article in fresh}
    Item.objects.filter(pk__in=[item.pk for item in draft.printed if item.article_id not in stays]).delete()
    present = {item.article_id for item in draft.printed}
    survivors = [item for item in draft.printed if item.article_id in stays]
    draft.printed = _merged(survivors, [new_item(draft.issue, article) for article in fresh])
    for item in draft.printed:
        item.lead = item.lead and item.pinned
    choose_lead(draft.printed)
    draft.printed = in_print_order(draft.printed, headings(draft.issue.publication))
    Item.objects.bulk_create([item for item in draft.printed if item.article_id not in present])


def _merged(survivors: list[Item], new: list[Item]) -> list[Item]:
    merged = list(survivors)
    present = {item.article_id for item in survivors}
    for item in new:
        if item.article_id not in present:
            older = (
                place for place, other in enumerate(merged) if _date(other.article) < _date(item.article)
            )
            merged.insert(next(older, len(merged)), item)
    return merged


def _date(article: Article) -> datetime:
    return article.published_at or article.found_at
