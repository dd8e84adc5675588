"""Says what differs between two versions of an issue, with titles instead of numbers, and word by word in texts."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from newsletter.articles.models import Article
from newsletter.issues.issue_snapshot import (
    AUDIENCE,
    BLOCKS,
    ORDER,
    RULES,
    Flat,
    Snapshot,
    flat_values,
    item_key,
)
from newsletter.issues.models import StandingBlock
from newsletter.issues.running_order import OWN_BLOCK
from newsletter.issues.word_diff import Piece, word_changes
from subscribers.phrases import quoted, shortened

_LONGEST_TITLE = 100
_TEXTS = {"subject": "Subject", "preheader": "Preheader", "opening": "Introduction"}
_OF_ITEM = {"headline": "Headline", "blurb": "Text", "picture_alt": "Picture description"}
# What an item shows where it has no text of its own.
_OF_ARTICLE = {"headline": "title", "blurb": "standfirst", "picture_alt": "image_alt"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs: a sentence, and for a text what was taken out and put in, word by word."""

    sentence: str
    words: Sequence[Piece] = ()


def version_changes(before: Snapshot, after: Snapshot) -> list[Difference]:
    """Return what differs between two snapshots: the texts of the email first, then its articles in order."""
    old, new = flat_values(before), flat_values(after)
    articles = _articles_of(old, new)
    titles = {number: _title(articles.get(number)) for number in {*old[ORDER], *new[ORDER]}}
    return [
        *_texts(old, new),
        *_articles(old, new, titles),
        *_moves(old, new, titles),
        *_items(old, new, titles, articles),
        *_blocks(before.get(BLOCKS, {}), after.get(BLOCKS, {})),
        *_rules(old, new),
        *_audience(old, new),
    ]


def _texts(old: Flat, new: Flat) -> Iterator[Difference]:
    for key, label in _TEXTS.items():
        if old[key] != new[key]:
            yield Difference(label, word_changes(old[key], new[key]))


def _articles(old: Flat, new: Flat, titles: Mapping[int, str]) -> Iterator[Difference]:
    for article in new[ORDER]:
        if article not in old[ORDER]:
            yield Difference(f"Added {titles[article]}.")
    for article in old[ORDER]:
        if article not in new[ORDER]:
            yield Difference(f"Removed {titles[article]}.")


def _moves(old: Flat, new: Flat, titles: Mapping[int, str]) -> Iterator[Difference]:
    was, now = _printed(old), _printed(new)
    both = [article for article in now if article in was]
    stay = _longest_rising([was.index(article) for article in both])
    for index, article in enumerate(both):
        if index not in stay:
            yield Difference(
                f"Moved {titles[article]} from position {was.index(article) + 1} to position "
                f"{now.index(article) + 1}."
            )


def _items(
    old: Flat, new: Flat, titles: Mapping[int, str], articles: Mapping[int, Article]
) -> Iterator[Difference]:
    for article in new[ORDER]:
        if article not in old[ORDER]:
            continue
        title = titles[article]

        def values(name: str, article: int = article) -> tuple[object, object]:
            key = item_key(article, name)
            return old.get(key), new.get(key)

        yield from _switches(title, values("dropped"), values("lead"), values("pinned"))
        was, now = values("section")
        if was != now:
            yield Difference(f"Section for {title}: {was or 'none'} → {now or 'none'}.")
        was, now = values("picture_id")
        if was != now:
            did = "Changed the" if now else "Restored the original"
            yield Difference(f"{did} picture for {title}.")
        was, now = values("without_picture")
        if was != now:
            yield Difference(
                f"Removed the picture from {title}." if now else f"Restored the picture for {title}."
            )
        for name, label in _OF_ITEM.items():
            own = str(getattr(articles.get(article), _OF_ARTICLE[name], ""))
            was, now = (str(value or own) for value in values(name))
            if was != now:
                yield Difference(f"{label} for {title}", word_changes(was, now))


def _switches(title: str, *values: tuple[object, object]) -> Iterator[Difference]:
    sentences = (
        (f"Left out {title}.", f"Put {title} back."),
        (f"Made {title} the lead article.", ""),
        (f"Pinned {title}.", f"Unpinned {title}."),
    )
    for (was, now), (on, off) in zip(values, sentences, strict=True):
        sentence = on if now else off
        if was != now and sentence:
            yield Difference(sentence)


def _blocks(
    old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]
) -> Iterator[Difference]:
    numbers = {values["block_id"] for values in (*old.values(), *new.values()) if "block_id" in values}
    standing = StandingBlock.objects.in_bulk(numbers)
    for key in sorted({*new, *old}, key=lambda key: (key.startswith(OWN_BLOCK), key)):
        was, now = old.get(key, {}), new.get(key, {})
        block = standing.get((now or was).get("block_id", 0))
        yield from _block(_block_name(now or was, block), was, now, block)


def _block(
    name: str, was: Mapping[str, Any], now: Mapping[str, Any], block: StandingBlock | None
) -> Iterator[Difference]:
    is_own = "block_id" not in (now or was)
    if is_own and not (was and now):
        yield Difference(f"Added the block {name}." if now else f"Removed the block {name}.")
        return
    if was.get("hidden") != now.get("hidden"):
        yield Difference(
            f"Left out the block {name}." if now.get("hidden") else f"Put the block {name} back."
        )
    if was.get("position") != now.get("position"):
        yield Difference(f"Moved the block {name}.")
    texts = was.get("content", {}), now.get("content", {})
    for field, label in (("title", "Title"), ("body", "Text")):
        own = str(getattr(block, field)) if block else ""
        before, after = (str(content.get(field, own)) for content in texts)
        if before != after:
            yield Difference(f"{label} for the block {name}", word_changes(before, after))
    if texts[0].get("data") != texts[1].get("data"):
        yield Difference(f"Changed the links or figures in the block {name}.")


def _block_name(values: Mapping[str, Any], block: StandingBlock | None) -> str:
    title = values.get("content", {}).get("title") or (str(block) if block else values.get("kind", ""))
    return f"“{shortened(str(title), _LONGEST_TITLE)}”"


def _rules(old: Flat, new: Flat) -> Iterator[Difference]:
    if old[RULES] != new[RULES]:
        yield Difference("The articles were chosen again.")


def _audience(old: Flat, new: Flat) -> Iterator[Difference]:
    if old[AUDIENCE] != new[AUDIENCE]:
        yield Difference("The audience was changed.")


def _articles_of(old: Flat, new: Flat) -> dict[int, Article]:
    """Return the articles with the texts that readers see unless the issue has its own."""
    rows = Article.objects.only("title", "standfirst", "image_alt")
    return rows.in_bulk({*old[ORDER], *new[ORDER]})


def _title(article: Article | None) -> str:
    """Return an article's own title, in quotation marks."""
    if article is None:
        return "an article that is no longer stored"
    return quoted(shortened(article.title, _LONGEST_TITLE))


def _printed(flat: Flat) -> list[int]:
    return [article for article in flat[ORDER] if not flat.get(item_key(article, "dropped"))]


def _longest_rising(places: Sequence[int]) -> set[int]:
    """Return the indexes of a longest rising run, which is what did not move if as little as possible moved."""
    ends: list[int] = []
    at: list[int] = []
    previous: list[int] = []
    for index, place in enumerate(places):
        length = bisect_left(ends, place)
        previous.append(at[length - 1] if length else -1)
        if length == len(ends):
            ends.append(place)
            at.append(index)
        else:
            ends[length], at[length] = place, index
    stay: set[int] = set()
    index = at[-1] if at else -1
    while index >= 0:
        stay.add(index)
        index = previous[index]
    return stay
