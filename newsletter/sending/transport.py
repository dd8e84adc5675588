"""The interface of every transport, and what it is given. Add a new one to `transports/__init__.py`."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol
from uuid import UUID

from newsletter.rendering.email import Email
from newsletter.rendering.merge_tags import MergeValues
from newsletter.sending.outcomes import Evidence, NotSent, RecipientsOutcome, Skipped
from newsletter.sending.posting_lease import Lease, unlimited_lease

LEASE_OVER = NotSent(
    "This process was suspended for so long that another process may have taken over its batch.", ours=True
)
STOPPING = NotSent("This process was asked to stop.", ours=True)
NO_LONGER_SENDING = NotSent("The mailing was paused or stopped before this email was sent.", ours=True)
MAY_NOT_SEND = NotSent("This installation is not allowed to send emails at the moment.", ours=True)
# Reasons for not sending one message that hold for the rest of the post too.
ENDS_POST = (STOPPING, NO_LONGER_SENDING, MAY_NOT_SEND)
LEAST_SECONDS_TO_WAIT = 30.0


class Envelope(NamedTuple):
    """One recipient of a post: their ID in the ledger, address, name, tag values and own headers."""

    recipient: int
    address: str
    name: str
    person: MergeValues
    headers: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReference:
    """Identifies a post so that it can be found later. `attempt` counts the posts of the batch from 1.

    `number` is the batch's within the mailing; a test email is in batch 0.
    """

    mailing: UUID
    batch: int
    attempt: int
    publication: str
    issue: int
    posted_at: datetime
    number: int = 0


def no_reason_to_stop(_envelope: Envelope) -> None:
    """The default of `Post.look_again`: no reason to skip anybody."""


def always_begin(_envelope: Envelope) -> bool:
    """The default of `Post.note_begun`: every message may be sent."""
    return True


def not_stopping() -> bool:
    """The default of `Post.stopping`: nobody asked this process to stop."""
    return False


def no_other_process() -> bool:
    """The default of `Post.others_go_on`: no other process is posting."""
    return False


@dataclass(frozen=True, kw_only=True)
class Post:
    """One email to the recipients of one batch. The merge tags of the email are not filled in yet.

    `lease` says how long this process may post. `look_again` says why one envelope must not be sent after all.
    `note_begun` records that the message to one recipient is started, and returns whether it may be: if it may not, the
    lease is over, or the mailing was paused or stopped. `stopping` returns whether this process was asked to stop.
    `others_got_it` says whether somebody has already received this email. `others_go_on` returns whether another
    process is posting the same mailing successfully.
    """

    trace: BatchReference
    email: Email
    envelopes: Sequence[Envelope]
    lease: Lease = field(default_factory=unlimited_lease)
    look_again: Callable[[Envelope], NotSent | Skipped | None] = no_reason_to_stop
    note_begun: Callable[[Envelope], bool] = always_begin
    stopping: Callable[[], bool] = not_stopping
    others_got_it: bool = False
    others_go_on: Callable[[], bool] = no_other_process

    def why_not_now(self, envelope: Envelope) -> NotSent | Skipped | None:
        """Return why an envelope must not be sent now, or None. Call this right before each separate message.

        If the reason is in ENDS_POST, nobody else may be sent to either.
        """
        if self.stopping():
            return STOPPING
        changed = self.look_again(envelope)
        # The lease is checked last, right before the message.
        return changed if self.lease.stands else LEASE_OVER

    def begin(self, envelope: Envelope) -> bool:
        """Record whose message is sent next, right before it is sent; return whether it may be sent."""
        return self.note_begun(envelope) and self.lease.stands

    def may_wait(self) -> bool:
        """Return whether there is time to wait for a connection."""
        return not self.stopping() and self.lease.left > LEAST_SECONDS_TO_WAIT


class BuiltEmail(NamedTuple):
    """One email that a transport has built and not sent.

    `html_bytes` is the size of its HTML when it arrives, or somewhat more. `unfilled` has the merge tags that still
    stand in it or have no value. `broken` says what is wrong with its headers, or is empty.
    """

    recipient: int
    html_bytes: int
    unfilled: tuple[str, ...] = ()
    broken: str = ""


class Transport(Protocol):
    """Sends the emails of a mailing.

    `name` is the value of NEWSLETTER_TRANSPORT. `batch_size` is the maximum number of recipients in a batch.
    `lease_duration` is the longest time between two outcomes of one post: after it, other processes consider this one
    dead. `one_by_one` means that each recipient has a separate message, that `post.begin` is called before each, and
    that only one recipient is in doubt after a crash.
    """

    @property
    def name(self) -> str: ...

    @property
    def batch_size(self) -> int: ...

    @property
    def lease_duration(self) -> timedelta: ...

    @property
    def one_by_one(self) -> bool: ...

    def max_envelopes(self, post: Post) -> int:
        """Return how many envelopes, from the first, fit into one post (at least 1). The others change batch."""
        ...

    def deliver(self, post: Post) -> Iterator[RecipientsOutcome]:
        """Send the post and yield each outcome as soon as it is known; the caller records it at once.

        Recipients without an outcome are unknown. Raises nothing that can be an outcome. After the lease of the post
        has ended, nothing more is sent: a transport with separate messages calls `post.why_not_now` before each.
        """
        ...

    def build(self, post: Post) -> Iterator[BuiltEmail | RecipientsOutcome]:
        """Build what `deliver` would send, by the same functions, and send nothing.

        Yields what was built for each recipient (rehearsed_email.py), or the outcome if it would not be sent to them.
        """
        ...

    def close(self) -> None:
        """Close all connections. No thread is posting now; the next post opens a new one."""
        ...

    def accepted_addresses(
        self, traces: Sequence[BatchReference], *, issue: BatchReference | None, at_most: int
    ) -> Sequence[str] | None:
        """Return the addresses, at most `at_most`, that posts with these references or of the issue were accepted for.

        Empty if the provider remembers none; None if this installation may not ask. Raises Unreachable without a reply.
        """
        ...

    def evidence(self, trace: BatchReference, recipients: Sequence[int]) -> Iterator[Evidence]:
        """Yield what can be proven now about recipients whose outcome was lost: Accepted, NotSent or Rejected.

        Yields nothing for recipients without proof, NoTrace if only time can prove that nothing arrived, and
        EvidenceUnavailable if the other side does not answer.
        """
        ...
