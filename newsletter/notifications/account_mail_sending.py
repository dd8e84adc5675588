"""Sends the emails about accounts that wait in the database. See accounts/account_mails.py for how they are queued."""

from newsletter.accounts import forgotten_password
from newsletter.accounts.account_mails import AccountMail
from newsletter.accounts.invitations import token_to_send
from newsletter.instance.guard import may_send
from newsletter.issues.models import Publication
from newsletter.issues.page_urls import absolute_url, invitation_path
from newsletter.notifications.desk_mails import desk_mail, send_claimed, send_next
from newsletter.proof.proof_links import proof_token_to_send, proof_url
from subscribers.mail_message import SystemMail


def send_next_account_mail() -> bool:
    """Send one email about an account. Return whether there was one to send. A copied database sends none."""
    return may_send() and send_next(AccountMail.objects.all(), _send)


def compose(mail: AccountMail) -> SystemMail:
    """Return the email."""
    context = {
        "subject": mail.subject,
        "paragraphs": mail.paragraphs,
        "url": _link_of(mail),
        "is_invitation": mail.invitation is not None,
        "is_proof_link": mail.proof_link is not None,
        "button": mail.button,
    }
    return desk_mail(
        mail.address,
        template="account",
        context=context,
        publication=_publication_of(mail),
        number=f"account.{mail.pk}",
        made_at=mail.made_at,
    )


def _publication_of(mail: AccountMail) -> Publication | None:
    """Return the publication whose look and sender the email has: that of a proof link, or else the first."""
    if mail.proof_link is not None:
        return mail.proof_link.issue.publication
    return Publication.objects.order_by("pk").first()


def _link_of(mail: AccountMail) -> str:
    """Return the link of an email. One that lets somebody in is worked out now, so that it is stored nowhere."""
    if mail.invitation is not None:
        return absolute_url(invitation_path(token_to_send(mail.invitation)))
    if mail.proof_link is not None:
        return proof_url(proof_token_to_send(mail.proof_link))
    if mail.kind == forgotten_password.KIND and mail.user is not None:
        return absolute_url(forgotten_password.new_password_path(mail.user))
    return mail.link


def _send(mail: AccountMail) -> None:
    # Once it is settled, the link is forgotten: it may let somebody in.
    send_claimed(mail, compose, link="")
