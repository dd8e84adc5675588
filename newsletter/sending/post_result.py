"""The result of one post of a batch, from which limits, waits and progress follow."""

from dataclasses import dataclass, field

from newsletter.sending.models import Batch, Recipient
from newsletter.sending.outcomes import Accepted, NotSent, RecipientsOutcome, Unknown
from newsletter.sending.record_outcome import ClosedBatch, DividedBatch, state_and_reason

State = Recipient.State


@dataclass(slots=True)
class PostResult:
    """The result of one post: recipients by state, including those who wait again."""

    batch: int
    counts: dict[Recipient.State, int] = field(default_factory=dict)
    failure: NotSent | Unknown | None = None
    deferred: list[int] = field(default_factory=list)
    wait: float = 0.0
    is_closed: bool = False

    @property
    def settled(self) -> int:
        """How many recipients are no longer waiting."""
        return sum(count for state, count in self.counts.items() if state is not State.WAITING)

    @property
    def left(self) -> int:
        """How many recipients were sent to, or perhaps were."""
        return sum(self.counts.get(state, 0) for state in (State.ACCEPTED, State.REJECTED, State.UNKNOWN))

    def add(self, state: Recipient.State, count: int) -> None:
        """Count recipients who got a state."""
        self.counts[state] = self.counts.get(state, 0) + count

    def count(self, written: RecipientsOutcome | DividedBatch | ClosedBatch, batch: Batch) -> None:
        """Count the recorded outcome of a batch."""
        if isinstance(written, DividedBatch):
            self.is_closed = True
            self.add(State.REJECTED, written.rejected)
            self.add(State.WAITING, written.waiting)
            return
        if isinstance(written, ClosedBatch):
            self.is_closed, written = True, written.outcome
        if not written.recipients:
            return
        if isinstance(written.answer, Accepted):
            batch.variant.content_accepted = True
        self.add(state_and_reason(written.answer, batch)[0], len(written.recipients))
        match written.answer:
            case NotSent(ours=True):
                pass
            case NotSent(everybody=False, retry_after=seconds):
                self.deferred += written.recipients
                self.wait = max(self.wait, seconds)
            case NotSent() | Unknown():
                self.failure = written.answer
