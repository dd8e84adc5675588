"""Which publications take articles from a source, for people who are about to pause or remove it."""

from dataclasses import dataclass

from newsletter.articles.models import Source
from newsletter.issues.models import Publication
from newsletter.issues.visible_to_actor import visible_publications
from subscribers.phrases import counted, listed


@dataclass(frozen=True, slots=True)
class SourceUsers:
    """The names of the publications that the actor may see, and the number of the others, which are not named."""

    names: tuple[str, ...]
    others: int

    @property
    def are_several(self) -> bool:
        """Whether what is done to the source counts for more than one publication."""
        return len(self.names) + self.others > 1

    def __str__(self) -> str:
        """Say who it is, such as “The News, The Star and 1 newsletter managed by other people”."""
        if not self.others:
            return listed(self.names)
        return listed(
            [*self.names, f"{counted(self.others, 'newsletter', 'newsletters')} managed by other people"]
        )


def users_of_source(source: Source) -> SourceUsers:
    """Return which publications take articles from a source: those that name it, and those that name none."""
    rows = Publication.objects.order_by("name").values_list("pk", "name", "selection")
    using = [(key, name) for key, name, selection in rows if _takes(selection, source)]
    seen = set(visible_publications().values_list("pk", flat=True))
    names = tuple(name for key, name in using if key in seen)
    return SourceUsers(names, len(using) - len(names))


def _takes(selection: object, source: Source) -> bool:
    named = selection.get("sources") if isinstance(selection, dict) else None
    return not named or source.name in named
