"""Which publications are archived: nothing new is made or sent of them, and no choice offers them."""

from django.db.models import QuerySet

from newsletter.errors import refuse_if
from newsletter.issues.models import Publication
from newsletter.issues.visible_to_actor import visible_publications


def open_publications() -> QuerySet[Publication]:
    """Return the publications that the actor may see and that are not archived."""
    return visible_publications().filter(archived_at=None)


def why_archived(publication: Publication) -> str:
    """Return why nothing can be made or sent of a publication, or an empty string if it is not archived."""
    if publication.archived_at is None:
        return ""
    return f"{publication.name} is archived. Restore the newsletter in its settings first."


def refuse_archived_publication(publication: Publication) -> None:
    """Raise Refused if a publication is archived."""
    refuse_if(why_archived(publication))
