"""Plans a mailing: writes its recipients by one INSERT … SELECT, and their batches, in one transaction."""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from newsletter.errors import Invalid, PressError, Refused
from newsletter.instance.guard import at_home, require_home
from newsletter.issues.approvals import standing_approval
from newsletter.issues.changeable import lock_issue
from newsletter.issues.models import Approval, Issue
from newsletter.scheduling.approval import frozen_letter
from newsletter.scheduling.changes import changes_since
from newsletter.scheduling.dating import day_of_going, schedule_of
from newsletter.scheduling.readers_time import Wave, wave_at, waves
from newsletter.scheduling.release import changed_since_approval, hold, late_after, too_late
from newsletter.sending import queries
from newsletter.sending.audience import audience_of
from newsletter.sending.enqueue import announce
from newsletter.sending.ledger import note
from newsletter.sending.limits.canary import set_apart
from newsletter.sending.limits.throttle import largest_batch
from newsletter.sending.models import Batch, Decision, Mailing, Recipient
from newsletter.sending.suppressions import pull_before_mailing
from newsletter.sending.transports import transport_named
from subscribers.models import Subscription

log = logging.getLogger(__name__)


def mailing_of(issue: Issue) -> Mailing | None:
    """The mailing of an issue, once it was planned."""
    return Mailing.objects.filter(issue=issue).first()


def plan_next_mailing() -> Mailing | None:
    """Plan the mailing of one issue that was released and has none. None: there is no such issue, or it is held now."""
    if not at_home():
        return None
    released = Issue.objects.filter(state=Issue.State.SENDING, mailing=None).order_by("pk")
    issue = released.select_related("publication").first()
    if issue is None:
        return None
    late = late_after(issue)
    if late is not None and timezone.now() > late:
        _hold(issue, too_late(issue))
        return None
    try:
        return plan_mailing(issue, planned_by="the schedule", late=late)
    except PressError as error:
        _hold(issue, f"It could not be sent: {error}")
        return None
    except OperationalError:
        raise  # the database itself is not well, which is no fault of the issue: it is tried again
    except Exception:
        # A fault in one issue must not keep the others from going.
        log.exception("Issue %s could not be planned", issue.pk)
        _hold(issue, "It could not be sent, by a fault of the press: see the log.")
        return None


def plan_mailing(issue: Issue, *, planned_by: str = "", late: datetime | None = None) -> Mailing:
    """Plan the mailing of an issue that was released: the letter that was approved, to a frozen audience.

    What SendGrid suppresses is taken over before, where letters go that way. If nothing has gone by `late`, the mailing
    pauses. Raises Refused for an issue that may not be sent, or not from here, and Invalid for one without readers.
    """
    require_home()
    without_pull = pull_before_mailing()
    with transaction.atomic():
        issue = lock_issue(issue)
        approval = approval_to_send(issue)
        return write_plan(issue, approval, planned_by=planned_by, late=late, remark=without_pull)


def write_plan(
    issue: Issue, approval: Approval, *, planned_by: str, late: datetime | None = None, remark: str = ""
) -> Mailing:
    """Write the mailing of a released issue, its batches and recipients. Inside a transaction that locks the issue.

    Raises Invalid for an issue without readers.
    """
    transport = transport_named(settings.NEWSLETTER.transport)
    mailing = Mailing.objects.create(
        issue=issue,
        transport=transport.name,
        letter=approval.letter,
        letter_digest=approval.digest,
        planned_at=timezone.now(),
        late_after=late,
    )
    mailing.audience = _write_recipients(mailing, transport.batch_size)
    if not mailing.audience:
        name = issue.publication.mailing_list.name
        raise Invalid(f"Nobody would get {issue}: the list “{name}” has no active subscriber.")
    mailing.save(update_fields=["audience"])
    announce()
    note(
        mailing,
        Decision.Act.PLAN,
        decided_by=planned_by,
        sentence=f"Planned for {mailing.audience} recipients. {remark}".strip(),
    )
    return mailing


def approval_to_send(issue: Issue) -> Approval:
    """What was approved of a released issue that has no mailing yet. Raises Refused."""
    if Mailing.objects.filter(issue=issue).exists():
        raise Refused(f"{issue} is {issue.get_state_display().lower()}: it has its mailing already.")
    if issue.state != Issue.State.SENDING:
        raise Refused(f"{issue} is {issue.get_state_display().lower()}. Send it first, or wait for its time.")
    approval = standing_approval(issue)
    if approval is None:
        raise Refused(f"{issue} is {issue.get_state_display().lower()}, but nobody approved it.")
    changed = changes_since(approval, approval.day)
    if changed:
        raise Refused(f"{issue} was changed after it was approved. {' '.join(changed)}")
    return approval


def _hold(issue: Issue, because: str) -> None:
    with transaction.atomic():
        issue = lock_issue(issue)
        if issue.state == Issue.State.SENDING and not Mailing.objects.filter(issue=issue).exists():
            approved = standing_approval(issue) is not None
            if approved and frozen_letter(issue) is None:
                because = changed_since_approval(issue)
            hold(issue, because)


def _write_recipients(mailing: Mailing, most: int) -> int:
    """The recipients of a mailing and their batches; says how many there are."""
    issue, size = mailing.issue, largest_batch(most)
    schedule = schedule_of(issue)
    audience = audience_of(issue, day_of_going(issue, schedule))
    if schedule is None or not schedule.readers_time:
        written = _write(mailing, audience, size)
        mailing.audience = written
        set_apart(mailing, size)
        return written
    return sum(_write(mailing, members, size, at=at) for at, members in _by_wave(audience, waves(schedule)))


def _by_wave(
    audience: QuerySet[Subscription], found: Sequence[Wave]
) -> Iterator[tuple[datetime, QuerySet[Subscription]]]:
    """Everybody of an audience in one wave: whose zone no wave names has the one that takes the rest."""
    for wave in found:
        theirs = Q(subscriber__zone__in=wave.zones)
        if wave.rest:
            others = [zone for each in found if each is not wave for zone in each.zones]
            theirs = ~Q(subscriber__zone__in=others)
        yield wave.at, audience.filter(theirs)


def _write(
    mailing: Mailing, audience: QuerySet[Subscription], size: int, *, at: datetime | None = None
) -> int:
    """Write these recipients into batches of their own, which are not due before `at`."""
    batches = -(-audience.count() // size)
    before = mailing.batches.count()
    last = before + batches
    # Whose moment had passed when the issue was scheduled has it with the first, and no later than the others.
    wave = wave_at(max(at, mailing.issue.schedule.due_at)) if at else ""
    Batch.objects.bulk_create(
        (
            Batch(mailing=mailing, number=number, not_before=at, wave=wave)
            for number in range(before + 1, last + 1)
        ),
        batch_size=500,
    )
    members, parameters = audience.order_by().values("subscriber_id").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            queries.WRITE_RECIPIENTS.format(members=members),
            [mailing.issue_id, Recipient.State.WAITING, size, before, last, *parameters, mailing.pk],
        )
        return int(cursor.rowcount)
