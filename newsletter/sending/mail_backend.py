"""Django's own mails (please confirm, forgotten passwords) in a Maildir beside the letters, while nothing is sent."""

from collections.abc import Sequence
from mailbox import Maildir
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


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
