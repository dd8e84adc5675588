"""The public archive of the issues that were sent."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe
from markupsafe import Markup

from newsletter.accounts.first_account_link import why_not_set_up
from newsletter.errors import NotFound
from newsletter.feedback.case_figures import public_figures
from newsletter.issues.article_corrections import corrections_since_sent
from newsletter.issues.models import Issue, Publication
from newsletter.issues.page_urls import absolute_url, complaint_path, read_online_url
from newsletter.rendering.email import Email
from newsletter.rendering.localisation import long_date
from newsletter.sending import published_issues
from newsletter.sending.published_issues import ForSubscribers, Withdrawn
from newsletter.sending.web_page_changes import corrections_of, with_corrected_texts
from newsletter.sending.web_page_models import WebPageChange
from newsletter.web.corrections_for_readers import in_place, shown, structured_data
from subscribers.lists import sign_up_url
from subscribers.translated_languages import direction
from subscribers.views.public_page import POLICY, show
from subscribers.whole_numbers import whole_number

# An email is sanitised before it is stored. As a second defence, the browser runs no script in it and submits no form.
EMAIL_POLICY = (
    "default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
PAGE_POLICY = POLICY.replace("img-src 'self' data:", "img-src 'self' http: https: data:")
ISSUES_PER_PAGE = 50
LONGEST_SEARCH = 200
_PICTURE = re.compile(r'<img src="(https?://[^"]+)"')


class NoSuchPage(Http404):
    """Nothing is published at this URL. The message tells a reader why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedIssue:
    """An issue in the list of all issues. `day` is in the language of the publication."""

    number: int
    subject: str
    preheader: str
    day: str
    moment: str
    year: str


@dataclass(frozen=True, slots=True)
class Year:
    """The issues of one year. The title is empty if the page shows only one year."""

    title: str
    issues: Sequence[ListedIssue]


@require_safe
def front_page(request: HttpRequest) -> HttpResponse:
    """List every publication with its latest issue, or say how to begin while nobody has an account."""
    publications = [
        (
            each,
            None
            if each.archive == Publication.Archive.SUBSCRIBERS
            else published_issues.published_issues(each).first(),
        )
        for each in published_issues.publications()
    ]
    if not publications and not why_not_set_up():
        return HttpResponseRedirect(reverse("desk:start"), status=303)
    return show(request, "front_page", publications=publications)


@require_safe
def publication(request: HttpRequest, slug: str) -> HttpResponse:
    """List the issues of one publication, page by page, or those in which some words occur."""
    found = found_publication(slug)
    closed = found.archive == Publication.Archive.SUBSCRIBERS
    words = " ".join(request.GET.get("q", "").split())[:LONGEST_SEARCH]
    issues = published_issues.found_issues(found, words)
    total = 0 if closed else issues.count()
    page = min(page_number(request), max(1, -(-total // ISSUES_PER_PAGE)))
    shown = [] if closed else list(issues[(page - 1) * ISSUES_PER_PAGE : page * ISSUES_PER_PAGE])
    listed = [_listed(issue, found) for issue in with_corrected_texts(shown)]

    def page_url(number: int) -> str:
        query = {"q": words} if words else {}
        return f"?{urlencode(query | {'page': number})}"

    response = show(
        request,
        "archive",
        found.language,
        publication=found,
        list=found.mailing_list,
        address=absolute_url(reverse("archive", args=[found.slug])),
        closed=closed,
        has_feeds=not closed,
        words=words,
        total=total,
        issues=listed,
        years=_years(listed),
        newer=page_url(page - 1) if page > 1 else "",
        older=page_url(page + 1) if page * ISSUES_PER_PAGE < total else "",
        figures=public_figures(found),
        complaint=complaint_path(found) if found.takes_questions else "",
    )
    if words:
        response["X-Robots-Tag"] = "noindex"
    return finished(request, response, found)


@require_safe
def issue(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show one issue as it was sent.

    A signed `reader` fills in the reader's data. A signed `trial` shows an issue that has not been sent.
    """
    reader, trial = request.GET.get("reader", ""), request.GET.get("trial", "")
    found = found_publication(slug)
    try:
        email = published_issues.email_online(found, number, reader, trial=trial)
    except Withdrawn as error:
        return _withdrawn(request, error)
    except NotFound as error:
        raise NoSuchPage(str(error)) from error
    except ForSubscribers as error:
        response = show(
            request, "not_found", found.language, status=403, heading=found.name, sentence=str(error)
        )
        response["X-Robots-Tag"] = "noindex"
        return response
    sent = published_issues.published_issue(found, number)
    response = _page_of(request, sent, email, reader) if sent and email.page else _email_itself(email)
    if reader or trial or sent is None:
        response["X-Robots-Tag"] = "noindex"
        response["Cache-Control"] = "private, no-store"
        return response
    return finished(request, response, found)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Show the 404 page."""
    # Django's own message lists URL patterns, which do not help a reader.
    sentence = str(exception) if isinstance(exception, NoSuchPage) else ""
    return show(request, "not_found", status=404, sentence=sentence)


def _email_itself(email: Email) -> HttpResponse:
    """Show the email in a browser: drafts, and issues that were sent before they had a page."""
    response = HttpResponse(email.html)
    response["Content-Security-Policy"] = EMAIL_POLICY
    response["Content-Language"] = email.language
    response["Referrer-Policy"] = "no-referrer"
    return response


def _withdrawn(request: HttpRequest, withdrawal: Withdrawn) -> HttpResponse:
    """Say that a page was withdrawn, when and why, with the status that takes it out of search engines."""
    publication = withdrawal.issue.publication
    day = localtime(withdrawal.withdrawn_at, publication.tzinfo).date()
    response = show(
        request,
        "withdrawn",
        publication.language,
        status=410,
        publication=publication,
        number=withdrawal.issue.number,
        day=long_date(day, publication.language),
        moment=day.isoformat(),
        why=str(withdrawal),
    )
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "no-store"
    return response


def _page_of(request: HttpRequest, issue: Issue, email: Email, reader: str) -> HttpResponse:
    found = issue.publication
    previous, following = published_issues.neighbours(issue)
    with_corrected_texts([issue])
    picture = _PICTURE.search(email.page)
    is_known = published_issues.is_reader(found, reader)
    when = _when(issue, found)
    corrections = shown(corrections_since_sent(issue), found)
    response = show(
        request,
        "issue",
        found.language,
        publication=found,
        list=found.mailing_list,
        issue=issue,
        email=email,
        # Themes are rendered in a sandbox that escapes all content, and the result was approved.
        page=Markup(in_place(request, email.page, corrections, found)),  # noqa: S704
        direction=direction(email.language),
        description=issue.preheader or found.tagline,
        address=read_online_url(found, issue.number),
        picture=picture[1] if picture else "",
        page_corrections=[_page_correction(each, found) for each in corrections_of(issue)],
        later_corrections=corrections,
        structured_data=structured_data(issue, corrections, when["moment"]),
        reader=published_issues.person_online(found, "", reader) if is_known else None,
        sign_up=sign_up_url(found.mailing_list.slug) if found.mailing_list.open_to_sign_up else "",
        previous=previous,
        next=following,
        has_feeds=found.archive != Publication.Archive.SUBSCRIBERS,
        **when,
    )
    response["Content-Security-Policy"] = PAGE_POLICY
    return response


def finished(request: HttpRequest, response: HttpResponse, publication: Publication) -> HttpResponse:
    """Say who may index and keep a page, and answer 304 if the browser has it."""
    if publication.archive != Publication.Archive.PUBLIC:
        response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "public, max-age=60"
    response["ETag"] = f'"{hash_of(response.content)}"'
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


def hash_of(content: bytes) -> str:
    """Return a short digest of a page, for its ETag."""
    return blake2b(content, digest_size=16).hexdigest()


def _page_correction(change: WebPageChange, publication: Publication) -> dict[str, str]:
    day = localtime(change.changed_at, publication.tzinfo).date()
    return {
        "date": long_date(day, publication.language),
        "moment": day.isoformat(),
        "note": change.note,
    }


def _when(issue: Issue, publication: Publication) -> dict[str, Any]:
    if issue.sent_at is None:
        return {"day": "", "moment": ""}
    local = localtime(issue.sent_at, publication.tzinfo)
    return {
        "day": long_date(local.date(), publication.language),
        "moment": local.isoformat(timespec="minutes"),
    }


def _listed(issue: Issue, publication: Publication) -> ListedIssue:
    when = _when(issue, publication)
    return ListedIssue(
        number=issue.number, subject=issue.subject, preheader=issue.preheader, year=when["moment"][:4], **when
    )


def _years(issues: Sequence[ListedIssue]) -> list[Year]:
    names = list(dict.fromkeys(issue.year for issue in issues))
    if len(names) < 2:  # noqa: PLR2004 - a single year needs no heading
        return [Year("", issues)] if issues else []
    return [Year(name, [issue for issue in issues if issue.year == name]) for name in names]


def page_number(request: HttpRequest) -> int:
    """Return which page of a list a request asks for, counted from 1."""
    text = request.GET.get("page", "1")
    return max(1, whole_number(text, digits=6) or 1)


def found_publication(slug: str) -> Publication:
    """Return the publication with a slug. Raises NoSuchPage."""
    try:
        return published_issues.publication_at(slug)
    except NotFound as error:
        raise NoSuchPage(str(error)) from error
