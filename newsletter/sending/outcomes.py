"""What came back for a post, as a value: the type checker sees an answer that nobody handles.

Accepted   it was taken over for delivery
NotSent    surely nothing left, so the people wait again
Skipped    surely nothing left, and nothing will: this person may no longer be mailed
Refused    it was surely not taken, and the same post would be refused again
RefusedWhole  a post to several was refused as a whole, perhaps for some of them alone: nobody in it got it
Unknown    anything unclear: perhaps it was taken; never sent again until evidence settles it
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Accepted:
    """It was taken over for delivery; `message_id` is the name that the way out gave it, if any."""

    message_id: str = ""


@dataclass(frozen=True, slots=True)
class NotSent:
    """Surely nothing left.

    `retry_after` is in seconds; `pause`: trying again needs a person first; `everybody`: what hinders these hinders
    the whole mailing, which waits. If not, as with a full mailbox, only these wait. `ours`: nothing
    but this process itself hindered it, so that nobody has to wait and nothing is counted. `patient`: the other side
    itself asks to come back later, as at an hourly limit: the mailing pauses only after days of that.
    """

    reason: str
    retry_after: float = 0.0
    pause: bool = False
    everybody: bool = True
    ours: bool = False
    patient: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """Surely nothing left, and nothing will: `reason` says why this person may no longer be mailed."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Surely not taken, and asking again would not help; `reason` is a sentence.

    `personal`: it is about this person's own address or data, so that a retry would be refused again.
    `no_such_mailbox`: the code by which a mail server said that nobody has this address; else empty.
    """

    reason: str
    personal: bool = False
    no_such_mailbox: str = ""


@dataclass(frozen=True, slots=True)
class RejectedWhole:
    """One request to several was refused, and surely nobody in it got it; `reason` is a sentence.

    `named` has the recipients that the refusal names, each with the reason for them. Where it names nobody, some of
    them may be at fault, or what all of them were to get.
    """

    reason: str
    named: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unknown:
    """The answer was lost or unclear; `reason` says how.

    `retry_after` (seconds) is how long the mailing's other posts wait; `pause`: they need a person first.
    """

    reason: str
    retry_after: float = 0.0
    pause: bool = False


Outcome: TypeAlias = Accepted | NotSent | Skipped | Rejected | RejectedWhole | Unknown


@dataclass(frozen=True, slots=True)
class NoTrace:
    """The provider was asked for a post, answered properly, and has no trace of it: which proves nothing by itself.

    `at` is when, by the provider's own clock; None when it does not say.
    """

    reason: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EvidenceUnavailable:
    """The provider gave no answer within the deadline, so that asking about other posts would be no use now."""


Evidence: TypeAlias = "RecipientsOutcome | NoTrace | EvidenceUnavailable"


@dataclass(frozen=True, slots=True)
class RecipientsOutcome:
    """One answer and the recipients (their ids) that it is for."""

    recipients: Sequence[int]
    answer: Outcome
