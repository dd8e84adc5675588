"""Finds the recipients because of whom a whole request was rejected, so that one bad address costs one person.

If the provider names people, only they are rejected. If it names nobody, the batch is halved until the person at fault
is alone in a batch. Meanwhile only the suspected batch of the mailing is sent. If every half is rejected too, no single
person is the cause: nobody is rejected, and the mailing is paused. Everything is stored in the ledger, so that any
process can continue where another one ended. See docs/decisions/0013-bad-addresses.md.
"""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from newsletter.sending.enqueue_batches import enqueue_due_batches
from newsletter.sending.ledger import close_batch, set_recipients_state
from newsletter.sending.mailing_controls import pause_mailing
from newsletter.sending.models import Batch, Mailing, Recipient
from newsletter.sending.open_batches import lock_mailing, open_batch
from newsletter.sending.outcomes import RejectedWhole
from subscribers.database import locked

State = Recipient.State
LEVELS_BEFORE_A_PAUSE = 3
NAMED_IN_A_ROW = 7
ONE_IN = 10
NAMED_IN_A_REASON = 5


def divide_rejected_batch(batch_id: int, recipients: Sequence[int], answer: RejectedWhole) -> int:
    """Handle the rejection of a whole batch that is posting; return how many people were rejected.

    Call inside a transaction. Afterwards the batch is closed, and the mailing knows which batch is sent next.
    """
    mailing_id = Batch.objects.values_list("mailing_id", flat=True).get(pk=batch_id)
    mailing = lock_mailing(mailing_id)
    batch = _locked(batch_id)
    batch.rejected_in, batch.reason = batch.rejected_in or batch.number, answer.reason
    batch.save(update_fields=["rejected_in", "reason"])
    named = {each: answer.named[each] for each in recipients if each in answer.named}
    rejected = 0
    if named:
        rejected = _reject(mailing, batch, named, answer.reason)
    elif len(recipients) == 1 and batch.variant.content_accepted:
        rejected = _reject(mailing, batch, {recipients[0]: answer.reason}, answer.reason)
    elif not _has_other_readers(batch):
        # Nobody else can show whether the cause is this person or the email, so a retry may help.
        rejected = set_recipients_state(
            recipients, of=[State.WAITING], state=State.REJECTED, reason=answer.reason
        )
    else:
        _suspect(mailing, batch, answer.reason)
    if rejected:
        _move_the_others(batch)
    batch.refresh_from_db()
    close_batch(batch)
    choose_next_batch(mailing_id)
    return rejected


@transaction.atomic
def choose_next_batch(mailing_id: int) -> None:
    """Choose the batch of a mailing to send next while we look for the cause of a rejection, or release all of them.

    Does nothing while the suspected batch is being posted: its outcome leads back here.
    """
    mailing = lock_mailing(mailing_id)
    batches = Batch.objects.filter(mailing=mailing_id)
    if batches.filter(state=Batch.State.POSTING, number=mailing.suspect or 0).exists():
        return
    if mailing.state == Mailing.State.STOPPED:
        clear_suspicion(mailing_id)
        return
    waiting = batches.filter(state=Batch.State.WAITING, rejected_in__isnull=False)
    suspects = _with_variant(waiting).annotate(
        waiting=Count("recipients", filter=Q(recipients__state=State.WAITING))
    )
    found: Sequence[Batch] = sorted(
        suspects, key=lambda batch: (-batch.halvings, -_waiting(batch), batch.number)
    )
    found = _without_those_alone(mailing, found)
    if mailing.state == Mailing.State.PAUSED and not found:
        clear_suspicion(mailing_id)
        return
    following = _next(mailing, found)
    if following != mailing.suspect:
        Mailing.objects.filter(pk=mailing_id).update(suspect=following)
    enqueue_due_batches()


def clear_suspicion(mailing_id: int) -> None:
    """Stop suspecting anybody: the waiting batches are sent as they are."""
    Mailing.objects.filter(pk=mailing_id).update(suspect=None)
    Batch.objects.filter(mailing=mailing_id, state=Batch.State.WAITING).update(
        rejected_in=None, rejected=False, halvings=0, other_half=None, both_rejected=0
    )


def _reject(mailing: Mailing, batch: Batch, reasons: Mapping[int, str], words: str) -> int:
    """Reject people because of their own details, or pause if that is too many of those rejected together."""
    together = Recipient.objects.filter(batch__mailing=mailing, batch__rejected_in=batch.rejected_in)
    bad = together.filter(rejected_for=Recipient.RejectedFor.PERSON).count() + len(reasons)
    total = together.count()
    too_many = ""
    if bad > 1 and bad * ONE_IN > total:
        too_many = f"{bad:,} of {total:,} people were rejected, which is more than 1 in {ONE_IN}."
    elif _blames_anybody(mailing, batch, reasons):
        too_many = (
            f"In {NAMED_IN_A_ROW} attempts in a row, the provider rejected a different person each time."
        )
    if too_many:
        some = ", ".join(map(str, sorted(reasons)[:NAMED_IN_A_REASON]))
        _restore_rejected(mailing, batch)
        _not_about_people(
            mailing,
            f"{words} {too_many} We did not mark anyone as rejected, because the email itself may be the cause. Check "
            f"the email. If these people are the cause, correct their details or remove them (recipients {some}"
            f"{', …' if len(reasons) > NAMED_IN_A_REASON else ''}). Then resume the mailing.",
        )
        return 0
    return sum(
        set_recipients_state(
            [recipient], of=[State.WAITING], state=State.REJECTED, reason=reason, personal=True
        )
        for recipient, reason in reasons.items()
    )


def _blames_anybody(mailing: Mailing, batch: Batch, named: Mapping[int, str]) -> bool:
    """Return whether the provider seems to name somebody whatever we send, so that those people are not the cause.

    It seems so if nothing of the mailing was accepted, or if the named person is always the first in the request.
    """
    together = Batch.objects.filter(mailing=mailing, rejected_in=batch.rejected_in)
    people = Recipient.objects.filter(batch__in=together)
    if together.filter(posted_at__isnull=False).count() < NAMED_IN_A_ROW:
        return False
    if people.filter(state=State.ACCEPTED).exists():
        return False
    following = people.filter(state=State.WAITING).exclude(pk__in=named)
    first = following.order_by("pk").values_list("pk", flat=True).first()
    return not batch.variant.content_accepted or first is None or max(named) < first


def _restore_rejected(mailing: Mailing, batch: Batch) -> None:
    """Set those who were rejected from the same batch back to waiting: they were not the cause."""
    together = Batch.objects.filter(mailing=mailing, rejected_in=batch.rejected_in)
    rejected = Recipient.objects.filter(
        batch__in=together, state=State.REJECTED, rejected_for=Recipient.RejectedFor.PERSON
    )
    theirs = list(together.filter(recipients__in=rejected).exclude(pk=batch.pk).distinct())
    rejected.update(state=State.WAITING, reason="", rejected_for="")
    for each in theirs:
        close_batch(each)


def _move_the_others(batch: Batch) -> None:
    """Move those who were only rejected along with others into a separate batch, so that evidence about it is clear."""
    waiting = Recipient.objects.filter(batch=batch, state=State.WAITING).order_by("pk")
    others = list(waiting.values_list("pk", flat=True))
    if others:
        apart = open_batch(
            batch.mailing_id, others, variant=batch.variant_id, attempts=batch.attempts, first=batch.first
        )
        _copy_batch_fields(apart, batch)


def _suspect(mailing: Mailing, batch: Batch, words: str) -> None:
    """Let the batch wait until it is halved, unless it is clear by now that no single person is the cause."""
    batch.rejected = True
    other = Batch.objects.filter(mailing=mailing, number=batch.other_half or 0, rejected=True).first()
    if other is not None:
        batch.both_rejected = max(batch.both_rejected, other.both_rejected) + 1
        Batch.objects.filter(pk=other.pk).update(both_rejected=batch.both_rejected)
    batch.save(update_fields=["rejected", "both_rejected"])
    if batch.both_rejected >= LEVELS_BEFORE_A_PAUSE:
        _not_about_people(mailing, _refuses_all(words))


def _refuses_all(words: str) -> str:
    return (
        f"{words} We split the batch into smaller parts, but every part was rejected in the same way, so "
        "no single recipient is the cause. We did not mark anyone as rejected. Fix the cause, then "
        "resume the mailing."
    )


def _not_about_people(mailing: Mailing, reason: str) -> None:
    clear_suspicion(mailing.pk)
    Batch.objects.filter(mailing=mailing, state=Batch.State.POSTING).update(
        rejected_in=None, rejected=False, halvings=0, other_half=None, both_rejected=0
    )
    pause_mailing(mailing.pk, reason)


def _without_those_alone(mailing: Mailing, found: Sequence[Batch]) -> Sequence[Batch]:
    """Reject those who are alone in a batch, if others received the same email; return the other batches."""
    several = []
    for batch in found:
        if not batch.variant.content_accepted or not batch.rejected or _waiting(batch) > 1:
            several.append(batch)
            continue
        alone = Recipient.objects.filter(batch=batch, state=State.WAITING).values_list("pk", flat=True)
        _reject(mailing, batch, dict.fromkeys(alone, batch.reason), batch.reason)
        batch.refresh_from_db()
        close_batch(batch)
    return several


def _next(mailing: Mailing, suspects: Sequence[Batch]) -> int | None:
    """Return the number of the batch to send next, the most divided first: another half, or half of a rejected one."""
    for batch in suspects:
        if not batch.rejected:
            return batch.number
    for batch in suspects:
        if _waiting(batch) > 1:
            _halve(batch)
            return batch.number
    if not suspects:
        return None
    # Every suspect is alone and nothing was accepted yet: other recipients show whether the suspects are the cause.
    same_email = {batch.variant_id for batch in suspects}
    others = Batch.objects.filter(variant__in=same_email, state=Batch.State.WAITING, rejected_in=None)
    number = others.order_by("number").values_list("number", flat=True).first()
    if number is None:
        _not_about_people(mailing, _refuses_all(suspects[0].reason))
    return number


def _halve(batch: Batch) -> None:
    """Move the second half of the waiting recipients into another batch."""
    waiting = Recipient.objects.filter(batch=batch, state=State.WAITING).order_by("pk")
    recipients = list(waiting.values_list("pk", flat=True))
    second = open_batch(
        batch.mailing_id,
        recipients[len(recipients) // 2 :],
        variant=batch.variant_id,
        attempts=batch.attempts,
        first=batch.first,
    )
    batch.rejected, batch.halvings, batch.other_half = False, batch.halvings + 1, second.number
    batch.save(update_fields=["rejected", "halvings", "other_half"])
    _copy_batch_fields(second, batch, other_half=batch.number)


def _copy_batch_fields(apart: Batch, batch: Batch, *, other_half: int | None = None) -> None:
    Batch.objects.filter(pk=apart.pk).update(
        rejected_in=batch.rejected_in,
        halvings=batch.halvings,
        both_rejected=batch.both_rejected,
        other_half=other_half or batch.other_half,
    )


def _locked(batch_id: int) -> Batch:
    return locked(_with_variant(Batch.objects.all()), batch_id)


def _with_variant(batches: QuerySet[Batch]) -> QuerySet[Batch]:
    """Return the batches with their variants, but without the emails."""
    return batches.select_related("variant").defer("variant__email")


def _has_other_readers(batch: Batch) -> bool:
    """Return whether more than one person is to receive the email of a batch."""
    return Recipient.objects.filter(batch__variant=batch.variant_id)[1:2].exists()


def _waiting(batch: Batch) -> int:
    count: int = batch.waiting  # type: ignore[attr-defined]  # annotated in choose_next_batch
    return count
