"""People of whom we do not know whether they received the email about a correction, and what somebody knows of them."""

from django.http import HttpRequest, HttpResponse

from newsletter.corrections.readers import CorrectionReaders
from newsletter.corrections.send_notice import mailings_of
from newsletter.errors import NewsletterError, refuse_if
from newsletter.sending import reconcile_unknown_recipients
from newsletter.sending.unknown_outcomes import unconfirmed_batches
from newsletter.sending.who_may_see_recipients import why_not_see_people
from newsletter.web.desk.corrections.correction_email_acts import chosen_mailing
from newsletter.web.desk.corrections.correction_email_page import PAGE, Place, place_of
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.issue.settle_unknown_recipients import settle_by_form, whole_batch

UNCONFIRMED = "correction-unconfirmed"


@desk("GET", "HEAD", page=PAGE)
def unconfirmed(request: HttpRequest, correction: int, slug: str) -> HttpResponse:
    """Show the people whose outcome is unknown, by name, and what can be done."""
    return _show(request, place_of(correction, slug), None)


@desk("POST", page=UNCONFIRMED)
def settle(request: HttpRequest, correction: int, slug: str) -> HttpResponse:
    """Look for evidence, and record what a sender knows about one batch of people, if they say so."""
    place = place_of(correction, slug)
    try:
        sentence = settle_by_form(request, chosen_mailing(request, place))
    except NewsletterError as error:
        return _show(request, place, FormError.of(error, "settle", request.POST.dict()))
    return done(request, sentence, place.path_to(UNCONFIRMED))


def _show(request: HttpRequest, place: Place, form_error: FormError | None) -> HttpResponse:
    issue = CorrectionReaders(place.correction, place.publication).issue
    if issue is not None:
        refuse_if(why_not_see_people(issue))
    mailings = mailings_of(place.notice) if place.notice else []
    whole = whole_batch(request)
    found = [(each, batches) for each in mailings if (batches := unconfirmed_batches(each, whole=whole))]
    return show(
        request,
        "corrections/correction_unconfirmed",
        status=form_error.status if form_error else 200,
        place=place,
        correction=place.correction,
        publication=place.publication,
        zone=place.publication.tzinfo,
        found=found,
        why_not=reconcile_unknown_recipients.why_not_settle(mailings[0]) if mailings else "",
        form_error=form_error,
    )
