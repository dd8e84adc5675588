"""The emails that tell readers what comes of their questions and complaints. The scheduler sends them.

Each step of a case is emailed once, and only to an address whose owner confirmed that they sent the case. The one
exception is the email that asks for this.
"""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from newsletter.feedback.case_limits import must_not_be_emailed
from newsletter.feedback.case_links import case_token
from newsletter.feedback.case_words import REGULATOR_URL, case_url, words_for
from newsletter.feedback.models import CONFIRM, CaseMail, ReaderCase
from newsletter.instance.guard import may_send
from newsletter.rendering.system_mail_look import look_of_publication
from subscribers import send_queued_mail
from subscribers.encode_headers import domain_in_ascii
from subscribers.leased_queue import LeasedQueue
from subscribers.mail_message import SystemMail
from subscribers.system_mail_parts import HTML, SUBJECT, TEXT, render_parts
from subscribers.translated_languages import written_in

QUEUE = LeasedQueue({"state": CaseMail.State.WAITING})


def queue_case_mail(case: ReaderCase, step: str) -> None:
    """Let the scheduler email the reader about a step of their case, once."""
    now = timezone.now()
    CaseMail.objects.get_or_create(case=case, step=step, defaults={"made_at": now, "due_at": now})


def tell_reader(case: ReaderCase) -> None:
    """Let the scheduler tell a reader the state of their case, if they confirmed that it is theirs."""
    if case.confirmed_at and case.address and case.state != ReaderCase.State.JUNK:
        queue_case_mail(case, case.state)


def is_reader_still_to_be_told(case: ReaderCase) -> bool:
    """Return whether an email to a reader who confirmed their address is still to be sent."""
    return case.confirmed_at is not None and case.mails.filter(state=CaseMail.State.WAITING).exists()


def send_next_case_mail() -> bool:
    """Send one email to a reader. Return whether there was one to send. A copied database sends none."""
    mails = CaseMail.objects.select_related("case__publication__mailing_list")
    return may_send() and send_queued_mail.send_next(QUEUE, mails, _send)


def compose(mail: CaseMail) -> SystemMail:
    """Return the email, in the look, language and name of the publication."""
    case = mail.case
    publication = case.publication
    look = look_of_publication(publication)
    is_closed = mail.step in ReaderCase.CLOSED
    context = {
        "list": {"name": publication.name, "publisher": publication.organisation},
        "words": words_for(case, mail.step),
        "answer": case.answer if is_closed else "",
        "regulator_url": REGULATOR_URL if is_closed and case.is_complaint else "",
        "is_confirmation": mail.step == CONFIRM,
        "url": case_url(case_token(case)),
    }
    parts = render_parts("reader-case", publication.language, look, context)
    host = domain_in_ascii(publication.sender_address.rpartition("@")[2])
    return SystemMail(
        subject=parts[SUBJECT],
        text=parts[TEXT],
        html=parts[HTML],
        language=written_in(publication.language),
        reply_to=look.reply_to,
        sender=(publication.sender_name, publication.sender_address),
        recipient=case.address,
        headers={
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            # The same at each attempt, so that a mailbox recognises a repeated email.
            "Message-ID": f"<case.{mail.pk}.{mail.made_at:%Y%m%d%H%M%S%f}@{host}>",
        },
    )


def _send(mail: CaseMail) -> None:
    if not _may_be_sent(mail):
        QUEUE.held(mail).update(state=CaseMail.State.LEFT_OUT, done_at=timezone.now())
        return
    send_queued_mail.send_claimed(QUEUE, mail, compose, end=_end)


def _may_be_sent(mail: CaseMail) -> bool:
    """Look again when the email is about to be sent: the person may have been erased, or the address has bounced."""
    case = mail.case
    is_wanted = mail.step == CONFIRM or case.confirmed_at is not None
    if not (case.address_key and is_wanted):
        return False
    return not must_not_be_emailed(case.address_key)


def _end(claimed: QuerySet[Any], is_sent: bool) -> None:  # noqa: FBT001 - as send_queued_mail calls it
    state = CaseMail.State.DONE if is_sent else CaseMail.State.GIVEN_UP
    claimed.update(state=state, done_at=timezone.now())
