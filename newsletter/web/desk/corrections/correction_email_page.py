"""The email about a correction for the readers of one newsletter: who gets it, what it says, approve, send and undo."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from newsletter.accounts.actor import current_actor
from newsletter.articles.models import Correction
from newsletter.corrections.approve_notice import (
    found_notice,
    notice_of,
    render_notice,
    why_no_email,
    why_not_approve_notice,
    why_not_withdraw_notice,
    withdraw_notice,
)
from newsletter.corrections.models import CorrectionNotice
from newsletter.corrections.notice_emails import NoticeEmails, stored_notice_emails
from newsletter.corrections.readers import Absence, CorrectionReaders
from newsletter.corrections.send_notice import (
    mailings_of,
    send_notice,
    undo_send,
    why_not_send_notice,
    why_not_sender,
    why_not_undo,
)
from newsletter.errors import Invalid, NewsletterError, NotFound, refuse_if
from newsletter.issues.correct_article import found_correction
from newsletter.issues.models import Publication
from newsletter.issues.page_urls import read_online_url
from newsletter.preflight.approve_correction_email import approve_checked_notice
from newsletter.preflight.check_correction_email import CheckedCorrectionEmail, check_correction_email
from newsletter.preflight.finding import Finding
from newsletter.rendering.merge_tags import fill_tags
from newsletter.scheduling.display_times import seconds_left, span
from newsletter.sending import mailing_controls, retry_mailing
from newsletter.sending.models import Mailing
from newsletter.sending.published_issues import person_online
from newsletter.sending.variant_of_reader import email_in
from newsletter.sending.who_may_see_recipients import why_not_see_people
from newsletter.web.desk import formatting
from newsletter.web.desk.desk_page import Undo, desk, done, show
from newsletter.web.desk.find_by_url import publication_at
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.issue.email_pane import ALL_PICTURES, framed_email
from newsletter.web.desk.issue.mailing_view import mailing_view
from newsletter.web.desk.issue.shown_findings import TONES
from subscribers.translated_languages import language_name

PAGE = "correction-email"


@dataclass(frozen=True, slots=True)
class PeopleInNumbers:
    """How many people get the email, got it through another newsletter, and are left out by reason."""

    count: int
    others: int
    left_out: dict[Absence, int]


@dataclass(frozen=True, slots=True)
class Place:
    """A correction and the newsletter whose readers get the email about it."""

    correction: Correction
    publication: Publication

    @property
    def path(self) -> str:
        """The path of the page about both."""
        return self.path_to(PAGE)

    def path_to(self, name: str) -> str:
        """Return the path of an address about both."""
        return reverse(f"desk:{name}", args=[self.correction.pk, self.publication.slug])

    @property
    def notice(self) -> CorrectionNotice | None:
        """The approved email, if there is one."""
        return notice_of(self.correction, self.publication)

    def emails(self) -> NoticeEmails:
        """Return the approved emails, or else those that would be approved now."""
        notice = self.notice
        if notice is not None:
            return stored_notice_emails(notice)
        return render_notice(self.correction, self.publication)


@desk("GET", "HEAD", page="articles")
def correction_email(request: HttpRequest, correction: int, slug: str) -> HttpResponse:
    """Show who would get the email, what it says, and what can be done now."""
    return _show(request, place_of(correction, slug))


@desk("GET", "HEAD", page="articles")
def preview(request: HttpRequest, correction: int, slug: str) -> HttpResponse:
    """Show the email alone, for readers of a language, with links that do not belong to anybody."""
    place = place_of(correction, slug)
    refuse_if(why_no_email(place.correction, place.publication))
    issue = CorrectionReaders(place.correction, place.publication).issue
    assert issue is not None
    nobody = person_online(place.publication, read_online_url(place.publication, issue.number), "")
    email = email_in(place.emails().own, request.GET.get("language", ""))
    return framed_email(HttpResponse(fill_tags(email, nobody).html), ALL_PICTURES)


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
        return "Sending was undone. The email will not be sent.", None

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


@desk("GET", "HEAD", page=PAGE)
def left_out(request: HttpRequest, correction: int, slug: str) -> HttpResponse:
    """Name the people who received the article and do not get the email, for one reason."""
    place = place_of(correction, slug)
    try:
        reason = Absence(request.GET.get("reason", Absence.UNSUBSCRIBED))
    except ValueError:
        raise NotFound("We could not find this reason.") from None
    after = request.GET.get("after", "0")
    number = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0  # noqa: PLR2004 - fits a BIGINT
    readers = CorrectionReaders(place.correction, place.publication)
    return show(
        request,
        "corrections/correction_left_out",
        place=place,
        correction=place.correction,
        reason=reason,
        page=readers.people_left_out(reason, after=number),
        is_first=not number,
    )


def chosen_mailing(request: HttpRequest, place: Place) -> Mailing:
    """Return the mailing of an email about a correction that a form names. Raises NotFound."""
    ours = {str(each.pk): each for each in mailings_of(found_notice(place.correction, place.publication))}
    found = ours.get(request.POST.get("mailing", ""))
    if found is None:
        raise NotFound("We could not find this mailing.")
    return found


def _findings(place: Place, readers: CorrectionReaders, emails: NoticeEmails) -> list[Finding]:
    assert readers.issue is not None
    return check_correction_email(CheckedCorrectionEmail(place.correction, readers.issue, emails.own))


def _people(
    request: HttpRequest, readers: CorrectionReaders, planned: CorrectionNotice | None
) -> PeopleInNumbers | None:
    """Return how many people get the email and how many do not, or None if the page is to ask for that later.

    Once the mailings are planned, who is in them is decided, so a page that looks often need not count again.
    """
    if planned is not None:
        found = {Absence(reason): number for reason, number in planned.left_out.items()}
        return PeopleInNumbers(0, 0, found)
    if readers.are_many and "count" not in request.GET:
        return None
    return PeopleInNumbers(readers.count(), readers.count_through_others(), readers.left_out())


def _sent(place: Place, notice: CorrectionNotice) -> tuple[str, Undo | None]:
    notice = send_notice(notice)
    seconds = seconds_left(notice.due_at or timezone.now())
    when = f"in {span(seconds)}" if seconds else "now"
    return f"The email will be sent {when}.", Undo(place.path_to("undo-correction"))


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
            return f"We will send the email again, but only to {formatting.people(again)}."
        case _:
            raise Invalid("Choose whether to pause, resume, stop or retry the mailing.")


def place_of(correction: int, slug: str) -> Place:
    """Return a correction and a newsletter that sent its article. Raises NotFound."""
    publication = publication_at(slug)
    place = Place(found_correction(correction), publication)
    if CorrectionReaders(place.correction, publication).issue is None:
        raise NotFound("This newsletter has not sent the article, so no readers need an email.")
    return place


def _act(request: HttpRequest, place: Place, act: Callable[[], tuple[str, Undo | None]]) -> HttpResponse:
    try:
        sentence, undo_of_it = act()
    except NewsletterError as error:
        return _show(request, place, FormError.of(error, "act", request.POST.dict()))
    return done(request, sentence, place.path, undo=undo_of_it)


def _show(request: HttpRequest, place: Place, form_error: FormError | None = None) -> HttpResponse:
    correction, publication, notice = place.correction, place.publication, place.notice
    readers = CorrectionReaders(correction, publication)
    why_none = why_no_email(correction, publication)
    emails = None if why_none else place.emails()
    findings = _findings(place, readers, emails) if emails and not notice else []
    mailings = mailings_of(notice) if notice else []
    seconds = seconds_left(notice.due_at) if notice and notice.due_at and notice.planned_at is None else 0
    return show(
        request,
        "corrections/correction_email",
        status=form_error.status if form_error else 200,
        place=place,
        correction=correction,
        publication=publication,
        zone=publication.tzinfo,
        issues=readers.issues,
        other_lists=[each for each in readers.lists if each.pk != publication.mailing_list_id],
        notice=notice,
        email=emails.main if emails else None,
        language=request.GET.get("language", ""),
        languages=[
            (each.language, language_name(each.language))
            for each in (emails.own.variants if emails else ())
            if each.language
        ],
        seen=emails.digest if emails else "",
        findings=[(each, TONES[each.level]) for each in findings],
        has_errors=any(each.blocks_approval for each in findings),
        why_none=why_none,
        why_not_approve="" if notice else why_not_approve_notice(correction, publication),
        why_not_send=why_not_send_notice(notice) if notice else "",
        why_not_sender=why_not_sender(publication),
        why_not_undo=why_not_undo(notice) if notice else "",
        why_not_withdraw=why_not_withdraw_notice(notice) if notice else "",
        still_sending=readers.why_still_sending(),
        may_see_people=bool(readers.issue and not why_not_see_people(readers.issue)),
        people=_people(request, readers, notice if mailings else None),
        views=[mailing_view(each) for each in mailings],
        is_open=bool(seconds) or any(each.finished_at is None for each in mailings),
        sends_in=span(seconds) if seconds else "",
        form_error=form_error,
    )
