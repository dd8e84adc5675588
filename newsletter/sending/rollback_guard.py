"""Notices that this database is older than the emails already sent, as after a machine was reset to a snapshot.

Before the first post of a mailing, a process asks the provider in one query for posts that were not made yet: the next
attempts of the open batches and of the next new batches and, while nobody is known to have received the mailing, any
post of its issue. If the provider knows such a post, this database has forgotten it, so it is quarantined. When an
administrator adopts it, we ask the provider who received what, so that nobody is mailed twice. See
docs/decisions/0022-rollback.md.
"""

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from threading import Lock

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from newsletter.accounts.actor import Role, current_actor, require_role
from newsletter.errors import Invalid, Unreachable
from newsletter.instance import guard
from newsletter.instance.models import Instance
from newsletter.sending.build_message import on_the_wire
from newsletter.sending.ledger import (
    close_batch,
    close_mailing_if_done,
    defer_mailing,
    record_decision,
    set_recipients_state,
)
from newsletter.sending.mailing_controls import pause_mailing
from newsletter.sending.models import Batch, Decision, Mailing, Recipient, Variant
from newsletter.sending.open_batches import lock_mailing
from newsletter.sending.transport import BatchReference, Transport
from newsletter.sending.transports import transport_named
from subscribers.database import portions
from subscribers.phrases import counted

log = logging.getLogger(__name__)

State = Recipient.State
OPEN = (Batch.State.WAITING, Batch.State.POSTING, Batch.State.UNKNOWN)
# A post that was not accepted leaves no trace, so the accepted one may not be the next: a batch is posted at most 12
# times, and while we look for the cause of a rejection, many batches in a row are rejected.
ATTEMPTS_ASKED = 12
NEW_BATCHES_ASKED = 30
BATCHES_ASKED = 70
MAX_ROWS = 1_000
CHECKS = 3
ASK_AGAIN = timedelta(seconds=15)
# More than the attempts of any batch, to distinguish later posts from forgotten ones.
ATTEMPT_LEAP = 1_000
NO_ANSWER = (
    "SendGrid's Email Logs did not respond, so we could not check whether this database was restored to "
    "an earlier state. We will ask again."
)
CANNOT_ASK = (
    "This API key cannot read SendGrid's Email Logs, so we cannot check whether this database was "
    "restored to an earlier state. Run `newsletter doctor` to see which permissions the key lacks."
)
FORGOTTEN = "The provider accepted a request for this batch that is not recorded in this database."

_asking = Lock()
_cleared, _warned = set[tuple[object, ...]](), set[str]()


def may_post(batch_id: int, transport: Transport) -> bool:
    """Return whether this installation may post the mailing of a batch, as far as the provider knows.

    Each process asks the provider once for each mailing. Call outside any transaction. If the provider does not answer,
    the mailing is deferred for a short time. Also returns False if the batch does not exist.
    """
    # The key distinguishes the mailing from another one that had the same number.
    found = Batch.objects.filter(pk=batch_id).values_list("mailing", "mailing__key").first()
    if found is None:
        return False
    known = (*found, guard.status_version())
    if known in _cleared:
        return True
    with _asking:
        if known in _cleared:
            return True
        mailing = Mailing.objects.select_related("issue__publication").get(pk=found[0])
        try:
            is_newest = _is_newest(mailing, transport)
        except Unreachable:
            defer_mailing(mailing.pk, timezone.now() + ASK_AGAIN, NO_ANSWER)
            return False
        if is_newest:
            _cleared.add(known)
        return is_newest


def clear_cached_answers() -> None:
    """Forget the answers, so that we ask again for every mailing."""
    _cleared.clear()
    _warned.clear()


def _is_newest(mailing: Mailing, transport: Transport) -> bool:
    for _ in range(CHECKS):
        unmade, issue = _not_made(mailing), _unposted(mailing)
        found = transport.accepted_addresses(unmade, issue=issue, at_most=1)
        if found is None:
            _warn(CANNOT_ASK)
            return True
        if not found:
            return True
        if (_names(_not_made(mailing)), _unposted(mailing)) == (_names(unmade), issue):
            guard.quarantine(_why(mailing))
            return False
    # Each time, another process posted part of the mailing meanwhile, after it had asked the same question.
    return True


def _why(mailing: Mailing) -> str:
    issue = mailing.issue
    return (
        f"SendGrid already accepted emails of {issue} that are not recorded in this database. "
        "Either this database was restored to an earlier state, or another publication called "
        f"“{issue.publication.slug}” sent its issue {issue.number} through the same account in the last 30 days."
    )


def _not_made(mailing: Mailing) -> list[BatchReference]:
    """Return the posts that would be made next, by batch and attempt."""
    batches = Batch.objects.filter(mailing=mailing, state__in=OPEN).order_by("number")
    rows = list(batches.values_list("number", "attempts"))
    last = Batch.objects.filter(mailing=mailing).aggregate(last=Max("number"))["last"] or 0
    rows = [*rows[:BATCHES_ASKED], *_new_batches(mailing, after=last)]
    return [trace for number, attempts in rows for trace in _next_attempts(mailing, number, attempts)]


def _new_batches(mailing: Mailing, *, after: int) -> list[tuple[int, int]]:
    """Return the next batches that do not exist yet, as (number, attempts)."""
    return [(after + further, mailing.attempts_offset) for further in range(1, NEW_BATCHES_ASKED + 1)]


def _next_attempts(mailing: Mailing, number: int, attempts: int) -> list[BatchReference]:
    return [_trace(mailing, number, attempts + further) for further in range(1, ATTEMPTS_ASKED + 1)]


def _unposted(mailing: Mailing) -> BatchReference | None:
    """Return a reference to the issue while, according to this database, nobody can have received it.

    A mailing that is planned again has a different key, so we ask about the issue. None for a mailing with another
    purpose, because others may have received the issue.
    """
    got_it = Q(state__in=(State.ACCEPTED, State.UNKNOWN)) | Q(batch__state=Batch.State.POSTING)
    if not mailing.sends_the_issue or mailing.attempts_offset:
        return None
    if Recipient.objects.filter(got_it, batch__mailing=mailing).exists():
        return None
    return _trace(mailing, 0, 0)


def _trace(mailing: Mailing, number: int, attempt: int) -> BatchReference:
    issue = mailing.issue
    return BatchReference(
        mailing=mailing.key,
        batch=-1,
        number=number,
        attempt=attempt,
        publication=issue.publication.slug,
        issue=issue.number,
        posted_at=mailing.planned_at,
    )


def _names(traces: Iterable[BatchReference]) -> list[tuple[int, int]]:
    return [(trace.number, trace.attempt) for trace in traces]


def _warn(sentence: str) -> None:
    if sentence not in _warned:
        _warned.add(sentence)
        log.warning("%s", sentence)


@dataclass(slots=True)
class ForgottenMailing:
    """The people who received a mailing, according to the provider. `incomplete` means that there are more."""

    mailing: Mailing
    addresses: set[str] = field(default_factory=set)
    batches: dict[int, int] = field(default_factory=dict)
    incomplete: bool = False


def adopt_after_rollback() -> tuple[Instance, int]:
    """Adopt this database after recording who already received what; return the installation and how many people.

    Raises Refused unless the actor is an administrator. Raises Unreachable, with nothing changed, if the provider has
    shown that the database is older and we cannot compare the two now.
    """
    require_role(Role.ADMINISTRATOR, "Allowing this database to send")
    standing = guard.instance_status()
    if not standing.problem:
        return guard.adopt(), 0
    found = list(_forgotten(is_proven=bool(standing.row and standing.row.quarantine)))
    with transaction.atomic():
        settled = sum(_settle(each) for each in found)
        row = guard.adopt()
    for each in found:
        close_mailing_if_done(each.mailing.pk)
    clear_cached_answers()
    return row, settled


def _forgotten(*, is_proven: bool) -> Iterable[ForgottenMailing]:
    """Yield what the provider knows about each open mailing, before anything is locked."""
    open_mailings = Mailing.objects.filter(finished_at=None).select_related("issue__publication")
    for mailing in open_mailings:
        try:
            yield _asked_who(mailing, transport_named(mailing.transport))
        except Unreachable:
            if is_proven:
                raise
            yield ForgottenMailing(mailing)


def _asked_who(mailing: Mailing, transport: Transport) -> ForgottenMailing:
    found, issue = ForgottenMailing(mailing), _unposted(mailing)
    if not transport.accepted_addresses(_not_made(mailing), issue=issue, at_most=1):
        return found
    if issue is not None:
        people = transport.accepted_addresses([], issue=issue, at_most=MAX_ROWS) or []
        found.addresses.update(people)
        found.incomplete = len(people) >= MAX_ROWS
    rows = list(Batch.objects.filter(mailing=mailing).order_by("number").values_list("number", "attempts"))
    for some in portions(rows, BATCHES_ASKED):
        _ask_of_batches(found, transport, some)
    last = rows[-1][0] if rows else 0
    while _ask_of_batches(found, transport, _new_batches(mailing, after=last)):
        last += NEW_BATCHES_ASKED
    return found


def _ask_of_batches(found: ForgottenMailing, transport: Transport, rows: Sequence[tuple[int, int]]) -> bool:
    """Add the people who received a forgotten post of batches (number, attempts); return whether there was one."""
    traces = {number: _next_attempts(found.mailing, number, attempts) for number, attempts in rows}
    if not transport.accepted_addresses(list(chain(*traces.values())), issue=None, at_most=1):
        return False
    for number, attempts in traces.items():
        people = transport.accepted_addresses(attempts, issue=None, at_most=MAX_ROWS)
        if people:
            found.addresses.update(people)
            found.batches[number] = _attempt_found(found, transport, attempts, people)
    return True


def _attempt_found(
    found: ForgottenMailing, transport: Transport, attempts: Sequence[BatchReference], people: Collection[str]
) -> int:
    """Return the last accepted attempt; only asks for it if we know nobody with the returned addresses."""
    if not _recipients_at(found.mailing, set(people)):
        for trace in reversed(attempts):
            if transport.accepted_addresses([trace], issue=None, at_most=1):
                return trace.attempt
    return attempts[-1].attempt


def _settle(found: ForgottenMailing) -> int:
    """Record who received it, and make later posts distinguishable from forgotten ones."""
    mailing = lock_mailing(found.mailing.pk)
    Mailing.objects.filter(pk=mailing.pk).update(attempts_offset=F("attempts_offset") + ATTEMPT_LEAP)
    got_it = _recipients_at(mailing, found.addresses)
    settled = set_recipients_state(
        got_it, of=[State.WAITING, State.UNKNOWN, State.REJECTED], state=State.ACCEPTED
    )
    for batch in Batch.objects.select_for_update().filter(mailing=mailing, state__in=OPEN):
        unnamed = batch.number in found.batches and not batch.recipients.filter(pk__in=got_it).exists()
        if unnamed:
            # Somebody in the batch received it, but the provider does not say who: evidence about that attempt settles
            # it.
            batch.attempts, batch.posted_at = found.batches[batch.number], timezone.now()
            batch.recipients.filter(state=State.WAITING).update(state=State.UNKNOWN, reason=FORGOTTEN)
        elif batch.state == Batch.State.WAITING:
            batch.attempts += ATTEMPT_LEAP
        batch.save(update_fields=["attempts", "posted_at"])
        if batch.state != Batch.State.POSTING:
            close_batch(batch)
    if settled:
        Mailing.objects.filter(pk=mailing.pk).update(late_after=None)
        got_some = Variant.objects.filter(mailing=mailing, batches__recipients__state=State.ACCEPTED)
        Variant.objects.filter(pk__in=got_some.values("pk")).update(content_accepted=True)
        sentence = f"SendGrid's Email Logs show that {counted(settled, 'person', 'people')} already received the email."
        record_decision(mailing, Decision.Act.SETTLE, decided_by=current_actor().name, sentence=sentence)
    if found.incomplete:
        pause_mailing(
            mailing.pk,
            f"SendGrid names only {MAX_ROWS:,} of the people who already received this issue, but there "
            "are more. If a second copy is worse than a missing one, stop the mailing. Otherwise, resume it.",
        )
    return settled


def _recipients_at(mailing: Mailing, addresses: set[str]) -> list[int]:
    if not addresses:
        return []
    wanted = {address.strip().lower() for address in addresses}
    rows = Recipient.objects.filter(batch__mailing=mailing, subscriber__isnull=False).values_list(
        "pk", "subscriber__address", "subscriber__address_key"
    )
    return [pk for pk, address, key in rows.iterator(chunk_size=2_000) if wanted & _spellings(address, key)]


def _spellings(address: str, key: str) -> set[str]:
    try:
        return {address.lower(), key, on_the_wire(address).lower()}
    except Invalid:
        return {address.lower(), key}
