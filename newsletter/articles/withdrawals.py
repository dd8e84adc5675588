"""Which articles a source has withdrawn. In doubt, none: a broken or empty answer withdraws nothing.

An article is withdrawn where the source says so by name; where a complete reading no longer has it; or where a feed,
read without faults, newest first and with all its dates, no longer has it though it still has older ones. The last is
an inference, so it counts only while at least half of what should be in that window is there.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from newsletter.articles.article_draft import guid_key, place_key
from newsletter.articles.entry import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An article of the source that is not withdrawn so far. `place` and `guid` are keys as in drafts.py."""

    article_id: int
    place: str
    guid: str
    published_at: datetime | None


def withdrawn_by(
    reading: Reading,
    held: Sequence[Held],
    *,
    present: Collection[int],
    dates: Sequence[datetime | None],
    source_id: int,
) -> set[int]:
    """The ids of the articles that this reading withdraws.

    `held` is what the source has published so far, `present` the ids that the reading still has, and `dates` are
    those of its entries, in its order.
    """
    absent = [article for article in held if article.article_id not in present]
    named = {key for text in reading.withdrawn for key in (place_key(text), guid_key(text, source_id)) if key}
    gone = {article.article_id for article in absent if {article.place, article.guid} & named}
    if not reading.well_formed or not reading.entries:
        return gone
    if reading.complete:
        return gone | {article.article_id for article in absent}
    oldest = _start_of_window(dates)
    if oldest is not None:
        gone |= _missing_in_window(absent, held, present=present, oldest=oldest)
    return gone


def _start_of_window(dates: Sequence[datetime | None]) -> datetime | None:
    """The date of the oldest entry where all have one and the newest come first, else None."""
    known = [date for date in dates if date is not None]
    if not known or len(known) != len(dates) or any(earlier < later for earlier, later in pairwise(known)):
        return None
    return known[-1]


def _missing_in_window(
    absent: Sequence[Held], held: Sequence[Held], *, present: Collection[int], oldest: datetime
) -> set[int]:
    missing = {
        article.article_id for article in absent if article.published_at and article.published_at > oldest
    }
    still_there = sum(1 for article in held if article.article_id in present)
    return missing if len(missing) <= still_there else set()
