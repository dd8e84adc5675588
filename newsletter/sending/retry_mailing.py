"""A person's decision to send a mailing again to those who certainly did not receive it."""

from django.db import transaction
from django.db.models import Q, QuerySet

from newsletter.accounts.actor import Role, why_not_role
from newsletter.errors import refuse_if
from newsletter.instance.guard import require_may_send
from newsletter.issues.models import Issue
from newsletter.sending.enqueue_batches import enqueue_due_batches
from newsletter.sending.ledger import (
    record_decision,
    set_recipients_state,
)
from newsletter.sending.mailing_controls import (
    lock_with_issue,
    mailing_by_number,
    publication_of,
    require_credits,
    state_change,
)
from newsletter.sending.models import Decision, Mailing, Recipient
from newsletter.sending.open_batches import STOPPED, open_batches
from newsletter.sending.transports import transport_named
from subscribers.phrases import counted

State = Recipient.State


def retryable_recipients(mailing: Mailing) -> QuerySet[Recipient]:
    """Return the recipients to whom `retry_mailing` would send again."""
    # The index of batches and states finds these few among a million.
    few = Recipient.objects.filter(batch__mailing=mailing, state__in=(State.REJECTED, State.SKIPPED))
    return few.filter(Q(state=State.REJECTED, rejected_for="") | Q(state=State.SKIPPED, reason=STOPPED))


def retry_mailing(mailing_id: int, *, retried_by: str) -> int:
    """Send again to exactly those who certainly did not receive it: the rejected, and those left out by a stop.

    People who were rejected because of their own address or data are not among them: they would be rejected again.
    Unknown recipients have to be settled first. Returns how many there are. Raises Refused if there are none, if
    this installation may not send, or if the SendGrid plan has too few emails left.
    """
    require_may_send()
    mailing = mailing_by_number(mailing_id)
    refuse_if(why_not_role(Role.SENDER, "Retrying a mailing", publication=publication_of(mailing)))
    require_credits(mailing, retryable_recipients(mailing))
    with transaction.atomic():
        mailing = lock_with_issue(mailing_id)
        found = list(retryable_recipients(mailing).order_by("pk").values_list("pk", "batch__variant"))
        recipients = [recipient for recipient, _variant in found]
        refuse_if(why_not_retry(mailing, len(recipients)))
        set_recipients_state(recipients, of=[State.REJECTED, State.SKIPPED], state=State.WAITING)
        before = mailing.state
        mailing.state, mailing.pause_reason, mailing.failures = Mailing.State.SENDING, "", 0
        mailing.finished_at = mailing.not_before = mailing.late_after = mailing.suspect = None
        fields = ["state", "pause_reason", "failures", "finished_at", "not_before", "late_after", "suspect"]
        mailing.save(update_fields=fields)
        open_batches(mailing.pk, found, transport_named(mailing.transport).batch_size)
        if mailing.sends_the_issue:
            Issue.objects.filter(pk=mailing.issue_id).update(state=Issue.State.SENDING)
        enqueue_due_batches()
        record_decision(
            mailing,
            Decision.Act.RETRY,
            decided_by=retried_by,
            sentence=f"Sending the email again to {counted(len(recipients), 'recipient', 'recipients')}.",
            changes=state_change(before, Mailing.State.SENDING) | {"waiting": [0, len(recipients)]},
        )
    return len(recipients)


def why_not_retry(mailing: Mailing, recipients: int) -> str:
    """Say why the actor may not send again to a number of recipients of a mailing; empty if they may."""
    if missing := why_not_role(Role.SENDER, "Retrying a mailing", publication=publication_of(mailing)):
        return missing
    if mailing.state == Mailing.State.PAUSED:
        return f"{mailing} is paused: {mailing.pause_reason} Resume or stop the mailing first."
    return "" if recipients else _why_nobody(mailing)


def _why_nobody(mailing: Mailing) -> str:
    theirs = Recipient.objects.filter(
        batch__mailing=mailing, state=State.REJECTED, rejected_for=Recipient.RejectedFor.PERSON
    ).count()
    if not theirs:
        return f"{mailing} cannot be retried because no recipients were rejected or left out."
    return (
        f"{mailing} cannot be retried. {counted(theirs, 'recipient was', 'recipients were')} rejected "
        "because of their own address or data, and would be rejected again. Correct their details. They "
        "will then receive the next issue."
    )
