"""Which publication the user has chosen to look at. The choice lasts as long as the session."""

from django.http import HttpRequest

from newsletter.issues.archived_publications import open_publications
from newsletter.issues.models import Publication

CHOICE = "desk-publication"


def chosen_publication(request: HttpRequest) -> Publication | None:
    """Return the publication that the user chose in the navigation, or None for all of them.

    A publication that no longer exists, or that the user may not see, is ignored.
    """
    slug = request.session.get(CHOICE, "")
    return open_publications().filter(slug=slug).first() if slug else None


def choose_publication(request: HttpRequest, publication: Publication | None) -> None:
    """Show only this publication from now on, or all of them."""
    if publication is None:
        request.session.pop(CHOICE, None)
    else:
        request.session[CHOICE] = publication.slug
