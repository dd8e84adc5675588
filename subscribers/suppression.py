"""Addresses that must not be mailed, kept as HMAC-SHA256 of the folded address so that it survives erasure.

Suppressing ends every subscription of the address; only `lift`, or the person's own confirmation after they
left or were erased, ends a suppression.
"""

import hmac
from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from subscribers import conf
from subscribers.addresses import fold
from subscribers.consent_log import Source, record, record_about
from subscribers.errors import Invalid, NotFound
from subscribers.models import ConsentEntry, Subscriber, Subscription, Suppression

Reason = Suppression.Reason
# What the owner of the mailbox may undo by confirming again; the others need `lift`.
OWN_CHOICE = frozenset({Reason.LEFT_ALL, Reason.ERASED})


def digest_of(address_key: str) -> str:
    """The digest that a folded address is suppressed by: 64 hexadecimal characters."""
    return digests_of([address_key])[0]


def digests_of(address_keys: Iterable[str]) -> list[str]:
    """The digests of many folded addresses, in their order."""
    key, digest = _key(), hmac.digest
    return [digest(key, address_key.encode(), "sha256").hex() for address_key in address_keys]


def in_force(address_keys: Iterable[str]) -> set[str]:
    """Those of some thousand folded addresses that are suppressed now."""
    keys = list(address_keys)
    by_digest = dict(zip(digests_of(keys), keys, strict=True))
    found = Suppression.objects.filter(digest__in=by_digest, lifted_at=None).values_list("digest", flat=True)
    return {by_digest[digest] for digest in found}


def reasons(address_key: str) -> set[Reason]:
    """Why a folded address is suppressed now; empty: it is not."""
    found = rows_of(address_key).filter(lifted_at=None)
    return {Reason(reason) for reason in found.values_list("reason", flat=True)}


def rows_of(address_key: str) -> QuerySet[Suppression]:
    """The suppressions of a folded address, those that were lifted as well."""
    return Suppression.objects.filter(digest=digest_of(address_key))


@transaction.atomic
def suppress(address: str, reason: Reason, source: Source, *, note: str = "") -> bool:
    """Mail this address no more and end its subscriptions; whether it was not suppressed for this reason yet.

    Raises Invalid for what is no address.
    """
    key = fold(address)
    _suppression, is_new = Suppression.objects.get_or_create(
        digest=digest_of(key), reason=reason, lifted_at=None, defaults={"suppressed_by": source.name}
    )
    subscriber = Subscriber.objects.filter(address_key=key).first()
    if subscriber is None:
        return is_new
    ended = _end_subscriptions(subscriber, source, note or reason)
    if is_new and not ended:
        record(ConsentEntry.Act.SUPPRESSED, subscriber, source, note=note or reason)
    return is_new


@transaction.atomic
def lift(address: str, source: Source, *, why: str) -> None:
    """Allow an address to be mailed again. Nobody becomes active by it: they sign up or are added.

    Raises Invalid without a reason, NotFound when there is nothing to lift.
    """
    if not why.strip():
        raise Invalid("Say why the suppression is lifted: it is logged.")
    key = fold(address)
    lifted = end_suppressions(key, set(Reason), by=source.name, why=why)
    subscriber = Subscriber.objects.filter(address_key=key).first()
    left = subscriber and subscriber.subscriptions.filter(state=Subscription.State.UNSUBSCRIBED).exists()
    if not lifted and not left:
        raise NotFound("This address is not suppressed and left no list: there is nothing to lift.")
    if subscriber:
        record(ConsentEntry.Act.LIFTED, subscriber, source, note=why)


def end_suppressions(address_key: str, kinds: Iterable[Reason], *, by: str, why: str) -> int:
    """End those suppressions of a folded address; how many there were."""
    return (
        rows_of(address_key)
        .filter(reason__in=list(kinds), lifted_at=None)
        .update(lifted_at=timezone.now(), lifted_by=by[:200], lifted_why=why[:500])
    )


def _end_subscriptions(subscriber: Subscriber, source: Source, note: str) -> int:
    going = subscriber.subscriptions.exclude(state=Subscription.State.UNSUBSCRIBED).select_related("list")
    for subscription in going:
        record_about(ConsentEntry.Act.SUPPRESSED, subscription, source, note=note)
        subscription.state = Subscription.State.UNSUBSCRIBED
        subscription.left_at, subscription.asked_at = timezone.now(), None
        subscription.save(update_fields=("state", "left_at", "asked_at"))
    return len(going)


def _key() -> bytes:
    return hmac.digest(conf.suppression_key().encode(), b"subscribers.suppression", "sha256")
