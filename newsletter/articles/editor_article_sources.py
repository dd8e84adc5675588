"""The two sources that nothing fetches: one holds the articles that editors add by link, the other those they write."""

from newsletter.articles.models import Source

_PLACES = {
    Source.Kind.LINKS: ("added-by-link", "Added by link"),
    Source.Kind.WRITTEN: ("written-here", "Written here"),
}


def source_of_kind(kind: Source.Kind) -> Source:
    """Return the source of kind LINKS or WRITTEN, which is made when it is first needed."""
    name, title = _PLACES[kind]
    source, _made = Source.objects.get_or_create(
        kind=kind, defaults={"name": name, "title": title, "location": f"about:{name}"}
    )
    return source
