"""Sends the emails about accounts that wait in the database. See accounts/account_mails.py for how they are queued.

An email is claimed before it is sent, and settled once the server has accepted it. If a process dies in between, the
email is sent once more after the lease, with the same Message-ID. See mail_sending.py.
"""

import logging
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from newsletter.accounts import forgotten_password
from newsletter.accounts.account_mails import AccountMail
from newsletter.accounts.invitations import token_to_send
from newsletter.instance.guard import may_send
from newsletter.issues.models import Publication
from newsletter.issues.page_urls import absolute_url, invitation_path
from newsletter.notifications.mail_sender import sender_of
from newsletter.rendering.system_mail_look import look_of_publication
from subscribers.encode_headers import domain_in_ascii
from subscribers.leases import Leases, unchanged
from subscribers.mail_message import SystemMail
from subscribers.mail_sending import (
    FIRST_WAIT,
    MAX_ATTEMPTS,
    MailDeferred,
    MailGivenUp,
    MailSent,
    send,
    wait_after,
)
from subscribers.system_mail_parts import HTML, SUBJECT, TEXT, render_parts

log = logging.getLogger(__name__)
LEASES = Leases("due_at")
# The desk's own.
LANGUAGE = "en-GB"
State = AccountMail.State


def send_next_account_mail() -> bool:
    """Send one email about an account. Return whether there was one to send. A copied database sends none."""
    if not may_send():
        return False
    lease = timedelta(seconds=settings.SUBSCRIBERS_MAIL_SECONDS)
    longest = [FIRST_WAIT, *(max(lease, wait_after(each)) for each in range(1, MAX_ATTEMPTS + 2))]
    due = AccountMail.objects.filter(LEASES.due(timezone.now(), longest), state=State.WAITING)
    mail = due.order_by("due_at", "pk").first()
    if mail is None:
        return False
    until = timezone.now() + lease
    if LEASES.claim(unchanged(mail, "due_at").filter(state=State.WAITING), until):
        mail.due_at, mail.attempts = until, mail.attempts + 1
        _send(mail)
    return True


def compose(mail: AccountMail) -> SystemMail:
    """Return the email."""
    publication = Publication.objects.order_by("pk").first()
    look = look_of_publication(publication)
    parts = render_parts("account", LANGUAGE, look, _context(mail, publication))
    sender = sender_of(publication)
    host = domain_in_ascii(sender[1].rpartition("@")[2])
    return SystemMail(
        subject=parts[SUBJECT],
        text=parts[TEXT],
        html=parts[HTML],
        sender=sender,
        language=LANGUAGE,
        reply_to=look.reply_to,
        recipient=mail.address,
        headers={
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "Message-ID": f"<account.{mail.pk}.{mail.made_at:%Y%m%d%H%M%S%f}@{host}>",
        },
    )


def _context(mail: AccountMail, publication: Publication | None) -> dict[str, object]:
    return {
        "subject": mail.subject,
        "paragraphs": mail.paragraphs,
        "url": _link_of(mail),
        "is_invitation": mail.invitation is not None,
        "button": mail.button,
        # The layout of all system emails needs a list.
        "list": {
            "name": publication.name if publication else "Newsletter",
            "publisher": publication.organisation if publication else "",
        },
    }


def _link_of(mail: AccountMail) -> str:
    """Return the link of an email. One that lets somebody in is worked out now, so that it is stored nowhere."""
    if mail.invitation is not None:
        return absolute_url(invitation_path(token_to_send(mail.invitation)))
    if mail.kind == forgotten_password.KIND and mail.user is not None:
        return absolute_url(forgotten_password.new_password_path(mail.user))
    return mail.link


def _send(mail: AccountMail) -> None:
    match send(mail, partial(compose, mail)):
        case MailSent():
            _settle(mail, State.DONE)
        case MailDeferred(reason, everybody) if mail.attempts < MAX_ATTEMPTS:
            log.warning("We could not send “%s”. %s We will try again.", mail, reason)
            _ours(mail).update(due_at=timezone.now() + wait_after(mail.attempts))
            if everybody:
                waiting = AccountMail.objects.filter(state=State.WAITING, due_at__lte=timezone.now())
                waiting.update(due_at=timezone.now() + FIRST_WAIT)
        case MailDeferred(reason) | MailGivenUp(reason):
            log.error(
                "We could not send “%s” in %s attempts, so we stopped trying. %s",
                mail,
                min(mail.attempts, MAX_ATTEMPTS),
                reason,
            )
            _settle(mail, State.GIVEN_UP)


def _settle(mail: AccountMail, state: AccountMail.State) -> None:
    """Record the final state, and forget the link: it may let somebody in."""
    _ours(mail).update(state=state, done_at=timezone.now(), link="")


def _ours(mail: AccountMail) -> QuerySet[AccountMail]:
    return LEASES.held(mail, state=State.WAITING)
