"""Sends Django's own emails (confirmations, password resets) to a Maildir or a mail server."""

import re
from collections.abc import Sequence
from email.utils import parseaddr
from pathlib import Path
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.core.mail.backends.base import BaseEmailBackend
from pydantic import SecretStr

from newsletter.environment import Environment
from newsletter.errors import Invalid
from newsletter.sending.dkim_signing import signer_of
from newsletter.sending.outcomes import Accepted, NotSent, Rejected, Unknown
from newsletter.sending.posting_lease import unlimited_lease
from newsletter.sending.transports.smtp_message import OutgoingMessage
from newsletter.sending.transports.smtp_reconnecting import ReconnectingSmtp
from newsletter.sending_settings.current import sending_settings
from subscribers.encode_headers import written_address
from subscribers.mail_message import SystemMail
from subscribers.send_system_mail import MailNotSentError, MailRefusedError, MailUnansweredError

SENDGRID_PORT = 587


class TransportBackend(BaseEmailBackend):
    """Sends emails by the transport that is chosen now: into a Maildir, or to a mail server.

    SendGrid takes them by SMTP, with the API key as the password
    (https://www.twilio.com/docs/sendgrid/for-developers/sending-email/integrating-with-the-smtp-api).
    """

    def __init__(self, *, fail_silently: bool = False, **_options: object) -> None:
        super().__init__(fail_silently=fail_silently)
        self._backend = _backend_of(sending_settings(), fail_silently=fail_silently)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send the emails and return how many were sent. Raises the errors of the backend that sends them."""
        return self._backend.send_messages(email_messages) or 0


def are_system_mails_saved() -> bool:
    """Return whether emails about accounts and subscriptions are saved in a folder instead of sent."""
    name = settings.EMAIL_BACKEND
    if name.endswith(".TransportBackend"):
        return sending_settings().transport == "maildir"
    return name.endswith(".MaildirBackend")


class MaildirBackend(BaseEmailBackend):
    """Writes each email into the Maildir `outbox-system` in the home folder, which is created if necessary."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the emails and return their number. Raises OSError if we cannot write to the folder."""
        from mailbox import Maildir

        folder = Path(settings.NEWSLETTER.home) / "outbox-system"
        # Maildir(create=True) fails if another process creates the folders at the same moment.
        for room in ("tmp", "new", "cur"):
            (folder / room).mkdir(parents=True, exist_ok=True)
        outbox = Maildir(folder, create=False)
        for mail in email_messages:
            if isinstance(mail, SystemMail) and not mail.begin():
                raise MailNotSentError("Another process is sending this email.", everybody=False)
            outbox.add(mail.message().as_bytes(linesep="\n"))  # type: ignore[call-arg]  # Django's messages take it
        return len(email_messages)


class SmtpBackend(smtp.EmailBackend):
    """Sends emails in the same way as the emails of a mailing: same connection, deadlines and meanings of replies.

    Takes the same arguments as Django's own backend. Raises MailNotSentError, MailRefusedError or MailUnansweredError
    of subscribers.send_system_mail.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send the emails over one connection and return how many were sent."""
        line, sent = ReconnectingSmtp(self._environment()), 0
        try:
            for mail in email_messages:
                sent += sum(self._hand_over(line, mail, address) for address in mail.recipients())
        finally:
            line.hang_up()
        return sent

    def open(self) -> bool:
        """Do nothing: `send_messages` opens what it needs."""
        return False

    def close(self) -> None:
        """Do nothing: `send_messages` leaves nothing open."""

    def _hand_over(self, line: ReconnectingSmtp, mail: EmailMessage, address: str) -> bool:
        begin = mail.begin if isinstance(mail, SystemMail) else always_allowed
        try:
            data = mail.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's messages take it
            sender, recipient = _bare(mail, address)
            parcel = OutgoingMessage(sender, recipient, _as_text(_signed(data, sender)))
            _require_accepted(line.hand_over(parcel, unlimited_lease(), begin=begin).answer)
        except SMTPException:
            if not self.fail_silently:
                raise
            return False
        return True

    def _environment(self) -> Environment:
        found: Environment = settings.NEWSLETTER
        security = "tls" if self.use_ssl else "starttls" if self.use_tls else "none"
        changes = {
            "smtp_host": self.host,
            "smtp_port": self.port,
            "smtp_security": security,
            "smtp_user": self.username or "",
            "smtp_password": SecretStr(self.password or ""),
            "smtp_timeout_seconds": self.timeout or found.smtp_timeout_seconds,
        }
        return found.model_copy(update=changes)


def _backend_of(environment: Environment, *, fail_silently: bool) -> BaseEmailBackend:
    if environment.transport == "maildir":
        return MaildirBackend(fail_silently=fail_silently)
    if environment.transport == "smtp":
        return SmtpBackend(
            host=environment.smtp_host,
            port=environment.smtp_port,
            username=environment.smtp_user,
            password=environment.smtp_password.get_secret_value(),
            use_tls=environment.smtp_security == "starttls",
            use_ssl=environment.smtp_security == "tls",
            fail_silently=fail_silently,
        )
    in_europe = ".eu." in (environment.sendgrid_host.host or "")
    return SmtpBackend(
        host=f"smtp{'.eu' if in_europe else ''}.sendgrid.net",
        port=SENDGRID_PORT,
        username="apikey",
        password=environment.sendgrid_api_key.get_secret_value(),
        use_tls=True,
        use_ssl=False,
        fail_silently=fail_silently,
    )


def always_allowed() -> bool:
    """Allow an email that has no database row."""
    return True


def _as_text(message: bytes) -> bytes:
    """Return the message as sent after DATA: dots at the start of a line are doubled (RFC 5321, section 4.5.2)."""
    return re.sub(rb"(?m)^\.", b"..", message)


def _signed(message: bytes, sender: str) -> bytes:
    """Sign the message if this installation signs, and end its last line, so that both sides hash the same text."""
    whole = message if message.endswith(b"\r\n") else message + b"\r\n"
    try:
        signer = signer_of(settings.NEWSLETTER)
        return signer.signed(whole, sender) if signer else whole
    except Invalid as error:
        raise MailNotSentError(f"We could not sign the email. {error}", everybody=True) from None


def _bare(mail: EmailMessage, recipient: str) -> tuple[str, str]:
    """Return sender and recipient as an SMTP server accepts them."""
    if isinstance(mail, SystemMail):
        return mail.from_email, recipient
    return written_address(parseaddr(mail.from_email)[1]), written_address(parseaddr(recipient)[1])


def _require_accepted(answer: Accepted | NotSent | Rejected | Unknown) -> None:
    match answer:
        case Accepted():
            return
        case NotSent(reason=reason, everybody=everybody, ours=ours):
            raise MailNotSentError(reason, everybody=everybody and not ours)
        case Rejected(reason=reason, personal=True):
            raise MailRefusedError(reason)
        case Rejected(reason=reason):
            # The cause may be on our side, and somebody may fix it meanwhile.
            raise MailNotSentError(reason, everybody=False)
        case Unknown(reason=reason):
            raise MailUnansweredError(reason)
