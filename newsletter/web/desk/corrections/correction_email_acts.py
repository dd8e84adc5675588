"""The acts on the email about a correction: approve, send, undo, withdraw, and what can be done with its mailings."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from newsletter.accounts.actor import current_actor
from newsletter.corrections.approve_notice import (
    found_notice,
    withdraw_notice,
)
from newsletter.corrections.models import CorrectionNotice
from newsletter.corrections.send_notice import (
    mailings_of,
    send_notice,
    undo_send,
    why_not_sender,
)
from newsletter.errors import Invalid, NewsletterError, NotFound, refuse_if
from newsletter.preflight.approve_correction_email import approve_checked_notice
from newsletter.scheduling.display_times import seconds_left, span
from newsletter.sending import mailing_controls, retry_mailing
from newsletter.sending.models import Mailing
from newsletter.sending.saved_not_sent import promise
from newsletter.web.desk import formatting
from newsletter.web.desk.corrections.correction_email_page import PAGE, Place, place_of, show_email
from newsletter.web.desk.desk_page import Undo, desk, done
from newsletter.web.desk.form_error import FormError


@desk("POST", page=PAGE)
def approve(request: HttpRequest, correction: int, slug: str) -> HttpResponse:
    """Approve the email that was shown, and with “then” send it as well."""
    place = place_of(correction, slug)

    def act() -> tuple[str, Undo | None]:
        is_sent = request.POST.get("then") == "send"
        if is_sent:
            # Before the approval, which would stay.
            refuse_if(why_not_sender(place.publication))
        notice = approve_checked_notice(
            correction,
            place.publication,
            seen=request.POST.get("seen", ""),
            overruled_because=request.POST.get("overruled_because", ""),
        )
        if not is_sent:
            return "The email was approved. Only this version can be sent.", None
        return _sent(place, notice)

    return _act(request, place, act)


@desk("POST", page=PAGE)
def send(request: HttpRequest, correction: int, slug: str) -> HttpResponse:
    """Send the approved email after the undo window."""
    place = place_of(correction, slug)
    return _act(request, place, lambda: _sent(place, found_notice(place.correction, place.publication)))


@desk("POST", page=PAGE)
def undo(request: HttpRequest, correction: int, slug: str) -> HttpResponse:
    """Undo “Send” during the undo window."""
    place = place_of(correction, slug)

    def act() -> tuple[str, Undo | None]:
        undo_send(found_notice(place.correction, place.publication))
        return "“Send” was undone. The email will not be sent.", None

    return _act(request, place, act)


@desk("POST", page=PAGE)
def withdraw(request: HttpRequest, correction: int, slug: str) -> HttpResponse:
    """Withdraw the approval."""
    place = place_of(correction, slug)

    def act() -> tuple[str, Undo | None]:
        withdraw_notice(found_notice(place.correction, place.publication))
        return "The approval was withdrawn.", None

    return _act(request, place, act)


@desk("POST", page=PAGE)
def mailing(request: HttpRequest, correction: int, slug: str) -> HttpResponse:
    """Pause, resume, stop or retry one of the mailings."""
    place = place_of(correction, slug)

    def act() -> tuple[str, Undo | None]:
        chosen = chosen_mailing(request, place)
        return _control(chosen.pk, request.POST.get("act", "")), None

    return _act(request, place, act)


def chosen_mailing(request: HttpRequest, place: Place) -> Mailing:
    """Return the mailing of an email about a correction that a form names. Raises NotFound."""
    ours = {str(each.pk): each for each in mailings_of(found_notice(place.correction, place.publication))}
    found = ours.get(request.POST.get("mailing", ""))
    if found is None:
        raise NotFound("We could not find this mailing.")
    return found


def _sent(place: Place, notice: CorrectionNotice) -> tuple[str, Undo | None]:
    notice = send_notice(notice)
    seconds = seconds_left(notice.due_at or timezone.now())
    when = f"in {span(seconds)}" if seconds else "now"
    return promise(f"The email will be sent {when}."), Undo(place.path_to("undo-correction"))


def _control(number: int, act: str) -> str:
    name = current_actor().name
    match act:
        case "pause":
            mailing_controls.pause_mailing(number, f"Paused by {name}.", paused_by=name)
            return "The mailing was paused."
        case "resume":
            mailing_controls.resume_mailing(number, resumed_by=name)
            return "The mailing was resumed."
        case "stop":
            stopped = mailing_controls.stop_mailing(number, stopped_by=name)
            return mailing_controls.stopped_sentence(number, stopped)
        case "retry":
            again = retry_mailing.retry_mailing(number, retried_by=name)
            return promise(f"We will send the email again, but only to {formatting.people(again)}.")
        case _:
            raise Invalid("Choose whether to pause, resume, stop or retry the mailing.")


def _act(request: HttpRequest, place: Place, act: Callable[[], tuple[str, Undo | None]]) -> HttpResponse:
    try:
        sentence, undo_of_it = act()
    except NewsletterError as error:
        return show_email(request, place, FormError.of(error, "act", request.POST.dict()))
    return done(request, sentence, place.path, undo=undo_of_it)
