"""Feeds of issues and corrections: RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1 (https://www.jsonfeed.org/).

A correction is an entry of its own, because programs that read feeds do not show people that an old entry has changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.html import escape
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from newsletter.errors import NewsletterError
from newsletter.issues.article_corrections import corrections_of_publication
from newsletter.issues.models import Issue, Publication
from newsletter.issues.page_urls import absolute_url, read_online_url
from newsletter.rendering.fixed_words import words_in
from newsletter.rendering.localisation import long_date
from newsletter.rendering.render_correction import correction_subject
from newsletter.sending import published_issues
from newsletter.sending.web_page_changes import corrections_of, with_corrected_texts
from newsletter.sending.web_page_models import WebPageChange
from newsletter.web.corrections_for_readers import corrections_url, shown
from newsletter.web.public_archive import NoSuchPage, hash_of
from subscribers.translated_languages import texts_in

ISSUES_IN_A_FEED = CORRECTIONS_IN_A_FEED = 20
# When a correction was made, if only its day is known.
NOON = time(12)
_MEDIA_TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """An issue or a correction. `name` is its ID for ever, and `page` its HTML, which can be empty."""

    name: str
    url: str
    title: str
    summary: str
    page: str
    at: datetime
    updated_at: datetime


@require_safe
def feed(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Return the latest issues of a publication as a feed, unless only subscribers may read them."""
    try:
        publication = published_issues.publication_at(slug)
    except NewsletterError as error:
        raise NoSuchPage(str(error)) from error
    if kind not in _MEDIA_TYPES or publication.archive == Publication.Archive.SUBSCRIBERS:
        raise NoSuchPage("We could not find a feed at this address.")
    entries = _entries(publication)
    content = _as_json(publication, entries) if kind == "json" else _as_xml(publication, entries, kind)
    response = HttpResponse(content, content_type=_MEDIA_TYPES[kind])
    response["Cache-Control"] = "public, max-age=300"
    response["ETag"] = f'"{hash_of(response.content)}"'
    if publication.archive != Publication.Archive.PUBLIC:
        response["X-Robots-Tag"] = "noindex"
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


def _entries(publication: Publication) -> list[FeedEntry]:
    """Return the latest issues and the corrections since the oldest of them, newest first."""
    latest = list(published_issues.published_issues(publication)[:ISSUES_IN_A_FEED])
    issues = list(_issue_entries(publication, latest))
    since = min((each.at for each in issues), default=None)
    if since is None:
        return []
    corrections = [each for each in _correction_entries(publication) if each.at >= since]
    return sorted([*issues, *corrections], key=lambda each: each.at, reverse=True)


def _issue_entries(publication: Publication, latest: list[Issue]) -> Iterator[FeedEntry]:
    """Yield issues, each with its page as nobody in particular sees it, and its corrections above it."""
    for issue in with_corrected_texts(latest):
        try:
            email = published_issues.email_online(publication, issue.number)
        except NewsletterError:
            continue
        changes = corrections_of(issue) if email.page else ()
        notes = "".join(_note(each, publication) for each in changes)
        at = issue.sent_at or issue.composed_at
        address = read_online_url(publication, issue.number)
        yield FeedEntry(
            name=address,
            url=address,
            title=issue.subject,
            summary=issue.preheader,
            page=notes + email.page,
            at=at,
            updated_at=max((each.changed_at for each in changes), default=at),
        )


def _correction_entries(publication: Publication) -> Iterator[FeedEntry]:
    """Yield the latest corrections, in the words of the list of all corrections."""
    # The latest that we stored: a source can give any day.
    rows = list(corrections_of_publication(publication).order_by("-pk")[:CORRECTIONS_IN_A_FEED])
    words = words_in(publication.language, {})
    for row, each in zip(rows, shown(rows, publication), strict=True):
        address = f"{corrections_url(publication)}#{each.own_anchor}"
        at = row.made_at or row.found_at or datetime.combine(row.corrected_on, NOON, publication.tzinfo)
        details = "".join(
            f"<p><strong>{escape(label)}:</strong> {escape(text)}</p>\n" for label, text in each.details
        )
        yield FeedEntry(
            name=address,
            url=address,
            title=correction_subject(row, words),
            summary=each.text,
            page=f"<p>{escape(each.text)}</p>\n{details}",
            at=at,
            updated_at=row.changed_at or at,
        )


def _note(correction: WebPageChange, publication: Publication) -> str:
    day = localtime(correction.changed_at, publication.tzinfo).date()
    text = texts_in(publication.language).gettext("This page was corrected on %(day)s.")
    sentence = text % {"day": long_date(day, publication.language)}
    return f"<p><strong>{escape(sentence)}</strong> {escape(correction.note)}</p>\n"


def _as_xml(publication: Publication, entries: list[FeedEntry], kind: str) -> str:
    from django.utils.feedgenerator import Atom1Feed

    from newsletter.web.rss_with_updates import RssWithUpdates

    made = (Atom1Feed if kind == "atom" else RssWithUpdates)(
        title=publication.name,
        link=absolute_url(reverse("archive", args=[publication.slug])),
        description=publication.tagline or publication.name,
        language=publication.language,
        feed_url=absolute_url(reverse("archive-feed", args=[publication.slug, kind])),
        author_name=publication.organisation,
    )
    for each in entries:
        made.add_item(
            title=each.title,
            link=each.url,
            description=each.page or each.summary or each.title,
            unique_id=each.name,
            unique_id_is_permalink=True,
            pubdate=each.at,
            updateddate=each.updated_at,
        )
    return str(made.writeString("utf-8"))


def _as_json(publication: Publication, entries: list[FeedEntry]) -> bytes:
    document: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": publication.name,
        "home_page_url": absolute_url(reverse("archive", args=[publication.slug])),
        "feed_url": absolute_url(reverse("archive-feed", args=[publication.slug, "json"])),
        "language": publication.language,
        "authors": [{"name": publication.organisation, "url": publication.website}],
        "items": [
            {
                "id": each.name,
                "url": each.url,
                "title": each.title,
                "summary": each.summary,
                "date_published": each.at.isoformat(timespec="seconds"),
                **(
                    {"date_modified": each.updated_at.isoformat(timespec="seconds")}
                    if each.updated_at != each.at
                    else {}
                ),
                **(
                    {"content_html": each.page} if each.page else {"content_text": each.summary or each.title}
                ),
            }
            for each in entries
        ],
    }
    if publication.tagline:
        document["description"] = publication.tagline
    return orjson.dumps(document)
