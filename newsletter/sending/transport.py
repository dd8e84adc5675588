"""What every transport can do, and what it is given. A new one is such a class, named in `transports/__init__.py`."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple, Protocol
from uuid import UUID

from newsletter.rendering.email import Email
from newsletter.rendering.merge_tags import MergeValues
from newsletter.sending.outcomes import Evidence, NotSent, RecipientsOutcome, Skipped
from newsletter.sending.posting_lease import Lease, unlimited_lease

LEASE_OVER = NotSent(
    "This process stood still for so long that another process may have taken over its batch.", ours=True
)
STOPPING = NotSent("This process was asked to stop.", ours=True)
LEAST_SECONDS_TO_WAIT = 30.0


class Envelope(NamedTuple):
    """One recipient of a post: the ledger's number, the address, what fills the tags, headers of their own."""

    recipient: int
    address: str
    name: str
    person: MergeValues
    headers: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReference:
    """What a post can be found by, afterwards. `attempt` counts the posts of the batch from 1.

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
    """What a post says that nobody looks at again."""


def always_begin(_envelope: Envelope) -> bool:
    """What a post says whose messages nobody writes down."""
    return True


def not_stopping() -> bool:
    """What a post says that nobody asks to end."""
    return False


def no_other_process() -> bool:
    """What a post says that no other process knows of."""
    return False


@dataclass(frozen=True, kw_only=True)
class Post:
    """One letter to the recipients of one batch. The merge tags of the letter are still open.

    `lease`: how long this process may post it. `look_again` says why one envelope must not go after all, by now.
    `note_begun` writes down that the message to one recipient begins to leave, and says whether it may. `stopping` says
    whether this process was asked to end. `others_got_it`: somebody has got this letter already. `others_go_on` says
    whether another process posts the same mailing just now, with success.
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
        """Why an envelope must not go now, or None: to be asked right before each message of its own goes."""
        if self.stopping():
            return STOPPING
        changed = self.look_again(envelope)
        # The clock comes last, right before the message.
        return changed if self.lease.stands else LEASE_OVER

    def begin(self, envelope: Envelope) -> bool:
        """Write down whose message leaves next, right before it does; whether it may leave."""
        return self.note_begun(envelope) and self.lease.stands

    def may_wait(self) -> bool:
        """Whether there is time left to wait for a connection."""
        return not self.stopping() and self.lease.left > LEAST_SECONDS_TO_WAIT

    @cached_property
    def longest(self) -> int:
        """How many signs of what differs from envelope to envelope the longest one has at most: never too few."""
        columns = [*zip(*((each.address, each.name, *each.person) for each in self.envelopes), strict=True)]
        headers = (sum(map(len, each.headers.values())) for each in self.envelopes)
        return sum(max(map(len, column)) for column in columns) + max(headers, default=0)


class Transport(Protocol):
    """A way out.

    `name` is the value of NEWSLETTER_TRANSPORT. `batch_size` is the most recipients of one batch. `patience` is
    the longest time between two outcomes of one post: after it, whoever posts is taken for dead. `one_by_one`: each
    recipient has a message of their own, `post.begin` is asked before each, and nobody else is in doubt after a crash.
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
        """How many envelopes, from the first on, fit one post; at least 1. The others go in another batch."""
        ...

    def deliver(self, post: Post) -> Iterator[RecipientsOutcome]:
        """Post it, and say what came back for whom as soon as that is known; it is written down at once.

        Whoever is in no outcome is unknown. Raises nothing that it can say as an answer. Once the lease of the post is
        over, nothing leaves any more: a transport that sends a message a recipient asks `post.hindrance` before each.
        """
        ...

    def close(self) -> None:
        """Close what was kept open. No thread is posting now; the next post opens it again."""
        ...

    def accepted_addresses(
        self, traces: Sequence[BatchReference], *, issue: BatchReference | None, at_most: int
    ) -> Sequence[str] | None:
        """To which addresses, at most so many, posts with these traces went, or any post of that issue.

        Empty where nothing is remembered; None where this installation may not ask. Raises Unreachable without an
        answer.
        """
        ...

    def evidence(self, trace: BatchReference, recipients: Sequence[int]) -> Iterator[Evidence]:
        """What can be proven now about recipients whose answer was lost: Accepted, NotSent or Refused.

        Says nothing about whom nothing is proven; NoTrace where only time can prove that nothing arrived; Unasked when
        the other side gives no answer.
        """
        ...
