"""Where Django's own mails go (please confirm, forgotten passwords): a Maildir beside the letters, or a mail server."""

import smtplib
from collections.abc import Sequence
from mailbox import Maildir
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.core.mail.backends.base import BaseEmailBackend

from subscribers.mail_message import SystemMail


class MaildirBackend(BaseEmailBackend):
    """Writes each mail into the Maildir `outbox-system` in the home folder, made when it is not there."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the mails; how many there were. Raises OSError when the folder cannot be written."""
        folder = Path(settings.NEWSLETTER.home) / "outbox-system"
        folder.parent.mkdir(parents=True, exist_ok=True)
        outbox = Maildir(folder, create=True)
        for mail in email_messages:
            outbox.add(mail.message().as_bytes(linesep="\n"))  # type: ignore[call-arg]  # Django's messages take it
        return len(email_messages)


class SmtpBackend(smtp.EmailBackend):
    """Django's own, but addresses with characters outside ASCII go as they are written (RFC 6531).

    Django would put an encoded word into the address, which is another address.
    """

    def _send(self, email_message: EmailMessage) -> bool:
        if not isinstance(email_message, SystemMail):
            return bool(super()._send(email_message))  # type: ignore[misc]  # Django's stubs leave it out
        addresses = [email_message.from_email, *email_message.to]
        options = [] if all(map(str.isascii, addresses)) else ["SMTPUTF8"]
        data = email_message.message().as_bytes(linesep="\r\n")
        try:
            self.connection.sendmail(  # type: ignore[union-attr]  # it is open when this is called
                addresses[0], addresses[1:], data, mail_options=options
            )
        except smtplib.SMTPException:
            if not self.fail_silently:
                raise
            return False
        return True
