"""Finds the issue or publication that a URL of the desk names."""

from newsletter.errors import NewsletterError, NotFound
from newsletter.issues.find_publication_or_issue import find_issue, find_publication
from newsletter.issues.models import Issue, Publication
from newsletter.issues.visible_to_actor import visible


def issue_at(slug: str, number: int) -> Issue:
    """Return the issue with this publication slug and number. Raises NotFound."""
    try:
        return find_issue(f"{slug}/{number}")
    except NewsletterError as error:
        raise NotFound(str(error)) from error


def drafted_issue(key: str) -> Issue:
    """Return the issue that a form has drafted before, by the number of its row. Raises NotFound."""
    found = visible(Issue.objects.select_related("publication")).filter(pk=int(key)).first()
    if found is None:
        raise NotFound("The issue created with this form has since been removed. Create a new one.")
    return found


def publication_at(slug: str) -> Publication:
    """Return the publication with this slug. Raises NotFound."""
    try:
        return find_publication(slug)
    except NewsletterError as error:
        raise NotFound("We could not find this newsletter. Choose one on the Home page.") from error
