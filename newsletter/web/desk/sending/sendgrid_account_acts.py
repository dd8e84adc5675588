"""The acts after the transport is chosen: event webhook, sender's domain, suppressions, and a test email."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.errors import NewsletterError, refuse_if
from newsletter.issues.page_urls import absolute_url
from newsletter.sending.send_setup_test_email import send_setup_test
from newsletter.sending.sendgrid_account_setup import (
    SetUpInProgressError,
    make_event_webhook,
    set_up_domain,
)
from newsletter.sending.sending_setup import without_taken
from newsletter.sending.sync_sendgrid_suppressions import ask_for_sync
from newsletter.sending_settings.change import choose_sending, why_not_change_sending
from newsletter.web.desk.desk_page import desk, done
from newsletter.web.desk.find_by_url import publication_at
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.sending.sending_limits_page import undo_of
from newsletter.web.desk.sending.sending_overview_page import show_sending

CANNOT_CHOOSE = (
    "The event webhook’s verification key is set on the server. To set up the webhook here, "
    "ask the person who runs the server to remove the key there."
)


@desk("POST", page="sending")
def webhook(request: HttpRequest) -> HttpResponse:
    """Make the event webhook in SendGrid, and store the key with which it signs."""
    refuse_if(why_not_change_sending())
    refuse_if("" if without_taken({"sendgrid_webhook_key": ""}) else CANNOT_CHOOSE)
    try:
        make_event_webhook(absolute_url(reverse("sendgrid-events")))
    except SetUpInProgressError as error:
        return _wait_for_first_click(request, error)
    except NewsletterError as error:
        return show_sending(request, form_error=FormError.of(error, "webhook", {}))
    return done(
        request,
        "SendGrid now tells this installation what happens to every email.",
        f"{reverse('desk:sending')}#account",
    )


@desk("POST", page="sending")
def domain(request: HttpRequest) -> HttpResponse:
    """Add the sender's domain in SendGrid, or let SendGrid look at its DNS records again."""
    refuse_if(why_not_change_sending())
    try:
        found = set_up_domain(request.POST.get("domain", ""))
    except SetUpInProgressError as error:
        return _wait_for_first_click(request, error)
    except NewsletterError as error:
        return show_sending(request, form_error=FormError.of(error, "domain", {}))
    missing = sum(not each.is_found for each in found.records)
    sentence = (
        f"SendGrid found all DNS records for {found.name}."
        if found.is_valid
        else f"SendGrid has not found {missing} of {len(found.records)} DNS records for {found.name} yet. "
        "DNS changes can take an hour."
    )
    return done(request, sentence, f"{reverse('desk:sending')}#account")


def _wait_for_first_click(request: HttpRequest, error: SetUpInProgressError) -> HttpResponse:
    """Lead to the page: a browser shows the response to the last of two clicks, which is not a mistake."""
    return done(request, str(error), f"{reverse('desk:sending')}#account")


@desk("POST", page="sending")
def suppressions(request: HttpRequest) -> HttpResponse:
    """Ask for an exchange of the suppressions in both directions."""
    refuse_if(why_not_change_sending())
    ask_for_sync()
    return done(
        request,
        "The sync will start within 30 seconds.",
        f"{reverse('desk:sending')}#suppressions",
    )


@desk("POST", page="sending")
def daily_suppressions(request: HttpRequest) -> HttpResponse:
    """Choose whether we send our suppressions to SendGrid every day."""
    refuse_if(why_not_change_sending())
    is_on = request.POST.get("on", "") == "yes"
    sentence = (
        "We now send our suppressions to SendGrid every day."
        if is_on
        else "We now send our suppressions to SendGrid only when somebody asks for it."
    )
    version = choose_sending({"sendgrid_push_suppressions": is_on}, act=sentence)
    undo = undo_of(version) if version is not None else None
    return done(request, sentence, f"{reverse('desk:sending')}#suppressions", undo=undo)


@desk("POST", page="sending")
def test(request: HttpRequest) -> HttpResponse:
    """Send a test email to an address."""
    refuse_if(why_not_change_sending())
    address = request.POST.get("address", "").strip()
    try:
        where = send_setup_test(publication_at(request.POST.get("publication", "")), address)
    except NewsletterError as error:
        return show_sending(request, form_error=FormError.of(error, "test", {}), typed={"address": address})
    return done(
        request, f"The test email to {address} was accepted. {where}", f"{reverse('desk:sending')}#test"
    )
