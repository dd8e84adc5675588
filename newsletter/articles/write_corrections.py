"""Writes the corrections that a source gives, and recognises those that it has changed.

A correction that its source reworded or gave another day keeps its row, because the review board may have answered a
question with it. One that is about something else is another correction.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from newsletter.articles.incoming_article import Amendment
from newsletter.articles.models import Article, Correction
from newsletter.articles.search_words import words_of

# A source that changes more corrections of an article at once is not compared further.
MOST_COMPARED = 50
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
    """Store what a source gives now. Corrections that it still gives, or has changed, keep their rows."""
    missing, others = list(given), list[Correction]()
    for stored in _from_source(article):
        if (same := _amendment(stored)) in missing:
            missing.remove(same)
        else:
            others.append(stored)
    for stored, changed in _changed(others, missing):
        stored.corrected_on, stored.text, stored.changed_at = changed.corrected_on, changed.text, now
        stored.save(update_fields=("corrected_on", "text", "changed_at"))
        others.remove(stored)
        missing.remove(changed)
    Correction.objects.filter(pk__in=[stored.pk for stored in others]).delete()
    Correction.objects.bulk_create(new_corrections(article, missing, now))


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
