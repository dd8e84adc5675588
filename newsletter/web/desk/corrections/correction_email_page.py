"""The email about a correction for the readers of one newsletter: who gets it, and what it says."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.articles.models import Correction
from newsletter.corrections.approve_notice import (
    notice_of,
    render_notice,
    why_no_email,
    why_not_approve_notice,
    why_not_withdraw_notice,
)
from newsletter.corrections.models import CorrectionNotice
from newsletter.corrections.notice_emails import NoticeEmails, stored_notice_emails
from newsletter.corrections.readers import Absence, CorrectionReaders
from newsletter.corrections.send_notice import (
    mailings_of,
    why_not_send_notice,
    why_not_sender,
    why_not_undo,
)
from newsletter.errors import NotFound, refuse_if
from newsletter.issues.correct_article import found_correction
from newsletter.issues.models import Publication
from newsletter.issues.page_urls import read_online_url
from newsletter.preflight.check_correction_email import CheckedCorrectionEmail, check_correction_email
from newsletter.preflight.finding import Finding
from newsletter.rendering.merge_tags import fill_tags
from newsletter.scheduling.display_times import seconds_left, span
from newsletter.sending.published_issues import person_online
from newsletter.sending.saved_not_sent import saved_not_sent
from newsletter.sending.variant_of_reader import email_in
from newsletter.sending.who_may_see_recipients import why_not_see_people
from newsletter.web.desk.desk_page import desk, show
from newsletter.web.desk.find_by_url import publication_at
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.issue.email_pane import ALL_PICTURES, framed_email
from newsletter.web.desk.issue.mailing_view import mailing_view
from newsletter.web.desk.issue.shown_findings import TONES
from subscribers.translated_languages import language_name
from subscribers.whole_numbers import whole_number

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
    return show_email(request, place_of(correction, slug))


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


@desk("GET", "HEAD", page=PAGE)
def left_out(request: HttpRequest, correction: int, slug: str) -> HttpResponse:
    """Name the people who received the article and do not get the email, for one reason."""
    place = place_of(correction, slug)
    try:
        reason = Absence(request.GET.get("reason", Absence.UNSUBSCRIBED))
    except ValueError:
        raise NotFound("We could not find this reason.") from None
    after = request.GET.get("after", "0")
    number = whole_number(after) or 0
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


def place_of(correction: int, slug: str) -> Place:
    """Return a correction and a newsletter that sent its article. Raises NotFound."""
    publication = publication_at(slug)
    place = Place(found_correction(correction), publication)
    if CorrectionReaders(place.correction, publication).issue is None:
        raise NotFound("This newsletter has not sent the article, so no readers need an email.")
    return place


def show_email(request: HttpRequest, place: Place, form_error: FormError | None = None) -> HttpResponse:
    """Show who would get the email, what it says, what can be done now, and why an act was refused."""
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
        nobody_received=readers.nobody_received,
        saved_not_sent=saved_not_sent(),
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
