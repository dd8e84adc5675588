"""A person's decisions about a mailing: pause, resume, stop. All of them are logged. See retry_mailing.py, too."""

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from newsletter.accounts.actor import ALL, SYSTEM, Role, current_actor, require_role, why_not_role
from newsletter.accounts.audit_log import Changes
from newsletter.errors import NotFound, Refused, refuse_if
from newsletter.instance.guard import require_may_send
from newsletter.issues.visible_to_actor import visible
from newsletter.scheduling.release import grace
from newsletter.scheduling.send_in_readers_time_zone import window_name
from newsletter.sending.defer_mailing import deferred_until
from newsletter.sending.enqueue_batches import enqueue_due_batches
from newsletter.sending.ledger import (
    close_batch,
    close_mailing_if_done,
    record_decision,
)
from newsletter.sending.models import Batch, Decision, Mailing, Recipient
from newsletter.sending.recipient_counts import count_not_sent_after_stop, count_on_the_way
from newsletter.sending.sendgrid_plan_credits import require_credits_for_rest
from subscribers.clean_text import on_one_line
from subscribers.database import locked
from subscribers.phrases import counted

State = Recipient.State
# Pausing does no harm, so that the person who sees what is wrong can do it.
MAY_PAUSE = (Role.EDITOR, Role.SENDER)
NOTHING_WAS_SENT = (
    "No emails were sent within the grace period after the send time (NEWSLETTER_GRACE_MINUTES). Resume the mailing or "
    "stop it."
)
SOME_WERE_NOT_SENT = (
    "Some emails were not sent within the grace period after the send time (NEWSLETTER_GRACE_MINUTES). "
    "Resume the mailing or stop it."
)


def mailing_by_number(number: int) -> Mailing:
    """Return the mailing with a number. Raises NotFound."""
    every = Mailing.objects.select_related("issue__publication")
    mailing = visible(every, "issue__publication").filter(pk=number).first()
    if mailing is None:
        raise NotFound(
            f"Mailing {number} does not exist. Run `newsletter mailings list` to see all mailings."
        )
    return mailing


def pause_mailing(mailing_id: int, reason: str, *, paused_by: str = SYSTEM.name) -> bool:
    """Pause a mailing that is being sent; return whether it was.

    Messages and requests that were started are finished, and no more are started, also not for the rest of a batch.
    """
    _require_may_pause(mailing_id)
    reason = on_one_line(reason)
    with transaction.atomic():
        paused = Mailing.objects.filter(pk=mailing_id, state=Mailing.State.SENDING).update(
            state=Mailing.State.PAUSED, pause_reason=reason
        )
        if paused:
            record_decision(
                Mailing.objects.get(pk=mailing_id),
                Decision.Act.PAUSE,
                decided_by=paused_by,
                sentence=reason,
                changes=state_change(Mailing.State.SENDING, Mailing.State.PAUSED),
            )
    return bool(paused)


def why_not_pause(mailing: Mailing) -> str:
    """Say why the actor may not pause a mailing; empty if they may."""
    if missing := why_not_role(MAY_PAUSE, "Pausing a mailing", publication=publication_of(mailing)):
        return missing
    if mailing.state == Mailing.State.SENDING:
        return ""
    return f"Only a mailing that is being sent can be paused. {_state_sentence(mailing)}"


def pause_next_late_mailing() -> bool:
    """Pause one mailing that was not started, or whose send window was not, before the grace period ended.

    Returns whether there was one.
    """
    now = timezone.now()
    send_windows = Batch.objects.filter(mailing=OuterRef("pk"), state=Batch.State.WAITING, send_window__gt="")
    posting = Batch.objects.filter(mailing=OuterRef("pk"), state=Batch.State.POSTING)
    late = Q(late_after__lt=now) | Exists(send_windows.filter(send_window__lt=window_name(now - grace())))
    sending = Mailing.objects.filter(late, ~Exists(posting), state=Mailing.State.SENDING)
    mailing = sending.order_by("pk").first()
    if mailing is None:
        return False
    unbegun = mailing.late_after is not None and mailing.late_after < now
    return pause_mailing(mailing.pk, NOTHING_WAS_SENT if unbegun else SOME_WERE_NOT_SENT)


def send_rest(mailing: Mailing) -> None:
    """Continue a planned mailing, however late it is, because a person says so. Raises Refused if it is paused."""
    require_role(Role.SENDER, "Sending an issue", publication=publication_of(mailing))
    if mailing.state == Mailing.State.PAUSED:
        raise Refused(f"{mailing} is paused: {mailing.pause_reason} Resume or stop the mailing first.")
    _clear_late_windows(mailing.pk)
    Mailing.objects.filter(pk=mailing.pk).update(late_after=None)


def resume_mailing(mailing_id: int, *, resumed_by: str) -> None:
    """Resume a paused mailing, or let one try again at once that waits after a failure.

    Raises Refused if it is neither, if this installation may not send, or if the SendGrid plan has too few emails
    left for those who are waiting.
    """
    require_may_send()
    paused = mailing_by_number(mailing_id)
    refuse_if(why_not_resume(paused))
    require_credits(paused, Recipient.objects.filter(batch__mailing=paused, state=State.WAITING))
    with transaction.atomic():
        mailing = lock_with_issue(mailing_id)
        refuse_if(why_not_resume(mailing))
        was = mailing.state
        mailing.state, mailing.pause_reason, mailing.not_before = Mailing.State.SENDING, "", None
        mailing.late_after = None
        _clear_late_windows(mailing_id)
        if was == Mailing.State.PAUSED:
            # Failures from before a person fixed the cause no longer count.
            mailing.failures = 0
        mailing.save(update_fields=["state", "pause_reason", "not_before", "late_after", "failures"])
        enqueue_due_batches()
        record_decision(
            mailing,
            Decision.Act.RESUME,
            decided_by=resumed_by,
            sentence="Resumed." if was == Mailing.State.PAUSED else "Tried again without waiting any longer.",
            changes=state_change(was, Mailing.State.SENDING) if was != Mailing.State.SENDING else None,
        )


def waits_after_failure(mailing: Mailing) -> bool:
    """Return whether a mailing waits because the last request failed, and not for a limit or for the canary batch."""
    is_going = mailing.state == Mailing.State.SENDING
    return is_going and mailing.failures > 0 and deferred_until(mailing) is not None


def why_not_resume(mailing: Mailing) -> str:
    """Say why the actor may not resume a mailing, or let it try again at once; empty if they may."""
    if missing := why_not_role(Role.SENDER, "Resuming a mailing", publication=publication_of(mailing)):
        return missing
    if mailing.state == Mailing.State.PAUSED or waits_after_failure(mailing):
        return ""
    return f"Only a paused mailing can be resumed. {_state_sentence(mailing)}"


def stop_mailing(mailing_id: int, *, stopped_by: str) -> int:
    """Stop a mailing; return how many recipients will not be sent it.

    Messages and requests that were started are finished, and no more are started, also not for the rest of a batch.
    Raises Refused with the sentence of `why_not_stop`.
    """
    with transaction.atomic():
        mailing = lock_with_issue(mailing_id)
        refuse_if(why_not_stop(mailing))
        before = mailing.state
        mailing.state, mailing.pause_reason = Mailing.State.STOPPED, ""
        mailing.save(update_fields=["state", "pause_reason"])
        waiting = mailing.batches.filter(state=Batch.State.WAITING).select_for_update()
        stopped = Recipient.objects.filter(batch__in=waiting, state=State.WAITING).count()
        for batch in waiting:
            close_batch(batch)
        in_hand = Recipient.objects.filter(
            batch__mailing=mailing, batch__state=Batch.State.POSTING, state=State.WAITING
        ).count()
        record_decision(
            mailing,
            Decision.Act.STOP,
            decided_by=stopped_by,
            sentence=_stop_sentence(stopped, in_hand),
            changes=state_change(before, Mailing.State.STOPPED),
        )
    close_mailing_if_done(mailing_id)
    return count_not_sent_after_stop(mailing) if in_hand else stopped


def stopped_sentence(mailing_id: int, stopped: int) -> str:
    """Say what `stop_mailing` did, and to how many people the email is still being sent."""
    people = counted(stopped, "person", "people")
    said = f"The mailing was stopped. {people} will not get the email."
    on_the_way = count_on_the_way(mailing_by_number(mailing_id))
    if not on_the_way:
        return said
    still = counted(on_the_way, "person", "people")
    return f"{said} It is too late to stop sending it to {still}."


def why_not_stop(mailing: Mailing) -> str:
    """Say why the actor may not stop a mailing; empty if they may."""
    if missing := why_not_role(Role.SENDER, "Stopping a mailing", publication=publication_of(mailing)):
        return missing
    if mailing.finished_at is None and mailing.state != Mailing.State.STOPPED:
        return ""
    return f"{mailing} {mailing.state_predicate}, so there is nothing to stop."


def require_credits(mailing: Mailing, wanted: QuerySet[Recipient]) -> None:
    """Raise Refused if the SendGrid plan has too few emails left for these recipients of a mailing."""
    if mailing.transport == "sendgrid":
        require_credits_for_rest(mailing, wanted.count())


def _require_may_pause(mailing_id: int) -> None:
    publications = Mailing.objects.filter(pk=mailing_id).values_list("issue__publication", flat=True)
    where = ALL if current_actor() == SYSTEM else publications.first() or ALL
    require_role(MAY_PAUSE, "Pausing a mailing", publication=where)


def publication_of(mailing: Mailing) -> int:
    """Return the number of the publication whose roles count."""
    return int(mailing.issue.publication_id)


def _state_sentence(mailing: Mailing) -> str:
    return f"{mailing} {mailing.state_predicate}."


def _stop_sentence(stopped: int, in_hand: int) -> str:
    """Say who will not be sent the email. Some of those `in_hand` may be sent it, in the moment of the stop."""
    if in_hand:
        return (
            f"Stopped the mailing while {counted(stopped + in_hand, 'recipient was', 'recipients were')} waiting for "
            "the email."
        )
    return (
        f"Stopped the mailing. The email will not be sent to {counted(stopped, 'recipient', 'recipients')}."
    )


def state_change(before: str, after: str) -> Changes:
    """Return a change of a mailing's state for the audit log."""
    return {"state": [str(before), str(after)]}


def _clear_late_windows(mailing_id: int) -> None:
    """Send late send windows all the same, because a person says so."""
    late = Batch.objects.filter(
        mailing=mailing_id, send_window__gt="", send_window__lt=window_name(timezone.now() - grace())
    )
    late.update(send_window="")


def lock_with_issue(mailing_id: int) -> Mailing:
    """Lock a mailing, and return it with its issue."""
    return locked(Mailing.objects.select_related("issue__publication"), mailing_id)
