"""Plans a mailing: writes its batches, and its recipients with INSERT … SELECT, in one transaction."""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from newsletter.errors import Invalid, NewsletterError, Refused
from newsletter.instance.guard import may_send, require_may_send
from newsletter.issues.approvals import current_approval
from newsletter.issues.change_locks import lock_issue
from newsletter.issues.models import Approval, Issue
from newsletter.rendering.email_set import EmailSet, stored_emails
from newsletter.scheduling.approval import valid_approval
from newsletter.scheduling.changes_since_approval import changes_since
from newsletter.scheduling.dateline import dateline_day, schedule_of
from newsletter.scheduling.release import block_issue, changed_since_approval, late_after, too_late
from newsletter.scheduling.send_in_readers_time_zone import SendWindow, send_windows, window_name
from newsletter.sending import sending_sql
from newsletter.sending.audience import AudienceRule, bases_not_covering_issue, left_out_of, rule_for, rule_of
from newsletter.sending.enqueue_batches import enqueue_due_batches
from newsletter.sending.ledger import record_decision
from newsletter.sending.left_out_by_basis import left_out_by_basis
from newsletter.sending.limits.canary_batch import split_off_canary
from newsletter.sending.limits.throttle import max_batch_size
from newsletter.sending.models import Batch, Decision, Mailing, Recipient, Variant
from newsletter.sending.recheck_recipients import NOT_COVERING
from newsletter.sending.sendgrid_plan_credits import PlanCredits, plan_credits
from newsletter.sending.stored_variants import readers_of_each, variants_with_readers, write_variants
from newsletter.sending.sync_sendgrid_suppressions import pull_before_mailing
from newsletter.sending.transports import transport_named
from newsletter.sending.why_nobody import why_nobody
from newsletter.sending_settings.current import sending_settings
from subscribers.models import Subscription
from subscribers.phrases import counted
from subscribers.transactions import repeated

log = logging.getLogger(__name__)


def find_mailing(issue: Issue) -> Mailing | None:
    """Return the mailing that sends an issue, if it was planned."""
    return Mailing.objects.filter(issue=issue, purpose=Mailing.Purpose.ISSUE).first()


def released_without_mailing() -> QuerySet[Issue]:
    """Return the released issues whose mailing is not planned yet, with their publications."""
    sends_it = Mailing.objects.filter(issue=OuterRef("pk"), purpose=Mailing.Purpose.ISSUE)
    released = Issue.objects.filter(~Exists(sends_it), state=Issue.State.SENDING)
    return released.select_related("publication").order_by("pk")


def plan_next_mailing() -> Mailing | None:
    """Plan the mailing of one released issue without one. Returns None if there is no such issue or it was blocked."""
    if not may_send():
        return None
    issue = released_without_mailing().first()
    if issue is None:
        return None
    late = late_after(issue)
    if late is not None and timezone.now() > late:
        _block(issue, too_late(issue))
        return None
    try:
        return plan_mailing(issue, planned_by="the schedule", late=late)
    except NewsletterError as error:
        _block(issue, f"We could not send the issue: {error}")
        return None
    except OperationalError:
        raise  # the cause is the database, not the issue, so we try again
    except Exception:
        # An error in one issue must not stop the others.
        log.exception("Could not plan the mailing for issue %s", issue.pk)
        _block(
            issue,
            "We could not send the issue because of a fault in this software. For details, see the log.",
        )
        return None


def plan_mailing(issue: Issue, *, planned_by: str = "", late: datetime | None = None) -> Mailing:
    """Plan the mailing of a released issue: the approved email, to a frozen audience.

    If SendGrid is the transport, its suppressions are pulled first. If nothing was sent by `late`, the mailing is
    paused. Raises Refused for an issue that may not be sent, or not from this installation, or that needs more emails
    than the SendGrid plan has left, and Invalid for one without readers.
    """
    require_may_send()
    without_pull, credits_left = pull_before_mailing(), plan_credits()

    def plan() -> Mailing:
        locked = lock_issue(issue)
        approval = approval_to_send(locked)
        return write_plan(
            locked,
            approval,
            planned_by=planned_by,
            late=late,
            remark=without_pull,
            credits_left=credits_left,
        )

    # Again if somebody in the audience was erased, or the import that brought them was undone.
    return repeated(plan)


def write_plan(
    issue: Issue,
    approval: Approval,
    *,
    planned_by: str,
    credits_left: PlanCredits | None,
    late: datetime | None = None,
    remark: str = "",
) -> Mailing:
    """Write the mailing, batches and recipients of a released issue. Call inside a transaction that locks the issue.

    Raises Invalid for an issue without readers, and Refused for one that needs more emails than `credits_left`.
    """
    emails = stored_emails(approval.emails, approval.digest)
    mailing = write_mailing(issue, emails, rule_for(issue), digest=approval.digest, late=late)
    if credits_left is not None:
        credits_left.require(mailing.audience)
    record_decision(
        mailing,
        Decision.Act.PLAN,
        decided_by=planned_by,
        sentence=f"Planned a mailing to {counted(mailing.audience, 'recipient', 'recipients')}. {remark}".strip(),
    )
    return mailing


def write_mailing(
    issue: Issue,
    emails: EmailSet,
    rule: AudienceRule,
    *,
    digest: str,
    purpose: Mailing.Purpose = Mailing.Purpose.ISSUE,
    late: datetime | None = None,
) -> Mailing:
    """Write a mailing of these emails to everybody whom the rule gives, and enqueue its batches.

    Call inside a transaction. `digest` is the one with which the emails were approved. Raises Invalid if nobody would
    receive the mailing.
    """
    transport = transport_named(sending_settings().transport)
    mailing = Mailing.objects.create(
        purpose=purpose,
        issue=issue,
        mailing_list=rule.mailing_list,
        segment=rule.segment,
        exclusions=list(rule.exclusions),
        left_out=left_out_of(rule),
        received=list(rule.received) or None,
        transport=transport.name,
        digest=digest,
        planned_at=timezone.now(),
        late_after=late,
    )
    mailing.audience = _write_recipients(mailing, write_variants(mailing, emails), transport.batch_size)
    if not mailing.audience:
        nobody = why_nobody(rule, dateline_day(issue, schedule_of(issue)))
        raise Invalid(f"Nobody would receive {issue}, {nobody.why}. {nobody.what_to_do}")
    if rule.bases:
        mailing.left_out = {**(mailing.left_out or {}), "by_basis": left_out_by_basis(issue, rule)}
    if mailing.sends_the_issue and (not_covering := bases_not_covering_issue(issue)):
        mailing.left_out = {**(mailing.left_out or {}), NOT_COVERING: [each.value for each in not_covering]}
    mailing.save(update_fields=["audience", "left_out"])
    enqueue_due_batches()
    return mailing


def approval_to_send(issue: Issue) -> Approval:
    """Return the approval of a released issue that has no mailing yet. Raises Refused."""
    if find_mailing(issue) is not None:
        raise Refused(f"{issue} {issue.state_predicate} and already has a mailing.")
    if issue.state != Issue.State.SENDING:
        raise Refused(
            f"{issue} {issue.state_predicate}. Start sending the issue first, or wait for its scheduled time."
        )
    approval = current_approval(issue)
    if approval is None:
        raise Refused(
            f"{issue} {issue.state_predicate}, but nobody has approved it. Approve the issue first."
        )
    changed = changes_since(approval, approval.day)
    if changed:
        raise Refused(f"{issue} was changed after it was approved. {' '.join(changed)}")
    return approval


def _block(issue: Issue, because: str) -> None:
    with transaction.atomic():
        issue = lock_issue(issue)
        if issue.state == Issue.State.SENDING and find_mailing(issue) is None:
            approved = current_approval(issue) is not None
            if approved and valid_approval(issue) is None:
                because = changed_since_approval(issue)
            block_issue(issue, because)


def _write_recipients(mailing: Mailing, variants: Sequence[Variant], most: int) -> int:
    """Write the recipients of a mailing and their batches; return how many recipients there are."""
    issue, size, written = mailing.issue, max_batch_size(most), 0
    # The schedule is only for the issue itself, not for mailings with another purpose.
    schedule = schedule_of(issue) if mailing.sends_the_issue else None
    audience = rule_of(mailing).people(dateline_day(issue, schedule))
    in_readers_time = schedule is not None and schedule.readers_time
    variants = variants_with_readers(audience, variants, mailing)
    windows = (
        _by_send_window(audience, send_windows(schedule))
        if schedule and in_readers_time
        else [(None, audience)]
    )
    for at, everybody in windows:
        for variant, readers in readers_of_each(everybody, variants, mailing):
            # People who change their zone or language meanwhile are not written twice, and nobody is missed.
            new = readers.filter(~Exists(_written(mailing))) if written else readers
            written += _write(variant, new, size, at=at)
    mailing.audience = written
    if not in_readers_time:
        split_off_canary(mailing, size)
    return written


def _written(mailing: Mailing) -> QuerySet[Recipient]:
    return Recipient.objects.filter(mailing=mailing, subscriber=OuterRef("subscriber"))


def _by_send_window(
    audience: QuerySet[Subscription], found: Sequence[SendWindow]
) -> Iterator[tuple[datetime, QuerySet[Subscription]]]:
    """Divide an audience among the send windows; people in no named zone are in the window for the rest."""
    for send_window in found:
        theirs = Q(subscriber__zone__in=send_window.zones)
        if send_window.rest:
            others = [zone for each in found if each is not send_window for zone in each.zones]
            theirs = ~Q(subscriber__zone__in=others)
        yield send_window.at, audience.filter(theirs)


def _write(
    variant: Variant, readers: QuerySet[Subscription], size: int, *, at: datetime | None = None
) -> int:
    """Write the readers of a variant into separate batches, which are not due before `at`."""
    mailing = variant.mailing
    batches = -(-readers.count() // size)
    if not batches:
        return 0
    before = mailing.batches.count()
    last = before + batches
    # Readers whose time had passed when the issue was scheduled are sent it with the first window.
    send_window = window_name(max(at, mailing.issue.schedule.due_at)) if at else ""
    Batch.objects.bulk_create(
        (
            Batch(mailing=mailing, variant=variant, number=number, not_before=at, send_window=send_window)
            for number in range(before + 1, last + 1)
        ),
        batch_size=500,
    )
    members, parameters = readers.order_by().values("subscriber_id").query.sql_with_params()
    once = mailing.issue_id if mailing.sends_the_issue else None
    state = Recipient.State.WAITING
    with connection.cursor() as cursor:
        cursor.execute(
            sending_sql.WRITE_RECIPIENTS.format(members=members),
            [mailing.pk, once, state, size, before, last, *parameters, mailing.pk],
        )
        return int(cursor.rowcount)
