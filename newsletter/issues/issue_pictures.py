"""Which pictures an issue needs. They are fetched when it is composed, so that nothing is fetched while it is sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils import timezone

from newsletter.accounts.actor import Role
from newsletter.articles.models import Article
from newsletter.articles.pictures.fetch_pictures import NeededPicture, fetch_pictures
from newsletter.articles.pictures.models import OriginalPicture
from newsletter.articles.pictures.picture_candidates import candidates
from newsletter.articles.pictures.picture_versions import ARTICLE
from newsletter.articles.pictures.store_pictures import originals_at
from newsletter.errors import Refused, refuse_if
from newsletter.issues.candidate_articles import CandidateSearch, choose_articles, last_composed_issue
from newsletter.issues.change_locks import why_not_change
from newsletter.issues.four_eyes import require_editor
from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import Issue, Item, Publication, StandingBlock
from newsletter.issues.selection_rule import Selection

LOGO, PROMOTION = frozenset({"logo"}), frozenset({"promotion"})


@dataclass(frozen=True, slots=True)
class ArticlePicture:
    """What became of the picture of an article in an issue. `reason` is a sentence if we cannot show the first one."""

    article: int
    headline: str
    state: OriginalPicture.State
    reason: str


def fetch_issue_pictures(issue: Issue, *, again: bool = False) -> None:
    """Fetch the pictures of an issue that are missing, in at most 20 seconds. What fails is tried again next time.

    `again` also fetches those that we have. Never call this inside a transaction. It does nothing if the publication
    uses pictures from their own sites.
    """
    if not issue.publication.hotlink_pictures:
        fetch_pictures(needed_pictures(issue), again=again)


def fetch_missing_pictures(issue: Issue, *, again: bool = False) -> None:
    """Fetch the pictures of an issue because somebody asked for it. Raises Refused unless an editor did.

    Raises as well if the publication uses pictures from their own sites, or if the issue cannot be changed any more.
    """
    require_editor(issue.publication, "Fetching the pictures of an issue", role=Role.AUTHOR)
    refuse_if(why_not_change(issue, "changed"))
    if issue.publication.hotlink_pictures:
        raise Refused(
            f"{issue.publication.name} links to pictures on their original sites. To use copies instead, "
            "first set hotlink_pictures to no."
        )
    fetch_issue_pictures(issue, again=again)


def pictures_of_articles(issue: Issue) -> list[ArticlePicture]:
    """Return what became of the pictures of an issue's articles, in order, without articles that have none."""
    return pictures_of_items(items_to_print(issue))


def pictures_of_items(printed: Iterable[Item]) -> list[ArticlePicture]:
    """Return what became of the pictures of these items, in order, without those that have none."""
    items = [
        item
        for item in printed
        if not item.without_picture and (item.uploaded_picture or item.article.image_url)
    ]
    known = originals_at({each.url for item in items for each in candidates(item.article)})
    return [_article_picture(item, known) for item in items]


def fetch_pictures_ahead(publication: Publication, selection: Selection) -> None:
    """Fetch the pictures of the articles that an issue would have if it were composed now."""
    if publication.hotlink_pictures:
        return
    search = CandidateSearch(
        publication=publication,
        selection=selection,
        now=timezone.now(),
        previous=last_composed_issue(publication),
        again=False,
    )
    articles = choose_articles(search).articles
    fetch_pictures([*_of_articles(articles), *needed_by_publication(publication)])


def needed_pictures(issue: Issue) -> list[NeededPicture]:
    """Return the pictures that an issue needs, those of its articles first, in order."""
    articles = [
        item.article
        for item in items_to_print(issue)
        if item.uploaded_picture is None and not item.without_picture
    ]
    blocks = (
        block.data
        for block in issue.blocks.select_related("block")
        if block.shown_kind == StandingBlock.Kind.PROMOTION and not block.hidden
    )
    return [
        *_of_articles(articles),
        *needed_by_publication(issue.publication),
        *_of_promotions(blocks),
    ]


def _article_picture(item: Item, known: Mapping[str, OriginalPicture]) -> ArticlePicture:
    headline = item.headline or item.article.title
    if item.uploaded_picture:
        return ArticlePicture(item.article_id, headline, OriginalPicture.State.READY, "")
    found = [known.get(each.url) for each in candidates(item.article)]
    reason = found[0].reason if found[0] else ""
    states = [OriginalPicture.State(each.state) if each else OriginalPicture.State.FAILED for each in found]
    state = next((each for each in states if each != OriginalPicture.State.UNSUITABLE), states[0])
    return ArticlePicture(item.article_id, headline, state, reason)


def _of_articles(articles: Iterable[Article]) -> list[NeededPicture]:
    found = (
        tuple(each.url for each in candidates(article)) for article in articles if article.picture_id is None
    )
    return [NeededPicture(urls, ARTICLE) for urls in found if urls]


def needed_by_publication(publication: Publication) -> list[NeededPicture]:
    """Return the pictures that every issue of a publication needs: its logo, and those of its promotions."""
    found = [NeededPicture((publication.logo_url,), LOGO)] if publication.logo_url else []
    blocks = publication.blocks.filter(kind=StandingBlock.Kind.PROMOTION)
    return found + _of_promotions(block.data for block in blocks)


def _of_promotions(data: Iterable[Mapping[str, object]]) -> list[NeededPicture]:
    urls = [str(each.get("image_url", "")) for each in data]
    return [NeededPicture((url,), PROMOTION) for url in urls if url]
