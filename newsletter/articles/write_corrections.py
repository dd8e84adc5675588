"""Writes the corrections that a source gives, and recognises those that it has changed.

A correction that its source reworded or gave another day keeps its row, because the review board may have answered a
question with it, and an issue may have told readers about it. So does one that the source left out for some time. One
that is about something else is another correction.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from newsletter.articles.incoming_article import Amendment
from newsletter.articles.models import Article, Correction
from newsletter.articles.search_words import words_of

# A source that changes more corrections of an article at once is not compared further.
MOST_COMPARED = 50
# For how long, and how many of an article, we keep corrections that its source no longer gives.
KEPT_FOR, MOST_KEPT = timedelta(days=90), 50
# The share of words that two texts about the same mistake have in common.
LEAST_ALIKE = 0.6
# A text of fewer words does not show by itself what a longer one is about.
FEWEST_WORDS = 4


def new_corrections(article: Article, given: Iterable[Amendment], now: datetime) -> list[Correction]:
    """Return unsaved corrections of an article, found now."""
    return [
        Correction(article=article, corrected_on=it.corrected_on, text=it.text, found_at=now) for it in given
    ]


def corrections_at_source(article: Article) -> list[Amendment]:
    """Return the corrections of an article as its source gave them at the last fetch, in order."""
    return in_order(_amendment(it) for it in _from_source(article))


def in_order(corrections: Iterable[Amendment]) -> list[Amendment]:
    """Return corrections in the same order, however the source gives them."""
    return sorted(corrections, key=lambda it: (it.corrected_on, it.text))


def rewrite_corrections(article: Article, given: Iterable[Amendment], now: datetime) -> None:
    """Store what a source gives now. Corrections that it still gives, has changed or gives again keep their rows."""
    missing = list(given)
    gone = (
        Correction.with_gone.filter(article=article, made_at=None)
        .exclude(gone_at=None)
        .order_by("-gone_at", "pk")
    )
    others, gone_before = _without_same(_from_source(article), missing), _without_same(list(gone), missing)
    for stored in (others, gone_before):
        for each, changed in _changed(stored, missing):
            each.corrected_on, each.text = changed.corrected_on, changed.text
            each.changed_at, each.gone_at = now, None
            each.save(update_fields=("corrected_on", "text", "changed_at", "gone_at"))
            stored.remove(each)
            missing.remove(changed)
    too_old = [each.pk for each in gone_before[MOST_KEPT:]] + [
        each.pk for each in gone_before[:MOST_KEPT] if each.gone_at and each.gone_at < now - KEPT_FOR
    ]
    Correction.with_gone.filter(pk__in=too_old).delete()
    Correction.objects.filter(pk__in=[each.pk for each in others]).update(gone_at=now)
    Correction.objects.bulk_create(new_corrections(article, missing, now))


def _without_same(stored: list[Correction], missing: list[Amendment]) -> list[Correction]:
    """Return the corrections that a source does not give, and take those that it gives from `missing`."""
    others = []
    for each in stored:
        if (same := _amendment(each)) not in missing:
            others.append(each)
            continue
        missing.remove(same)
        if each.gone_at is not None:
            each.gone_at = None
            each.save(update_fields=("gone_at",))
    return others


def _from_source(article: Article) -> list[Correction]:
    # What an editor corrected here is not the source's to change.
    return [it for it in article.corrections.all() if it.made_at is None]


def _amendment(correction: Correction) -> Amendment:
    return Amendment(corrected_on=correction.corrected_on, text=correction.text)


def _changed(stored: list[Correction], given: list[Amendment]) -> list[tuple[Correction, Amendment]]:
    """Return which corrections have become which, one for one: those that are most alike first.

    Of those that are alike in the same measure, the nearest days come first.
    """
    olds = [(number, it, Counter(words_of(it.text))) for number, it in enumerate(stored[:MOST_COMPARED])]
    news = [(number, it, Counter(words_of(it.text))) for number, it in enumerate(given[:MOST_COMPARED])]
    pairs = []
    for old_number, old, old_words in olds:
        for new_number, new, new_words in news:
            likeness = 1.0 if old.text == new.text else _likeness(old_words, new_words)
            if likeness >= LEAST_ALIKE:
                days = abs((new.corrected_on - old.corrected_on).days)
                pairs.append((old.text != new.text, -likeness, days, old_number, new_number))
    taken: dict[int, int] = {}
    for *_measure, old_number, new_number in sorted(pairs):
        if old_number not in taken and new_number not in taken.values():
            taken[old_number] = new_number
    return [(stored[old_number], given[new_number]) for old_number, new_number in taken.items()]


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    """Return the share of words that two texts have in common. A text to which words were added stays alike."""
    shared, lengths = (one & other).total(), sorted((one.total(), other.total()))
    if shared == lengths[0] >= FEWEST_WORDS:
        return max(LEAST_ALIKE, 2 * shared / sum(lengths))
    return 2 * shared / sum(lengths) if shared else 0.0
