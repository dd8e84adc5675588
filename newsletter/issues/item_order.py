"""Puts the items of an issue into the order in which they are printed. Every door uses this order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from newsletter.articles.models import Article
from newsletter.issues.models import Issue, Item, Publication
from newsletter.issues.selection_rule import section_for

OTHERS = "More"
"""The heading for articles that match no section, unless the publication has a section without topics."""


@dataclass(frozen=True, slots=True)
class Section:
    """Items that are printed under one heading. An empty title means no heading."""

    title: str
    items: tuple[Item, ...]


def items_to_print(issue: Issue) -> list[Item]:
    """Return the items in order, lead first, without those that were removed, excluded or withdrawn.

    The first item is always the lead. If the editor's lead was withdrawn, the next item becomes the lead in the list
    that is returned, not in the database.
    """
    return printed_among(items_not_removed(issue))


def items_not_removed(issue: Issue) -> list[Item]:
    """Return the items that nobody removed from an issue, also those whose article was excluded or withdrawn."""
    return list(issue.items.filter(dropped=False).select_related("article__source", "article__review"))


def printed_among(items: Iterable[Item]) -> list[Item]:
    """Return those of an issue's items that are printed, in order, as `items_to_print` does."""
    printed = sorted(filter(is_printed, items), key=print_position)
    for item in printed:
        item.lead = item is printed[0]
    return printed


def sections_to_print(issue: Issue, items: Sequence[Item] | None = None) -> tuple[Item | None, list[Section]]:
    """Return the lead, and the other items grouped in sections.

    `items` are those of `items_to_print`, if the caller has read them.
    """
    items = items_to_print(issue) if items is None else items
    return (items[0] if items else None), grouped(items[1:])


def grouped(items: Iterable[Item]) -> list[Section]:
    """Group items by section, in the order given."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item.section, []).append(item)
    return [Section(title, tuple(members)) for title, members in groups.items()]


def is_printed(item: Item) -> bool:
    """Return whether an item is printed: not removed from the issue, and its article not withdrawn or excluded."""
    return not (item.dropped or item.article.withdrawn_at or item.article.excluded)


def section_of(article: Article, publication: Publication) -> str:
    """Return the section heading for an article, or an empty string if the publication has no sections."""
    found = section_for(article.topics, publication.sections)
    if found is not None or not publication.sections:
        return found or ""
    rest = (section["title"] for section in publication.sections if not section.get("topics"))
    return str(next(rest, OTHERS))


def headings(publication: Publication) -> list[str]:
    """Return the headings of a publication's sections, in order."""
    return [str(section["title"]) for section in publication.sections]


def choose_lead(items: Sequence[Item]) -> None:
    """Make one item the lead: the current lead, else the first pinned item, else the first with an image."""
    if not items:
        return
    rules = (
        lambda item: item.lead,
        lambda item: item.pinned,
        lambda item: bool(item.uploaded_picture or item.article.image_url),
        lambda _item: True,
    )
    lead = next(item for rule in rules for item in items if rule(item))
    for item in items:
        item.lead = item is lead


def print_position(item: Item) -> tuple[bool, int, int]:
    """Return the sort key of an item in print order. No two items have the same key."""
    return not item.lead, item.position, item.pk


def in_print_order(items: Sequence[Item], headings: Sequence[str]) -> list[Item]:
    """Return the lead, then the sections in the order of the headings, keeping the given order within a section.

    Sections that are not among the headings follow, in the order in which they appear.
    """
    order = {title: rank for rank, title in enumerate(headings)}
    for item in items:
        order.setdefault(item.section, len(order))
    return sorted(items, key=lambda item: (not item.lead, order[item.section]))
