"""Reads the bounce mailbox from the settings. Each message is processed and committed, and only then removed or left.

If a process dies in between, the message stays there. It is read again, recognised, and removed. No transaction is open
while we communicate with the IMAP server.
"""

import logging
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.conf import settings

from newsletter.environment import Environment
from newsletter.errors import Invalid, Refused
from newsletter.instance import process_heartbeats
from newsletter.instance.guard import may_send
from newsletter.sending.bounce_mailboxes.maildir_bounces import BounceMaildir
from newsletter.tracking.bounces.message_parts import LONGEST
from newsletter.tracking.bounces.process_bounce import BounceResult, process_bounce_message
from newsletter.tracking.models import BounceFolder

if TYPE_CHECKING:
    from newsletter.sending.bounce_mailboxes.imap_bounces import BounceFolder as OpenFolder

log = logging.getLogger(__name__)

# The maximum number of messages in one session; the next session reads more.
AT_ONCE = 200
MAX_TRIES = 3


def read_bounces() -> Counter[BounceResult]:
    """Read new messages from the bounce mailbox; return the number of messages for each result.

    Raises Invalid without a bounce mailbox, Refused if this installation may not send, and Unreachable or Refused
    depending on the mailbox.
    """
    environment: Environment = settings.NEWSLETTER
    if not is_mailbox_set(environment):
        raise Invalid(
            "You have not set up a bounce mailbox. Set NEWSLETTER_BOUNCE_IMAP_HOST or "
            "NEWSLETTER_BOUNCE_MAILDIR, or pass a bounce to this command with --pipe."
        )
    if not may_send():
        raise Refused(
            "This installation is a copy, so it does not read bounces. For details, run "
            "`newsletter instance status`."
        )
    read = Counter[BounceResult]()
    if environment.bounce_maildir is not None:
        _read_maildir(BounceMaildir(environment.bounce_maildir), read)
    if environment.bounce_imap_host:
        _read_folder(environment, read)
    process_heartbeats.record_heartbeat(process_heartbeats.BOUNCES)
    return read


def read_some_bounces() -> bool:
    """Read some bounces; return whether there may be more, so that the scheduler calls it again."""
    if not (is_mailbox_set(settings.NEWSLETTER) and may_send()):
        return False
    return read_bounces().total() >= AT_ONCE


def is_mailbox_set(environment: Environment) -> bool:
    """Return whether a bounce mailbox is set."""
    return bool(environment.bounce_imap_host or environment.bounce_maildir)


def _read_maildir(maildir: BounceMaildir, read: Counter[BounceResult]) -> None:
    for name in maildir.waiting(AT_ONCE):
        beginning = maildir.beginning(name, LONGEST)
        if beginning is None:
            continue
        taken = process_bounce_message(beginning)
        read[taken] += 1
        if taken is BounceResult.LEFT:
            maildir.leave(name)
        else:
            maildir.remove(name)


def _read_folder(environment: Environment, read: Counter[BounceResult]) -> None:
    from newsletter.sending.bounce_mailboxes.imap_bounces import open_folder

    with open_folder(environment) as folder:
        progress = Progress(name_of(environment), folder.validity)
        for number in folder.numbers_after(progress.last)[:AT_ONCE]:
            if progress.begin(number):
                _read_one(folder, number, read)
            progress.end(number)


def _read_one(folder: "OpenFolder", number: int, read: Counter[BounceResult]) -> None:
    beginning = folder.beginning(number, LONGEST)
    if beginning is None:
        return
    taken = process_bounce_message(beginning)
    read[taken] += 1
    if taken is not BounceResult.LEFT:
        folder.remove(number)


def name_of(environment: Environment) -> str:
    """Return the name of the folder in the database."""
    place = f"{environment.bounce_imap_user}@{environment.bounce_imap_host}:{environment.bounce_imap_port}"
    return f"{place}/{environment.bounce_imap_folder}"[:300]


class Progress:
    """How far a folder was read, stored in the database, so that any process can continue."""

    def __init__(self, name: str, validity: int) -> None:
        row, _is_new = BounceFolder.objects.get_or_create(name=name, defaults={"validity": validity})
        self._rows = BounceFolder.objects.filter(pk=row.pk, validity=validity)
        self.last = row.last_number
        if row.validity != validity:
            BounceFolder.objects.filter(pk=row.pk).update(validity=validity, last_number=0, trying=0, tries=0)
            self.last = 0

    def begin(self, number: int) -> bool:
        """Record that we start to read a message; False if reading it failed too often."""
        row = self._rows.filter(trying=number).first()
        tries = row.tries if row else 0
        if tries >= MAX_TRIES:
            log.error(
                "We left message %d in the bounce mailbox, because we failed to read it %d times.",
                number,
                tries,
            )
            return False
        self._rows.update(trying=number, tries=tries + 1)
        return True

    def end(self, number: int) -> None:
        """Record that a message was read. Another process may be further."""
        self._rows.filter(last_number__lt=number).update(last_number=number)


def read_from(take_in: Callable[[int], bytes], came_to: list[str]) -> BounceResult:
    """Process one message from a pipe, whose first bytes `take_in` returns. Raises Refused on a copy."""
    if not may_send():
        raise Refused(
            "This installation is a copy, so it does not read bounces. For details, run "
            "`newsletter instance status`."
        )
    taken = process_bounce_message(take_in(LONGEST), came_to)
    process_heartbeats.record_heartbeat(process_heartbeats.BOUNCES)
    return taken
