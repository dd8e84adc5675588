"""Lists what this database would send if it may: scheduled issues, and mailings that are not over."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.utils import timezone

from newsletter.issues.look_up_audience import choice_for
from newsletter.issues.models import Issue
from newsletter.scheduling.models import Schedule, Series
from newsletter.sending.audience import audience_day, audience_size, rule_of_choice
from newsletter.sending.defer_mailing import deferred_until
from newsletter.sending.models import Mailing, Recipient
from newsletter.sending.plan import released_without_mailing


@dataclass(frozen=True, slots=True)
class PendingSend:
    """Something that would be sent, when, and to how many people. `at` is None if it would be sent at once.

    `is_held` says that it is only sent if somebody selects “Send” again.
    """

    what: str
    at: datetime | None
    people: int
    is_held: bool = False

    @property
    def is_due(self) -> bool:
        """Whether it would be sent now."""
        return not self.is_held and (self.at is None or self.at <= timezone.now())

    def to_dict(self) -> dict[str, object]:
        """Return the entry for JSON."""
        return {**asdict(self), "is_due": self.is_due}


def pending_sends() -> list[PendingSend]:
    """Return everything that would be sent, what would be sent at once first."""
    return [*_mailings(), *_released(), *_scheduled(), *_series()]


def _mailings() -> list[PendingSend]:
    found = []
    for mailing in Mailing.objects.filter(state=Mailing.State.SENDING).select_related("issue__publication"):
        waiting = Recipient.objects.filter(batch__mailing=mailing, state=Recipient.State.WAITING).count()
        if waiting:
            found.append(PendingSend(str(mailing), deferred_until(mailing), waiting))
    return found


def _released() -> list[PendingSend]:
    return [PendingSend(str(issue), None, audience_size(issue)) for issue in released_without_mailing()]


def _scheduled() -> list[PendingSend]:
    to_come = Schedule.objects.filter(issue__state=Issue.State.SCHEDULED)
    rows = to_come.select_related("issue__publication").order_by("due_at")
    return [PendingSend(str(row.issue), row.due_at, audience_size(row.issue)) for row in rows]


def _series() -> list[PendingSend]:
    by_themselves = Series.objects.filter(mode=Series.Mode.SEND, paused_at=None).exclude(next_check_at=None)
    return [
        PendingSend(
            f"{each}: next issue",
            each.next_check_at,
            _at_most(Issue(publication=each.publication, audience=each.audience)),
        )
        for each in by_themselves.select_related("publication").order_by("next_check_at")
    ]


def _at_most(issue: Issue) -> int:
    """Return how many people would get an issue that is not drafted yet, if it contained information only."""
    rule = rule_of_choice(choice_for(issue), issue.publication.mailing_list)
    return rule.size(audience_day(issue))
