"""What follows when a source has changed: its new articles wait, until it is as before or a person accepts the change.

While a source is changed, the articles that we know stay as they were, so that no blank text or cut page replaces them.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from newsletter.accounts import audit_log
from newsletter.accounts.actor import ANY, Role, require_role
from newsletter.articles.detect_redesigned_source import (
    ALL_NEW,
    NEW_ADDRESSES,
    NEW_GUIDS,
    blended,
    shape_from_json,
    shape_of,
    why_changed,
)
from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.load_known_articles import KEYS_AT_ONCE, StoredArticle
from newsletter.articles.models import Article, Source
from newsletter.articles.sources import locked_source
from newsletter.errors import Refused
from subscribers.database import portions

_ADDRESS_UNSURE = (ALL_NEW, NEW_ADDRESSES, NEW_GUIDS)


def note_change(
    source: Source,
    articles: Sequence[IncomingArticle],
    matches: Sequence[StoredArticle | None],
    stored: Sequence[StoredArticle],
    *,
    now: datetime,
) -> bool:
    """Compare a document with what its source usually gives, and save the result; True while the source is changed."""
    # Older pages are only read now and then, so they would make each document look unlike the last. What has waited
    # since an earlier document of the change is as new as it was then.
    pairs = [
        (article, None if match and match.is_waiting else match)
        for article, match in zip(articles, matches, strict=True)
        if not article.on_later_page
    ]
    shape = shape_of(pairs, source.pk)
    if shape is None:
        return source.changed_since is not None
    before = shape_from_json(source.shape)
    own = [it for it in stored if it.source_id == source.pk and not it.is_waiting]
    source.change = why_changed(before, shape, pairs, own) if before else ""
    if source.change:
        source.changed_since = source.changed_since or now
    else:
        source.shape, source.changed_since = blended(before, shape), None
    source.save(update_fields=["shape", "changed_since", "change"])
    return source.changed_since is not None


def waiting_articles(source: Source) -> QuerySet[Article]:
    """Return the articles that no draft takes by itself, because the source had changed when they were found."""
    return Article.objects.filter(source=source).exclude(waiting_since=None)


def accept_change(source: Source) -> int:
    """Accept how a source is now, and return how many waiting articles can be drafted from now on.

    The next fetch reads the source again in full and learns what is usual. What was released counts as found
    now (see `release`). Raises Refused if nothing has changed.
    """
    require_role(Role.EDITOR, "Accepting a change to a source", publication=ANY)
    with transaction.atomic():
        source = locked_source(source)
        waiting = waiting_articles(source)
        if source.changed_since is None and not waiting.exists():
            raise Refused(f"The source {source.name} has not changed, so there is nothing to accept.")
        released = release(
            source, set(waiting.values_list("pk", flat=True)), source.change, now=timezone.now()
        )
        audit_log.write(
            "source",
            f"Accepted the change to the source {source.name}.",
            thing=f"source {source.pk}",
            changes={"change": [source.change, ""], "articles waiting": [released, 0]},
        )
        blank = {"shape": None, "changed_since": None, "change": ""}
        # Without these the next fetch reads the same document again, for the articles that were kept as they were.
        unread = {"etag": "", "last_modified": "", "document_hash": ""}
        Source.objects.filter(pk=source.pk).update(**blank, **unread)
    return released


def release(source: Source, ids: Collection[int], change: str, *, now: datetime) -> int:
    """Let drafts take articles of a source that have waited since it changed as `change` says; return their number.

    They count as found now, so that the next issue has them even if one was composed while they waited. If the change
    makes it doubtful that we would recognise an old article, one that is not newer than those that the source had
    before counts as found when it was published, or when the source was added if it has no date. So old articles under
    new addresses are not news again.
    """
    released = 0
    for batch in portions(sorted(ids), KEYS_AT_ONCE):
        waiting = Article.objects.filter(pk__in=batch)
        old = _old_ones(source, waiting, change)
        waiting.exclude(pk__in=old).update(found_at=now)
        waiting.filter(pk__in=old, published_at__lt=F("found_at")).update(found_at=F("published_at"))
        waiting.filter(pk__in=old, published_at=None).update(found_at=source.created_at)
        released += waiting.update(waiting_since=None)
    return released


def _old_ones(source: Source, waiting: QuerySet[Article], change: str) -> list[int]:
    """Return the ids of those that may be articles that we had before, under other addresses."""
    # Without a sentence, the change is over, and we do not know any more what it was.
    if change and not any(sentence in change for sentence in _ADDRESS_UNSURE):
        return []
    before = Article.objects.filter(source=source, waiting_since=None, found_at__lt=OuterRef("waiting_since"))
    newest = before.exclude(published_at=None).order_by("-published_at").values("published_at")[:1]
    dated = waiting.exclude(published_at=None)
    newer = dated.annotate(newest=Subquery(newest)).filter(published_at__gt=F("newest"))
    old = dated.exclude(pk__in=newer.values("pk"))
    undated = waiting.filter(published_at=None) if ALL_NEW in change else waiting.none()
    return [*old.values_list("pk", flat=True), *undated.values_list("pk", flat=True)]
