"""Which articles issues have used: those that readers were sent, and those that the site has edited since.

Only issues that the current actor may see count.
"""

from django.db.models import Exists, F, OuterRef, QuerySet

from newsletter.articles.models import Article
from newsletter.issues.models import Issue, Item, Publication
from newsletter.issues.visible_to_actor import visible

MAX_ITEMS_SHOWN = 300
_SENT = (Issue.State.SENDING, Issue.State.SENT)


def _printed() -> QuerySet[Item]:
    return visible(Item.objects.filter(dropped=False), "issue__publication")


def sent_articles(publication: Publication | None = None) -> QuerySet[Article]:
    """Return the articles that readers were sent, or are being sent, in any issue or in those of one publication."""
    return _articles_of(_printed().filter(issue__state__in=_SENT), publication)


def used_articles(publication: Publication | None = None) -> QuerySet[Article]:
    """Return the articles that an issue has, sent or not, without cancelled issues and without removed items."""
    return _articles_of(_printed().exclude(issue__state=Issue.State.CANCELLED), publication)


def edited_since_sent() -> QuerySet[Article]:
    """Return the articles that their site has edited since an issue was sent with them."""
    sent = _printed().filter(issue__state=Issue.State.SENT, article=OuterRef("pk"))
    earlier = sent.filter(issue__sent_at__lt=OuterRef("edited_at"))
    return Article.objects.exclude(edited_at=None).filter(Exists(earlier))


def issues_with(articles: list[Article]) -> dict[int, list[Item]]:
    """Return the items of some articles by the number of the article, without removed ones, the latest issue first.

    At most MAX_ITEMS_SHOWN are returned, those of the latest issues.
    """
    items = _printed().filter(article__in=articles).exclude(issue__state=Issue.State.CANCELLED)
    found: dict[int, list[Item]] = {}
    shown = items.select_related("issue__publication").defer(
        "issue__opening", "issue__selection", "issue__passed_over"
    )
    for item in shown.order_by(F("issue").desc())[:MAX_ITEMS_SHOWN]:
        found.setdefault(item.article_id, []).append(item)
    return found


def _articles_of(items: QuerySet[Item], publication: Publication | None) -> QuerySet[Article]:
    if publication is not None:
        items = items.filter(issue__publication=publication)
    return Article.objects.filter(pk__in=items.values("article"))
