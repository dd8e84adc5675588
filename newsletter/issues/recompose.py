"""Chooses the articles of a draft again, and keeps what an editor changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from newsletter.articles.models import Article
from newsletter.errors import refuse_if
from newsletter.issues.candidate_articles import CandidateSearch, choose_articles, last_composed_issue
from newsletter.issues.compose import new_item, require_enough
from newsletter.issues.issue_versions import require_state_seen
from newsletter.issues.item_order import choose_lead, headings, in_print_order, items_to_print
from newsletter.issues.locked_draft import OpenDraft, open_draft, why_not_edit
from newsletter.issues.models import Issue, Item
from newsletter.issues.selection_rule import Selection, selection_from_json, selection_to_json


def recompose_issue(
    issue: Issue,
    *,
    selection: Selection | None = None,
    now: datetime | None = None,
    seen: str | None = None,
) -> Issue:
    """Choose the articles of an issue again.

    Pinned items and items that an editor changed for this issue stay, and removed items stay removed. Newer articles
    replace the others and are placed before older articles. Otherwise the order stays the same. `seen` is the
    `state_seen` that a page showed; without it, nothing is compared. Raises Refused if the issue can no longer be
    changed, if somebody else has changed it since, or if there are too few articles.
    """
    now = now or timezone.now()
    with open_draft(issue, "Chose the articles again.") as draft:
        require_state_seen(draft.issue, seen)
        chosen = selection or selection_from_json(draft.issue.selection)
        _choose(draft, _search(draft.issue, draft.printed, chosen, now))
        draft.issue.selection, draft.issue.composed_at = selection_to_json(chosen), now
        draft.issue.began_empty = False
    return issue


@dataclass(frozen=True, slots=True)
class Replacement:
    """What choosing the articles again would change: the articles that come, and the items that go."""

    comes: list[Article]
    goes: list[Item]


def what_recomposing_changes(issue: Issue, *, now: datetime | None = None) -> Replacement:
    """Return what choosing the articles of an issue again would change. Nothing is stored.

    Raises Refused if the issue can no longer be changed, or if there are too few articles.
    """
    refuse_if(why_not_edit(issue))
    now, printed = now or timezone.now(), items_to_print(issue)
    search = _search(issue, printed, selection_from_json(issue.selection), now)
    choice = choose_articles(search)
    require_enough(len(search.kept) + len(choice.articles), search, choice)
    stays = {article.pk for article in (*search.kept, *choice.articles)}
    present = {item.article_id for item in printed}
    return Replacement(
        comes=[article for article in choice.articles if article.pk not in present],
        goes=[item for item in printed if item.article_id not in stays],
    )


def _stays(item: Item) -> bool:
    """Return whether an item stays when the articles are chosen again: pinned, or changed for this issue."""
    return bool(
        item.pinned
        or item.headline
        or item.blurb
        or item.picture_id
        or item.picture_alt
        or item.without_picture
    )


def _search(issue: Issue, printed: Sequence[Item], selection: Selection, now: datetime) -> CandidateSearch:
    return CandidateSearch(
        publication=issue.publication,
        selection=selection,
        now=now,
        previous=last_composed_issue(issue.publication, before=issue),
        issue=issue,
        kept=tuple(item.article for item in printed if _stays(item)),
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
