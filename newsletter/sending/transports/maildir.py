"""The transport that needs no server: it writes every message into a Maildir that any mail program opens.

The format is described at https://cr.yp.to/proto/maildir.html. A file's name follows from mailing and recipient, so
posting again after a crash writes the same file, and we can look up what was written. Files are on the disk before they
count as accepted: each is synced while it is still in `tmp`, and the folder `new` is synced once for each post.
"""

import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from io import BufferedWriter
from pathlib import Path
from typing import Self
from uuid import UUID

from newsletter.durable_files import sync_folder
from newsletter.environment import Environment
from newsletter.errors import Invalid
from newsletter.sending.build_message import message_id_of, outcome_for_unbuildable
from newsletter.sending.message_bytes import message_bytes
from newsletter.sending.outcomes import Accepted, Evidence, NotSent, RecipientsOutcome, Unknown
from newsletter.sending.rehearsed_email import EmailValues, built_message
from newsletter.sending.transport import ENDS_POST, BatchReference, BuiltEmail, Envelope, Post

# An unfinished message, as `_write` names it; the last part of the file name is the process ID.
UNFINISHED = re.compile(r"[0-9a-f]{32}\.R[0-9]+\.[0-9]+")


class MaildirTransport:
    """Writes complete messages into the Maildir at `folder`, which is created if necessary."""

    name = "maildir"
    batch_size = 50
    one_by_one = False
    lease_duration = timedelta(seconds=60)

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of_home(cls, environment: Environment) -> Self:
        """Return the transport for the Maildir `outbox` in the home folder."""
        return cls(environment.home / "outbox")

    def max_envelopes(self, post: Post) -> int:
        """Return the number of all envelopes: each is a separate file."""
        return len(post.envelopes)

    def close(self) -> None:
        """Do nothing: no connection is kept open."""

    def deliver(self, post: Post) -> Iterator[RecipientsOutcome]:
        """Yield Accepted for messages that are on the disk, and Rejected for addresses that no header can contain."""
        written: list[int] = []
        left = {envelope.recipient for envelope in post.envelopes}
        try:
            for room in ("tmp", "new", "cur"):
                (self.folder / room).mkdir(parents=True, exist_ok=True)
            self._sweep()
            earlier = self._delivered(post.trace.mailing) if post.trace.attempt > 1 else frozenset()
            for envelope in post.envelopes:
                why_not_now = post.why_not_now(envelope)
                if isinstance(why_not_now, NotSent) and why_not_now in ENDS_POST:
                    unwritten = sorted(left.difference(written))
                    left.difference_update(unwritten)
                    yield RecipientsOutcome(unwritten, why_not_now)
                    break
                if why_not_now is not None:
                    left.discard(envelope.recipient)
                    yield RecipientsOutcome([envelope.recipient], why_not_now)
                    continue
                try:
                    if envelope.recipient not in earlier:
                        self._write(post, envelope)
                except Invalid as error:
                    left.discard(envelope.recipient)
                    yield RecipientsOutcome(
                        [envelope.recipient], outcome_for_unbuildable(post.email, envelope, error)
                    )
                else:
                    written.append(envelope.recipient)
        except OSError as error:
            yield RecipientsOutcome(written, self._synced())
            yield RecipientsOutcome(
                sorted(left.difference(written)), NotSent(self._sentence(error), pause=True)
            )
        else:
            yield RecipientsOutcome(written, self._synced())

    def build(self, post: Post) -> Iterator[BuiltEmail | RecipientsOutcome]:
        """Build each message, and write none."""
        used = EmailValues.of(post.email)
        for envelope in post.envelopes:
            try:
                yield built_message(used, envelope, _message(post, envelope))
            except Invalid as error:
                yield RecipientsOutcome(
                    [envelope.recipient], outcome_for_unbuildable(post.email, envelope, error)
                )

    def accepted_addresses(
        self,
        traces: Sequence[BatchReference],  # noqa: ARG002
        *,
        issue: BatchReference | None,  # noqa: ARG002
        at_most: int,  # noqa: ARG002
    ) -> Sequence[str]:
        """Return nobody: a Maildir that was restored with the database has forgotten the same messages."""
        return ()

    def evidence(self, trace: BatchReference, recipients: Sequence[int]) -> Iterator[Evidence]:
        """Yield Accepted for recipients whose message is in the Maildir, and NotSent for the others."""
        delivered = self._delivered(trace.mailing)
        yield RecipientsOutcome([each for each in recipients if each in delivered], Accepted())
        yield RecipientsOutcome(
            [each for each in recipients if each not in delivered],
            NotSent("The message is not in the outbox."),
        )

    def _synced(self) -> Accepted | Unknown:
        """Return Accepted once a power cut cannot undo the moves into `new`."""
        try:
            sync_folder(self.folder / "new")
        except OSError as error:
            return Unknown(self._sentence(error), pause=True)
        return Accepted()

    def _sweep(self) -> None:
        """Remove unfinished messages of dead processes: a process that still writes a message has a lock on it."""
        for path in (self.folder / "tmp").iterdir():
            if not UNFINISHED.fullmatch(path.name):
                continue
            with suppress(OSError), path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()

    def _write(self, post: Post, envelope: Envelope) -> None:
        data = _message(post, envelope)
        name = _file_name(post.trace.mailing, envelope.recipient)
        # Mail files use the line endings of the system: mutt and Thunderbird do not expect carriage returns.
        data = data.replace(b"\r\n", b"\n")
        unfinished = self.folder / "tmp" / f"{name}.{os.getpid()}"
        try:
            with _begun(unfinished) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                unfinished.rename(self.folder / "new" / name)
        except OSError:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise

    def _delivered(self, mailing: UUID) -> frozenset[int]:
        """Return the recipients whose message is in `new`, or in `cur` if a mail program has seen it."""
        # If file names cannot contain colons, mail programs use other characters: “;2,S”, “!2,S”.
        ours = re.compile(re.escape(_file_name(mailing, None)) + r"([0-9]{1,18})(?![0-9])")
        names = (
            ours.match(path.name)
            for room in ("new", "cur")
            for path in (self.folder / room).glob(f"{_file_name(mailing, None)}*")
        )
        return frozenset(int(found[1]) for found in names if found)

    def _sentence(self, error: OSError) -> str:
        return (
            f"We could not write to the outbox {error.filename or self.folder}: "
            f"{error.strerror or error}. Fix the cause, then resume the mailing."
        )


def _message(post: Post, envelope: Envelope) -> bytes:
    message_id = message_id_of(post.trace.mailing, envelope.recipient, post.email.sender_address)
    return message_bytes(post.email, envelope, message_id=message_id, date=post.trace.posted_at)


def _begun(path: Path) -> BufferedWriter:
    """Create a locked file. If the file is removed before it is locked, it is created again."""
    while True:
        file = path.open("wb")
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:
            return file
        file.close()


def _file_name(mailing: UUID, recipient: int | None) -> str:
    return f"{mailing.hex}.R{'' if recipient is None else recipient}"
