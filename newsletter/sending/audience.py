"""Who gets a mailing: planned in one transaction, and looked at again when each batch goes."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from newsletter.errors import Invalid, Refused
from newsletter.issues.items import items_to_print
from newsletter.issues.models import Issue
from newsletter.rendering.render import render_letter
from newsletter.sending import queries
from newsletter.sending.engines import announce
from newsletter.sending.first_share import set_apart
from newsletter.sending.ledger import note
from newsletter.sending.models import Batch, Decision, Mailing, Recipient
from newsletter.sending.pace import largest_batch
from newsletter.sending.suppressions import pull_before_mailing
from newsletter.sending.transports import transport_named
from subscribers.models import Subscription

# An issue that is already sending but has no mailing was released by its schedule.
SENDABLE = (Issue.State.DRAFT, Issue.State.APPROVED, Issue.State.SENDING)


class Candidate(NamedTuple):
    """A waiting recipient and how that person stands to the list now. Erased: all but the first is None."""

    recipient: int
    subscriber: int | None
    subscription: int | None
    state: str | None
    paused_until: date | None
    address: str
    first_name: str
    last_name: str


def audience_of(issue: Issue, day: date) -> QuerySet[Subscription]:
    """The subscriptions that an issue goes to on a day: active, not paused.

    Suppressing an address ends its subscriptions, so an active one is never suppressed.
    """
    return Subscription.objects.filter(
        Q(paused_until=None) | Q(paused_until__lte=day),
        list=issue.publication.mailing_list_id,
        state=Subscription.State.ACTIVE,
    )


def audience_size(issue: Issue) -> int:
    """How many people would get an issue now."""
    return audience_of(issue, day_of(issue)).count()


def day_of(issue: Issue) -> date:
    """Today, where the publication is at home."""
    return timezone.localdate(timezone=issue.publication.tzinfo)


def mailing_of(issue: Issue) -> Mailing | None:
    """The mailing of an issue, once it was planned."""
    return Mailing.objects.filter(issue=issue).first()


def plan_next_mailing() -> Mailing | None:
    """Plan the mailing of one issue that was released and has none. None: there is no such issue."""
    released = Issue.objects.filter(state=Issue.State.SENDING, mailing=None).order_by("pk").first()
    return plan_mailing(released, planned_by="the schedule") if released else None


def plan_mailing(issue: Issue, *, planned_by: str = "") -> Mailing:
    """Freeze the letter and the audience of an issue, and set the issue to sending; all of it or nothing.

    What SendGrid suppresses is taken over before, where letters go that way. Raises Refused for an issue that is not
    a draft or approved, and Invalid for one without items or readers.
    """
    without_pull = pull_before_mailing()
    with transaction.atomic():
        issue = Issue.objects.select_for_update().get(pk=issue.pk)
        if issue.state not in SENDABLE or Mailing.objects.filter(issue=issue).exists():
            raise Refused(
                f"{issue} is {issue.get_state_display().lower()}: only a draft or an approved issue can be sent."
            )
        if not items_to_print(issue):
            raise Invalid(f"{issue} has no articles. Compose it again, or add an article to it.")
        letter = render_letter(issue)
        transport = transport_named(settings.NEWSLETTER.transport)
        mailing = Mailing.objects.create(
            issue=issue,
            transport=transport.name,
            letter=letter.to_dict(),
            letter_digest=letter.digest,
            planned_at=timezone.now(),
        )
        size = largest_batch(transport.batch_size)
        mailing.audience = _write_recipients(mailing, audience_of(issue, day_of(issue)), size)
        if not mailing.audience:
            name = issue.publication.mailing_list.name
            raise Invalid(f"Nobody would get {issue}: the list “{name}” has no active subscriber.")
        mailing.save(update_fields=["audience"])
        set_apart(mailing, size)
        issue.state = Issue.State.SENDING
        issue.save(update_fields=["state"])
        announce()
        note(
            mailing,
            Decision.Act.PLAN,
            decided_by=planned_by,
            sentence=f"Planned for {mailing.audience} recipients. {without_pull}".strip(),
        )
    return mailing


def _write_recipients(mailing: Mailing, audience: QuerySet[Subscription], size: int) -> int:
    batches = -(-audience.count() // size)
    Batch.objects.bulk_create(
        (Batch(mailing=mailing, number=number) for number in range(1, batches + 1)), batch_size=500
    )
    members, parameters = audience.order_by().values("subscriber_id").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            queries.WRITE_RECIPIENTS.format(members=members),
            [mailing.issue_id, Recipient.State.WAITING, size, batches, *parameters, mailing.pk],
        )
        return int(cursor.rowcount)


def candidates_of(batch: Batch, issue: Issue) -> Iterator[Candidate]:
    """The waiting recipients of a batch, as they stand to the list now."""
    with connection.cursor() as cursor:
        cursor.execute(
            queries.READ_CANDIDATES, [issue.publication.mailing_list_id, batch.pk, Recipient.State.WAITING]
        )
        return map(Candidate._make, cursor.fetchall())


def reason_to_skip(candidate: Candidate, day: date) -> str:
    """Why this person must not be mailed on that day; empty when they may."""
    if candidate.subscriber is None:
        return "erased"
    if candidate.state is None:
        return "left the list"
    if candidate.state != Subscription.State.ACTIVE:
        return "not confirmed" if candidate.state == Subscription.State.PENDING else "unsubscribed"
    if candidate.paused_until is not None and candidate.paused_until > day:
        return "paused"
    return ""
