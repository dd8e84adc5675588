"""Tells whether a source still gives what it used to: a site that was redesigned must not fill an issue with rubbish.

Each fetch is compared with what the documents of the source usually have: titles, texts, dates, and articles that we
know. A document of fewer than four entries tells nothing. More is never a change for the worse: longer texts, new
dates, a busy week. Usual means a moving average, so that a source may develop.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Final

from newsletter.articles.article_keys import squeezed
from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.load_known_articles import StoredArticle
from newsletter.articles.models import Article

FEWEST_ENTRIES: Final = 4
USUAL: Final = 0.5
"""If at least this share of a source's entries has something, such as a date, we expect it in later entries too."""
MOST: Final = 0.8
NEARLY_ALL: Final = 0.9
SHRUNK: Final = 0.6
"""We assume that a text was cut if it has less than this share of its former length."""
SHORT_ANYWAY: Final = 100
"""Texts with fewer characters than this are notes, whose length varies anyway."""
ALL_NEW: Final = (
    "We do not have most of these articles yet, but they are not more recent than the articles "
    "that we already have."
)
NEW_ADDRESSES: Final = "The addresses of articles that we fetched earlier have changed."
NEW_GUIDS: Final = "The identifiers (GUIDs) of articles that we fetched earlier have changed."
WEIGHT: Final = 0.2
"""How much weight the latest document has in the average, from 0 to 1."""

Matches = Sequence[tuple[IncomingArticle, StoredArticle | None]]
Known = Sequence[tuple[IncomingArticle, StoredArticle]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a document has, as shares of its entries, and the median and lower quartile of their lengths in characters.

    `known`, `addresses` and `guids` compare with what is stored: the share of entries that we know, and, among these,
    of those with the same address and the same GUID. None means that there was nothing to compare.
    """

    titles: float
    texts: float
    dates: float
    length: float
    short: float
    known: float | None = None
    addresses: float | None = None
    guids: float | None = None


def shape_of(pairs: Matches, source_id: int) -> Shape | None:
    """Return the shape of a document, given each entry with the article that it is; None if it has too few entries."""
    if len(pairs) < FEWEST_ENTRIES:
        return None
    articles = [article for article, _match in pairs]
    known = [(article, match) for article, match in pairs if match and match.source_id == source_id]
    lengths = sorted(article.text_length for article in articles)
    return Shape(
        titles=len({article.title_key for article in articles}) / len(articles),
        texts=_share([length > 0 for length in lengths]),
        dates=_share([article.published_at is not None for article in articles]),
        length=median(lengths),
        short=lengths[len(lengths) // 4],
        known=_share([match is not None for _article, match in pairs]),
        addresses=_same_share(known, "url_key"),
        guids=_same_share(known, "guid_key"),
    )


def shape_from_json(document: object) -> Shape | None:
    """Return the shape that was kept of a source; None if there is none yet."""
    return Shape(**document) if isinstance(document, Mapping) and document else None


def blended(before: Shape | None, now: Shape) -> dict[str, Any]:
    """Return the JSON of what is usual, now that another document has come."""
    if before is None:
        # Nothing was known before the first document, which therefore says nothing about this.
        return asdict(now) | {"known": None}
    usual = asdict(before)
    for name, value in asdict(now).items():
        if usual[name] is None or value is None:
            usual[name] = value if usual[name] is None else usual[name]
        else:
            usual[name] = (1 - WEIGHT) * usual[name] + WEIGHT * value
    return usual


def why_changed(before: Shape, now: Shape, pairs: Matches, own: Sequence[StoredArticle]) -> str:
    """Return the sentences that say what a document no longer has; empty if it is as the source usually is.

    `own` are the articles that the source had before.
    """
    ids = {it.article_id for it in own}
    known = [(article, match) for article, match in pairs if match and match.article_id in ids]
    found = [
        _fell(before.texts, now.texts) and "Most entries no longer have any text.",
        _fell(before.dates, now.dates) and "Most entries no longer have a date.",
        _fell(before.titles, now.titles) and "Most entries have the same title.",
        _is_cut(before, now, pairs, known) and "The articles are much shorter than before.",
        _is_all_new(before, pairs, own) and ALL_NEW,
        *(_moved(before, now) if len(known) >= FEWEST_ENTRIES else ()),
    ]
    return " ".join(sentence for sentence in found if sentence)


def _fell(before: float, now: float) -> bool:
    return before >= USUAL and now <= before / 2


def _is_cut(before: Shape, now: Shape, pairs: Matches, known: Known) -> bool:
    if before.length < SHORT_ANYWAY or now.length > SHRUNK * before.length or not now.texts:
        return False
    if len(known) >= FEWEST_ENTRIES - 1:
        # The same articles tell for sure whether it is the source that has changed, or only the news are short.
        here = {match.article_id: article.text_length for article, match in known}
        rows = Article.objects.filter(pk__in=here).values_list("pk", "body_html", "standfirst")
        shorter = [
            here[key] <= SHRUNK * len(squeezed(body) or squeezed(standfirst))
            for key, body, standfirst in rows
        ]
        return _share(shorter) >= MOST
    lengths = sorted(article.text_length for article, _match in pairs)
    return now.length <= before.length / 2 and lengths[len(lengths) * 3 // 4] < before.short


def _is_all_new(before: Shape, pairs: Matches, own: Sequence[StoredArticle]) -> bool:
    new = [article for article, match in pairs if match is None]
    if len(own) < FEWEST_ENTRIES or len(new) < NEARLY_ALL * len(pairs):
        return False
    if before.known is not None and before.known < USUAL:
        return False  # each of its documents brings other articles
    dates = [article.published_at for article in new if article.published_at]
    newest = max((it.published_at for it in own if it.published_at), default=None)
    if dates and newest:
        return _share([date < newest for date in dates]) >= USUAL
    # Without dates, the news of a busy week look the same; but most sources repeat what we know in each document.
    return before.known is not None


def _moved(before: Shape, now: Shape) -> list[str]:
    addresses_are_new = now.addresses is not None and now.addresses <= 1 - MOST
    guids_are_new = now.guids is not None and now.guids <= 1 - MOST
    # Some software gives new ones in each document. Both at once it hardly does, so that then the first one tells.
    both_are_new = addresses_are_new and guids_are_new
    stayed = 1.0 if both_are_new else 0.0
    if addresses_are_new and (stayed if before.addresses is None else before.addresses) >= MOST:
        return [NEW_ADDRESSES]
    if guids_are_new and (stayed if before.guids is None else before.guids) >= MOST:
        return [NEW_GUIDS]
    return []


def _same_share(known: Known, name: str) -> float | None:
    same = [
        getattr(article, name) == getattr(match, name)
        for article, match in known
        if getattr(article, name) and getattr(match, name)
    ]
    return _share(same) if same else None


def _share(answers: Sequence[bool]) -> float:
    return sum(answers) / len(answers) if answers else 0.0
