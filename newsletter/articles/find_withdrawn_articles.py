"""Find the articles that a source has withdrawn. A broken or empty document withdraws nothing.

An article is withdrawn if the source names it as deleted; if a complete reading no longer has it; or if a feed, read
without faults, newest first and with all its dates, no longer has it though it still has older ones. The last is an
inference, so it counts only while at least half of what should be in that window is there. Later pages tell nothing of
this kind: between two pages the source may have changed, and the rest may not have been read.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import pairwise

from newsletter.articles.article_keys import keys_of_name
from newsletter.articles.incoming_article import IncomingArticle, Reading
from newsletter.articles.load_known_articles import StoredArticle


def withdrawn_by(
    reading: Reading,
    articles: Sequence[IncomingArticle],
    stored: Sequence[StoredArticle],
    matches: Sequence[StoredArticle | None],
    *,
    source_id: int,
) -> set[int]:
    """The ids of the articles that a reading of this source withdraws.

    `articles` are those of the reading, in its order, and `matches` the stored article that each of them is.
    """
    present = {match.article_id for match in matches if match}
    published = [it for it in stored if it.source_id == source_id and it.withdrawn_at is None]
    absent = [it for it in published if it.article_id not in present]
    named = {key for text in reading.withdrawn for key in keys_of_name(text, source_id)}
    gone = {it.article_id for it in absent if {it.url_key, it.guid_key} & named}
    if not reading.well_formed or not reading.articles:
        return gone
    if reading.complete:
        return gone | {it.article_id for it in absent}
    oldest = _start_of_window([article.published_at for article in articles if not article.on_later_page])
    if oldest is not None:
        gone |= _missing_in_window(absent, oldest=oldest, still_there=len(published) - len(absent))
    return gone


def _start_of_window(dates: Sequence[datetime | None]) -> datetime | None:
    """The date of the oldest entry where all have one and the newest come first, else None."""
    known = [date for date in dates if date is not None]
    if not known or len(known) != len(dates) or any(earlier < later for earlier, later in pairwise(known)):
        return None
    return known[-1]


def _missing_in_window(absent: Collection[StoredArticle], *, oldest: datetime, still_there: int) -> set[int]:
    missing = {it.article_id for it in absent if it.published_at and it.published_at > oldest}
    return missing if len(missing) <= still_there else set()
