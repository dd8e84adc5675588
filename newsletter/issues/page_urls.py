"""URLs of pages about issues, for readers and for editors.

These URLs are built only here, from the names in the URL configuration. Links in sent emails must work for good.
"""

from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from newsletter.issues.models import Issue, Publication


def absolute_url(path: str) -> str:
    """Return the absolute URL of a path of this installation, such as /desk/."""
    return f"{settings.NEWSLETTER.root_url}{path}"


def read_online_url(publication: Publication, number: int, query: str = "") -> str:
    """Return the URL where readers read an issue in a browser. `query` identifies a reader or a test send."""
    address = absolute_url(reverse("read-online", args=[publication.slug, number]))
    return f"{address}?{query}" if query else address


def useful_url(publication: Publication, number: int) -> str:
    """Return the beginning of the links by which readers say whether an article of an issue is useful.

    A reader's token, the ID of the article and the answer follow.
    """
    example = reverse("useful", args=[publication.slug, number, "token", 1, "yes"])
    return absolute_url(example.removesuffix("token/1/yes/"))


def question_url(publication: Publication) -> str:
    """Return the beginning of the links to the forms by which readers question facts. The ID of an article follows."""
    return absolute_url(reverse("ask-about-article", args=[publication.slug, 1]).removesuffix("1/"))


def is_question_url(url: str) -> bool:
    """Return whether a link leads to a form by which readers question a fact."""
    return url.startswith(absolute_url(reverse("ask-about-article", args=["x", 1]).removesuffix("x/1/")))


def complaint_path(publication: Publication) -> str:
    """Return the path of the form for complaints about data protection."""
    return reverse("complain", args=[publication.slug])


def desk_path() -> str:
    """Return the path of the desk's first page."""
    return reverse("desk:dashboard")


def setup_path(token: str) -> str:
    """Return the path where the first account is made. Logs of requests name paths, and no queries."""
    return f"{reverse('desk:start')}?{urlencode({'token': token})}"


def invitation_path(token: str) -> str:
    """Return the path where an invited person makes an account. The token is in the query, as in `setup_path`."""
    return f"{reverse('desk:invitation')}?{urlencode({'token': token})}"


def issue_path(issue: Issue, page: str = "issue") -> str:
    """Return the path of an issue's page on the desk, or of another desk page about the issue."""
    return reverse(f"desk:{page}", args=[issue.publication.slug, issue.number])


def series_path(publication: Publication) -> str:
    """Return the path of the desk page about a publication's recurring issues."""
    return reverse("desk:series", args=[publication.slug])
