"""Feeds of the issues that were sent: RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1 (https://www.jsonfeed.org/)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.html import escape
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from newsletter.errors import NewsletterError
from newsletter.issues.models import Issue, Publication
from newsletter.issues.page_urls import absolute_url, read_online_url
from newsletter.rendering.localisation import long_date
from newsletter.sending import published_issues
from newsletter.sending.web_page_changes import corrections_of, with_corrected_texts
from newsletter.sending.web_page_models import WebPageChange
from newsletter.web.public_archive import NoSuchPage, hash_of
from subscribers.translated_languages import texts_in

ISSUES_IN_A_FEED = 20
_MEDIA_TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}


@require_safe
def feed(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Return the latest issues of a publication as a feed, unless only subscribers may read them."""
    try:
        publication = published_issues.publication_at(slug)
    except NewsletterError as error:
        raise NoSuchPage(str(error)) from error
    if kind not in _MEDIA_TYPES or publication.archive == Publication.Archive.SUBSCRIBERS:
        raise NoSuchPage("We could not find a feed at this address.")
    entries = list(_entries(publication))
    content = _as_json(publication, entries) if kind == "json" else _as_xml(publication, entries, kind)
    response = HttpResponse(content, content_type=_MEDIA_TYPES[kind])
    response["Cache-Control"] = "public, max-age=300"
    response["ETag"] = f'"{hash_of(response.content)}"'
    if publication.archive != Publication.Archive.PUBLIC:
        response["X-Robots-Tag"] = "noindex"
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


def _entries(publication: Publication) -> Iterator[tuple[Issue, str]]:
    """Yield the latest issues, each with its page as nobody in particular sees it, and its corrections above it."""
    latest = published_issues.published_issues(publication)[:ISSUES_IN_A_FEED]
    for issue in with_corrected_texts(list(latest)):
        try:
            email = published_issues.email_online(publication, issue.number)
        except NewsletterError:
            continue
        notes = "".join(_note(each, publication) for each in corrections_of(issue)) if email.page else ""
        yield issue, notes + email.page


def _note(correction: WebPageChange, publication: Publication) -> str:
    day = localtime(correction.changed_at, publication.tzinfo).date()
    text = texts_in(publication.language).gettext("This page was corrected on %(day)s.")
    sentence = text % {"day": long_date(day, publication.language)}
    return f"<p><strong>{escape(sentence)}</strong> {escape(correction.note)}</p>\n"


def _as_xml(publication: Publication, entries: list[tuple[Issue, str]], kind: str) -> str:
    from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed

    made = (Atom1Feed if kind == "atom" else Rss201rev2Feed)(
        title=publication.name,
        link=absolute_url(reverse("archive", args=[publication.slug])),
        description=publication.tagline or publication.name,
        language=publication.language,
        feed_url=absolute_url(reverse("archive-feed", args=[publication.slug, kind])),
        author_name=publication.organisation,
    )
    for issue, page in entries:
        address = read_online_url(publication, issue.number)
        made.add_item(
            title=issue.subject,
            link=address,
            description=page or issue.preheader or issue.subject,
            unique_id=address,
            unique_id_is_permalink=True,
            pubdate=_sent_at(issue),
            updateddate=_sent_at(issue),
        )
    return str(made.writeString("utf-8"))


def _as_json(publication: Publication, entries: list[tuple[Issue, str]]) -> bytes:
    document: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": publication.name,
        "home_page_url": absolute_url(reverse("archive", args=[publication.slug])),
        "feed_url": absolute_url(reverse("archive-feed", args=[publication.slug, "json"])),
        "language": publication.language,
        "authors": [{"name": publication.organisation, "url": publication.website}],
        "items": [
            {
                "id": read_online_url(publication, issue.number),
                "url": read_online_url(publication, issue.number),
                "title": issue.subject,
                "summary": issue.preheader,
                "date_published": _sent_at(issue).isoformat(timespec="seconds"),
                **({"content_html": page} if page else {"content_text": issue.preheader or issue.subject}),
            }
            for issue, page in entries
        ],
    }
    if publication.tagline:
        document["description"] = publication.tagline
    return orjson.dumps(document)


def _sent_at(issue: Issue) -> datetime:
    return issue.sent_at or issue.composed_at
