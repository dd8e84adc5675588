"""People of whom we do not know whether they received the issue: who they are, and recording what somebody knows."""

from django.http import HttpRequest, HttpResponse

from newsletter.accounts.actor import current_actor
from newsletter.errors import Invalid, NewsletterError, refuse_if
from newsletter.issues.page_urls import issue_path
from newsletter.sending import reconcile_unknown_recipients, recover_abandoned_batches
from newsletter.sending.mailing_controls import mailing_by_number
from newsletter.sending.models import Mailing
from newsletter.sending.unknown_outcomes import settle_sentence, unconfirmed_batches
from newsletter.sending.who_may_see_recipients import why_not_see_people
from newsletter.web.desk.desk_page import desk, done
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.issue.issue_header import issue_header
from newsletter.web.desk.issue.issue_page import fresh_issue, show_part
from newsletter.web.desk.issue.pause_resume_retry import number_of
from subscribers.whole_numbers import whole_number


@desk("GET", "HEAD")
def unconfirmed(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the people whose outcome is unknown, by name, and what can be done."""
    return _show(request, slug, number, None)


@desk("POST", page="unconfirmed")
def settle(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Look for evidence, and record what a sender knows about one batch of people, if they say so."""
    issue = issue_at(slug, number)
    mailing = mailing_by_number(number_of(issue))
    try:
        sentence = settle_by_form(request, mailing)
    except NewsletterError as error:
        return _show(request, slug, number, FormError.of(error, "settle", request.POST.dict()))
    return done(request, sentence, issue_path(issue, "unconfirmed"))


def settle_by_form(request: HttpRequest, mailing: Mailing) -> str:
    """Look for evidence about a mailing, record what the form says about a batch, and say what came of it.

    Raises Refused, NotFound and Invalid.
    """
    refuse_if(why_not_see_people(mailing.issue))
    recover_abandoned_batches.recover_abandoned_batches()
    found = reconcile_unknown_recipients.reconcile_mailings(mailing.pk)
    if "batch" not in request.POST:
        return settle_sentence(mailing, found)
    accepted, batch = _answer(request)
    settled = reconcile_unknown_recipients.settle_batch(
        mailing, batch, accepted=accepted, settled_by=current_actor().name
    )
    return settle_sentence(mailing, settled, accepted=accepted)


def _answer(request: HttpRequest) -> tuple[bool, int]:
    """Return whether the people of a batch received the email, and which batch. Raises Invalid without an answer."""
    sent, batch = request.POST.get("sent", ""), whole_number(request.POST.get("batch", ""))
    if sent not in {"yes", "no"} or batch is None:
        raise Invalid("Say whether these people received the email.")
    if "sure" not in request.POST:
        raise Invalid(
            "Tick the box to confirm that these people received the email."
            if sent == "yes"
            else "Tick the box to confirm that these people did not receive the email and should be sent it again."
        )
    return sent == "yes", batch


def whole_batch(request: HttpRequest) -> int:
    """Return the number of the batch whose names the page shows in full, or 0."""
    return whole_number(request.GET.get("all", "")) or 0


def _show(request: HttpRequest, slug: str, number: int, form_error: FormError | None) -> HttpResponse:
    header = issue_header(fresh_issue(issue_at(slug, number)))
    mailing = mailing_by_number(number_of(header.issue))
    return show_part(
        request,
        header,
        "send",
        template="send_unconfirmed",
        forms=frozenset({"settle"}),
        form_error=form_error,
        batches=unconfirmed_batches(mailing, whole=whole_batch(request)),
        mailing_number=mailing.pk,
        why_not=reconcile_unknown_recipients.why_not_settle(mailing),
    )
