"""The items of an issue in the order in which they are printed: the one answer that every door uses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from newsletter.articles.models import Article
from newsletter.issues.models import Issue, Item, Publication
from newsletter.issues.selection_rule import section_for

OTHERS = "More"
"""The heading of what no section takes, unless the publication has a section without topics for it."""


@dataclass(frozen=True, slots=True)
class Section:
    """Items that are printed under one heading; an empty title means no heading."""

    title: str
    items: tuple[Item, ...]


def items_to_print(issue: Issue) -> list[Item]:
    """The items in order, the lead first, without what was dropped, held back or withdrawn.

    One item is the lead, unless there is none. If the editor's lead was withdrawn, the item that follows
    leads in its place: it is marked so on what is returned, not in the database.
    """
    query = issue.items.filter(dropped=False).select_related("article", "article__source")
    items = sorted(filter(is_printed, query), key=print_position)
    for item in items:
        item.lead = item is items[0]
    return items


def sections_to_print(issue: Issue) -> tuple[Item | None, list[Section]]:
    """The lead, and what follows it under the headings of the sections."""
    items = items_to_print(issue)
    return (items[0] if items else None), grouped(items[1:])


def grouped(items: Iterable[Item]) -> list[Section]:
    """Neighbours of one section together, in the order given."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item.section, []).append(item)
    return [Section(title, tuple(members)) for title, members in groups.items()]


def is_printed(item: Item) -> bool:
    """Whether an item is printed: not dropped from the issue, its article neither withdrawn nor held back."""
    return not (item.dropped or item.article.withdrawn_at or item.article.excluded)


def section_of(article: Article, publication: Publication) -> str:
    """The heading under which a publication prints an article; empty if it has no sections."""
    found = section_for(article.topics, publication.sections)
    if found is not None or not publication.sections:
        return found or ""
    rest = (section["title"] for section in publication.sections if not section.get("topics"))
    return str(next(rest, OTHERS))


def headings(publication: Publication) -> list[str]:
    """The headings of a publication's sections in order."""
    return [str(section["title"]) for section in publication.sections]


def choose_lead(items: Sequence[Item]) -> None:
    """Make one item the lead: the one that is it, else the first pinned, else the first with an image."""
    if not items:
        return
    rules = (
        lambda item: item.lead,
        lambda item: item.pinned,
        lambda item: bool(item.article.image_url),
        lambda _item: True,
    )
    lead = next(item for rule in rules for item in items if rule(item))
    for item in items:
        item.lead = item is lead


def print_position(item: Item) -> tuple[bool, int, int]:
    """Sorts items as they are printed. No two are equal."""
    return not item.lead, item.position, item.pk


def in_print_order(items: Sequence[Item], headings: Sequence[str]) -> list[Item]:
    """The lead, then the sections in the order of the headings, each in the order given.

    Sections that the publication does not know follow in the order in which they appear.
    """
    order = {title: rank for rank, title in enumerate(headings)}
    for item in items:
        order.setdefault(item.section, len(order))
    return sorted(items, key=lambda item: (not item.lead, order[item.section]))


def number_positions(items: Sequence[Item]) -> None:
    """Write the places of items as they stand, in one statement. Makes the order of an issue total."""
    for position, item in enumerate(items, start=1):
        item.position = position
    Item.objects.bulk_update(items, ["position", "section", "lead", "pinned", "dropped"])
