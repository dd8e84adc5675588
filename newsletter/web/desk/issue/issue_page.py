"""The page of one issue: one of its parts, with the email beside it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from newsletter.accounts.actor import Role, current_actor
from newsletter.errors import NewsletterError, NotFound
from newsletter.issues.models import Issue
from newsletter.issues.page_urls import issue_path
from newsletter.scheduling.refuse_approval import open_refusal
from newsletter.web.desk.desk_page import desk_fragment, done, show
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.issue.issue_header import IssueHeader, issue_header
from newsletter.web.desk.issue.poll_issue_state import fingerprint

# The parts of the page in their order: the name of the URL, and the label.
PARTS = {
    "issue": "Contents",
    "details": "Details",
    "review": "Review",
    "send": "Send",
    "preview": "Email",
}

ShowPart = Callable[[HttpRequest, Issue, FormError | None], HttpResponse]


def fresh_issue(issue: Issue) -> Issue:
    """Return the issue as it is in the database now. Raises NotFound."""
    rows = Issue.objects.select_related("publication__mailing_list").filter(pk=issue.pk)
    # Each act asks whether there is a mailing; so that is read once.
    found = rows.prefetch_related("mailings").first()
    if found is None:
        raise NotFound("This issue no longer exists.")
    return found


def show_part(
    request: HttpRequest,
    header: IssueHeader,
    part: str,
    *,
    form_error: FormError | None = None,
    forms: frozenset[str] = frozenset(),
    template: str = "",
    **context: Any,
) -> HttpResponse:
    """Show one part of an issue's page, named as in PARTS, or with `template` a page that belongs to it.

    An error is shown beside its form if that is one of `forms`, which are on the page, and above the part otherwise.
    """
    return show(
        request,
        f"issue/{template or ('contents' if part == 'issue' else part)}",
        status=form_error.status if form_error else 200,
        **part_context(header, part),
        form_error=form_error,
        on_top=form_error is not None and form_error.form not in forms,
        **context,
    )


def show_fragment(
    request: HttpRequest, header: IssueHeader, part: str, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    """Render a fragment of a part for htmx, such as `issue/contents_list`, in the context of its page."""
    return desk_fragment(
        request, template, status=status, **{**part_context(header, part), "form_error": None, **context}
    )


def part_context(header: IssueHeader, part: str) -> dict[str, Any]:
    """Return what the templates of every part know."""
    issue = header.issue
    return {
        "header": header,
        "part": part,
        "parts": PARTS,
        "issue": issue,
        "publication": issue.publication,
        "zone": issue.publication.tzinfo,
        "now": timezone.now(),
        "in_undo_window": header.in_undo_window,
        "refusal": open_refusal(issue) if header.to_come else None,
        "fingerprint": fingerprint(header),
        "administrator": current_actor().may(Role.ADMINISTRATOR, issue.publication_id),
    }


def act_on_issue(  # noqa: PLR0917 - the act and where its result is shown, in this order everywhere
    request: HttpRequest,
    issue: Issue,
    form: str,
    act: Callable[[Issue], str],
    show_error: ShowPart,
    *,
    page: str = "issue",
    then: str = "",
) -> HttpResponse:
    """Act, and redirect to a part of the issue's page. An error is shown on that part beside its form."""
    try:
        sentence = act(issue)
    except NewsletterError as error:
        return show_error(request, issue, FormError.of(error, form, request.POST.dict()))
    return done(request, sentence, issue_path(issue, page) + then)


__all__ = [
    "PARTS",
    "IssueHeader",
    "ShowPart",
    "act_on_issue",
    "fresh_issue",
    "issue_header",
    "part_context",
    "show_fragment",
    "show_part",
]
