"""The email of an issue: alone in its frames, its facts, and as a part of the issue's page on narrow screens."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from newsletter.errors import NewsletterError
from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import Issue
from newsletter.issues.page_urls import issue_path
from newsletter.issues.saved_segments import segments_of
from newsletter.rendering.delivered_html_size import GMAIL_CLIPS_AT
from newsletter.sending.preview_email import Preview, preview_of
from newsletter.sending.preview_readers import PreviewReader, random_reader, reader_named, readers_like
from newsletter.sending.who_may_see_recipients import why_not_see_people
from newsletter.web.desk.desk_page import desk, is_htmx, partial
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.issue.issue_header import issue_header
from newsletter.web.desk.issue.issue_page import fresh_issue, part_context, show_part
from newsletter.web.desk.languages_and_zones import language_name

# The desk shows the email in a frame. Nothing in the email may run, submit a form, or navigate the desk away.
EMAIL_POLICY = (
    "default-src 'none'; img-src {pictures}; style-src 'unsafe-inline'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
ALL_PICTURES, NO_PICTURES = "http: https: data:", "'none'"
GMAIL_KILOBYTES = GMAIL_CLIPS_AT // 1_000


@desk("GET", "HEAD")
def preview(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the email as the only part of the page."""
    issue = fresh_issue(issue_at(slug, number))
    return show_part(request, issue_header(issue), "preview", **_facts(request, issue))


@desk("GET", "HEAD")
def email(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the email alone, byte for byte but for marks of missing fields.

    Without pictures, only the policy differs, as in a mail program.
    """
    found = issue_at(slug, number)
    pictures = NO_PICTURES if request.GET.get("pictures") == "off" else ALL_PICTURES
    return framed_email(HttpResponse(preview_of(found, chosen_reader(request, found)).marked.html), pictures)


@desk("GET", "HEAD")
def email_text(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the text part of the email alone."""
    found = issue_at(slug, number)
    text = preview_of(found, chosen_reader(request, found)).marked.text
    return framed_email(HttpResponse(text, content_type="text/plain; charset=utf-8"), NO_PICTURES)


@desk("GET", "HEAD")
def email_facts(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show what the pane says about the email: the line in an inbox, the size, and unfilled fields."""
    issue = fresh_issue(issue_at(slug, number))
    if not is_htmx(request):
        return show_part(request, issue_header(issue), "preview", **_facts(request, issue))
    return partial(
        request,
        "issue/email_facts_answer",
        **part_context(issue_header(issue), "preview"),
        **_facts(request, issue),
    )


@desk("POST", page="preview")
def find_reader(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Find people on the list by the beginning of their address, for a preview as one of them."""
    issue = fresh_issue(issue_at(slug, number))
    wanted = request.POST.get("reader", "")[:320]
    found: dict[str, Any] = {"readers": readers_like(issue, wanted), "wanted": wanted}
    context = part_context(issue_header(issue), "preview")
    if is_htmx(request):
        return partial(request, "issue/email_readers", **context, **found)
    return show_part(request, issue_header(issue), "preview", **_facts(request, issue), **found)


@desk("GET", "HEAD")
def show_random_reader(_request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Lead to the email as somebody at random sees it who would receive it."""
    issue = issue_at(slug, number)
    chosen = random_reader(issue)
    return HttpResponseRedirect(f"{issue_path(issue, 'preview')}?as={chosen.pk}", status=303)


def chosen_reader(request: HttpRequest, issue: Issue) -> PreviewReader | None:
    """Return the person as whom the email is shown. The address names them by a number, because logs keep addresses."""
    return reader_named(issue, request.GET.get("as", "")[:40])


def _facts(request: HttpRequest, issue: Issue) -> dict[str, Any]:
    shown, problem = None, ""
    try:
        shown = preview_of(issue, chosen_reader(request, issue))
    except NewsletterError as error:
        problem = str(error)
    return {
        "facts_shown": True,
        "preview": shown,
        "problem": problem,
        "share": _share(shown),
        "gmail_kilobytes": GMAIL_KILOBYTES,
        "as_reader": request.GET.get("as", ""),
        "item_links": _item_links(issue),
        "languages": [(tag, language_name(tag)) for tag in shown.languages] if shown else [],
        "segments": segments_of(issue.publication.mailing_list),
        "can_see_people": not why_not_see_people(issue),
    }


def _share(shown: Preview | None) -> int:
    return min(shown.kilobytes, GMAIL_KILOBYTES) if shown else 0


def _item_links(issue: Issue) -> list[tuple[str, int]]:
    """Return the link of each article and its number, by which a click on the email finds the item on the left."""
    return [(item.article.url, item.article_id) for item in items_to_print(issue) if item.article.url]


def framed_email(response: HttpResponse, pictures: str) -> HttpResponse:
    """Return an email for a frame of the desk, in which nothing can run, submit a form, or navigate the desk away."""
    response["Content-Security-Policy"] = EMAIL_POLICY.format(pictures=pictures)
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
