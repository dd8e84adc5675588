"""Where things lie on the desk: addresses, and what an address names."""

from django.urls import reverse

from newsletter.errors import NotFound, PressError
from newsletter.issues.lookup import issue_named, publication_named
from newsletter.issues.models import Issue, Publication


def address_of(issue: Issue, page: str = "issue") -> str:
    """The address of the page of an issue, or of another page about it."""
    return reverse(f"desk:{page}", args=[issue.publication.slug, issue.number])


def issue_at(slug: str, number: int) -> Issue:
    """The issue at an address. Raises NotFound."""
    try:
        return issue_named(f"{slug}/{number}")
    except PressError as error:
        raise NotFound(str(error)) from error


def publication_at(slug: str) -> Publication:
    """The publication at an address. Raises NotFound."""
    return publication_named(slug)
