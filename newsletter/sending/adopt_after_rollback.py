"""Adopts a database that is older than the emails already sent, after asking the provider who received them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from newsletter.accounts.actor import Role, current_actor, require_role
from newsletter.errors import Invalid, Unreachable
from newsletter.instance import guard
from newsletter.instance.models import Instance
from newsletter.sending.build_message import on_the_wire
from newsletter.sending.ledger import (
    close_batch,
    close_mailing_if_done,
    record_decision,
    set_recipients_state,
)
from newsletter.sending.mailing_controls import pause_mailing
from newsletter.sending.models import Batch, Decision, Mailing, Recipient, Variant
from newsletter.sending.open_batches import lock_mailing
from newsletter.sending.posts_not_yet_made import (
    BATCHES_ASKED,
    NEW_BATCHES_ASKED,
    OPEN,
    State,
    new_batches,
    next_attempts,
    not_made_posts,
    unposted_issue,
)
from newsletter.sending.rollback_guard import clear_cached_answers
from newsletter.sending.transport import BatchReference, Transport
from newsletter.sending.transports import transport_named
from subscribers.database import portions
from subscribers.phrases import counted

MAX_ROWS = 1_000
# More than the attempts of any batch, to distinguish later posts from forgotten ones.
ATTEMPT_LEAP = 1_000
FORGOTTEN = "The provider accepted a request for this batch, but this database has no record of the request."


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
    found, issue = ForgottenMailing(mailing), unposted_issue(mailing)
    if not transport.accepted_addresses(not_made_posts(mailing), issue=issue, at_most=1):
        return found
    if issue is not None:
        people = transport.accepted_addresses([], issue=issue, at_most=MAX_ROWS) or []
        found.addresses.update(people)
        found.incomplete = len(people) >= MAX_ROWS
    rows = list(Batch.objects.filter(mailing=mailing).order_by("number").values_list("number", "attempts"))
    for some in portions(rows, BATCHES_ASKED):
        _ask_of_batches(found, transport, some)
    last = rows[-1][0] if rows else 0
    while _ask_of_batches(found, transport, new_batches(mailing, after=last)):
        last += NEW_BATCHES_ASKED
    return found


def _ask_of_batches(found: ForgottenMailing, transport: Transport, rows: Sequence[tuple[int, int]]) -> bool:
    """Add the people who received a forgotten post of batches (number, attempts); return whether there was one."""
    traces = {number: next_attempts(found.mailing, number, attempts) for number, attempts in rows}
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
            f"SendGrid only lists {MAX_ROWS:,} of the people who have already received this issue, but there are "
            "more. To make sure that nobody gets a second copy, stop the mailing. To make sure that "
            "everybody gets the issue, resume the mailing.",
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
