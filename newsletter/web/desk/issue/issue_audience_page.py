"""Choosing who receives one issue: as for every issue, or an audience of its own, with the number of people."""

from collections import defaultdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.errors import NewsletterError, refuse_if
from newsletter.issues.audience_choice import choice_from_json
from newsletter.issues.change_issue_audience import audience_version, choose_audience
from newsletter.issues.issue_versions import newest_version, state_seen
from newsletter.issues.locked_draft import why_not_edit
from newsletter.issues.look_up_audience import choice_for, in_words
from newsletter.issues.models import Issue
from newsletter.issues.page_urls import issue_path
from newsletter.sending.audience import audience_day
from newsletter.sending.left_out_by_basis import CountedAudience
from newsletter.web.desk.audience.audience_form import (
    AS_EVERY,
    OWN,
    OWN_OF_ISSUE,
    TypedAudience,
    audience_if_own,
    count_of,
    form_context,
    only_counts,
    shown_choice,
    typed_values,
)
from newsletter.web.desk.desk_page import desk, done
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.form_error import FormError, errors_by_field
from newsletter.web.desk.issue.issue_header import issue_header
from newsletter.web.desk.issue.issue_page import fresh_issue, show_part
from newsletter.web.desk.issue.undo_and_restore_acts import undo_of


@desk("GET", "HEAD", "POST")
def issue_audience(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the form, with the number of people whom it would give, or save it."""
    issue = fresh_issue(issue_at(slug, number))
    refuse_if(why_not_edit(issue))
    if request.method != "POST":
        whose = AS_EVERY if issue.audience is None else OWN
        return _form(request, issue, whose, shown_choice(choice_for(issue)))
    whose = request.POST.get("whose", OWN)
    typed = typed_values(request.POST)
    try:
        stored = choice_for(issue)
        audience = audience_if_own(request, issue.publication, stored, OWN_OF_ISSUE)
        if not only_counts(request):
            return _save(request, issue, audience)
        counted = count_of(audience, issue.publication, audience_day(issue), issue)
    except NewsletterError as error:
        return _form(request, issue, whose, typed, error=error)
    return _form(request, issue, whose, typed, count=counted)


def _save(request: HttpRequest, issue: Issue, audience: TypedAudience | None) -> HttpResponse:
    before = newest_version(issue)
    choose_audience(
        issue,
        audience.choice if audience else None,
        pasted=audience.pasted if audience else None,
        seen=request.POST.get("seen"),
        audience_seen=request.POST.get("audience_seen"),
    )
    undo = undo_of(issue, "review", anchor="audience") if newest_version(issue) == before + 1 else None
    sentence = f"The issue will be sent to {in_words(choice_for(issue), issue.publication)}."
    return done(request, sentence, f"{issue_path(issue, 'review')}#audience", undo=undo)


def _form(
    request: HttpRequest,
    issue: Issue,
    whose: str,
    typed: dict[str, Any],
    *,
    error: NewsletterError | None = None,
    count: CountedAudience | None = None,
) -> HttpResponse:
    errors = errors_by_field(error)
    form_error = FormError.of(error, "audience", {}) if error else None
    publication = issue.publication
    return show_part(
        request,
        issue_header(issue),
        "review",
        form_error=form_error,
        forms=frozenset({"audience"}),
        template="audience_choose",
        whose=whose,
        own_label=OWN_OF_ISSUE,
        every=in_words(choice_from_json(publication.audience), publication),
        seen=request.POST.get("seen") or state_seen(issue),
        audience_seen=request.POST.get("audience_seen") or audience_version(issue),
        errors=defaultdict(str, errors),
        summary=list(errors.items()),
        count=count,
        address=reverse("desk:issue-audience", args=[publication.slug, issue.number]),
        typed=typed,
        **form_context(publication, typed),
    )
