"""The outcomes of a post, as values, so that the type checker sees an outcome that the code does not handle.

Accepted       accepted for delivery
NotSent        certainly not sent, so the recipients wait again
Skipped        certainly not sent, and will not be: this person may no longer be mailed
Rejected       certainly not accepted, and the same post would be rejected again
RejectedWhole  one request for several recipients was rejected, perhaps because of some of them: nobody received it
Unknown        unclear, so it may have been accepted: never sent again until evidence settles it
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Accepted:
    """Accepted for delivery; `message_id` is the transport's name for the message, if any."""

    message_id: str = ""


@dataclass(frozen=True, slots=True)
class NotSent:
    """Certainly not sent.

    `retry_after` is in seconds. `pause` means that a person has to act before we try again. `everybody` means that the
    cause affects the whole mailing, which waits; otherwise, as with a full mailbox, only these recipients wait. `ours`
    means that only this process was the cause, so that nobody has to wait and no failure is counted. `patient` means
    that the other side asked us to try again later, as at an hourly limit: the mailing is only paused after days.
    """

    reason: str
    retry_after: float = 0.0
    pause: bool = False
    everybody: bool = True
    ours: bool = False
    patient: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """Certainly not sent, and will not be: `reason` says why this person may no longer be mailed."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Certainly not accepted, and trying again would not help; `reason` is a sentence.

    `personal` means that the cause is this person's own address or data, so that a retry would be rejected again.
    `no_such_mailbox` is the code by which a mail server said that the mailbox does not exist, or empty.
    """

    reason: str
    personal: bool = False
    no_such_mailbox: str = ""


@dataclass(frozen=True, slots=True)
class RejectedWhole:
    """One request for several recipients was rejected, and certainly nobody received it; `reason` is a sentence.

    `named` has the recipients whom the rejection names, each with a reason. If it names nobody, the cause may be some
    of the recipients, or the email itself.
    """

    reason: str
    named: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unknown:
    """The response was lost or unclear; `reason` says how.

    `retry_after` (seconds) is how long the mailing's other posts wait. `pause` means that a person has to act first.
    """

    reason: str
    retry_after: float = 0.0
    pause: bool = False


Outcome: TypeAlias = Accepted | NotSent | Skipped | Rejected | RejectedWhole | Unknown


@dataclass(frozen=True, slots=True)
class NoTrace:
    """The provider answered properly that it has no trace of a post, which proves nothing by itself.

    `at` is the time of the answer by the provider's own clock, or None if the provider did not give it.
    """

    reason: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EvidenceUnavailable:
    """The provider did not answer before the deadline, so asking about other posts would not help now."""


Evidence: TypeAlias = "RecipientsOutcome | NoTrace | EvidenceUnavailable"


@dataclass(frozen=True, slots=True)
class RecipientsOutcome:
    """One outcome and the IDs of the recipients that have it."""

    recipients: Sequence[int]
    answer: Outcome
