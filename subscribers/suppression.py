"""Addresses that must not be mailed, kept as HMAC-SHA256 of the folded address so that they survive erasure.

Suppressing ends every subscription of the address. A suppression is ended only by `end_suppression`, or by the
person's own confirmation after they unsubscribed, were erased or changed their address. Each suppression names the
key of its digest (suppression_keys.py), and a look-up tries every key that is set. If a key that is needed is missing,
each look-up raises KeyMissing.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from subscribers import locks, raw_sql, signals, suppression_keys
from subscribers.consent_log import ConsentSource, record, record_about
from subscribers.email_addresses import fold
from subscribers.errors import Invalid, KeyMissing, NotFound
from subscribers.models import ConsentEntry, Subscriber, Subscription, Suppression
from subscribers.transactions import one_transaction

Reason = Suppression.Reason
# What the owner of the mailbox may undo by confirming again. The others need `end_suppression`.
OWN_CHOICE = frozenset({Reason.LEFT_ALL, Reason.ERASED, Reason.MOVED})
# gap
# Asked before each message by SMTP.
_IS_IN_FORCE = "SELECT 1 FROM subscribers_suppression WHERE lifted_at IS NULL AND digest IN ({marks})"


def digests_of(address_keys: Iterable[str]) -> list[str]:
    """Return the digests of many folded addresses under the current key, in order."""
    return suppression_keys.current_key().digests(address_keys)


def suppressed_among(address_keys: Iterable[str]) -> set[str]:
    """Return which of up to a few thousand folded addresses are suppressed now. Raises KeyMissing."""
    require_keys()
    return _in_force_by_known_keys(list(address_keys))


def _in_force_by_known_keys(some: list[str]) -> set[str]:
    suppressed = set[str]()
    for key in suppression_keys.known_keys():
        by_digest = dict(zip(key.digests(some), some, strict=True))
        # Asked for the thousand people of each batch: the ORM would take longer to write the query than the
        # database to answer it.
        found = raw_sql.rows(
            raw_sql.look_up(raw_sql.table(Suppression), "digest", "lifted_at IS NULL"),
            {"texts": raw_sql.lines(by_digest)},
        )
        suppressed.update(by_digest[digest] for (digest,) in found)
    return suppressed


def reasons(address_key: str) -> set[Reason]:
    """Return why a folded address is suppressed now. Empty if it is not. Raises KeyMissing."""
    require_keys()
    found = suppressions_of(address_key).filter(lifted_at=None)
    return {Reason(reason) for reason in found.values_list("reason", flat=True)}


def is_suppressed(address_key: str) -> bool:
    """Return whether a folded address is suppressed now under any key that is set."""
    digests = [key.digest(address_key) for key in suppression_keys.known_keys()]
    query = _IS_IN_FORCE.format(marks=", ".join(["%s"] * len(digests)))
    return raw_sql.directly(query, digests).fetchone() is not None


def suppressions_of(address_key: str) -> QuerySet[Suppression]:
    """Return the suppressions of a folded address under every key that is set, including ended ones."""
    return Suppression.objects.filter(
        digest__in=[key.digest(address_key) for key in suppression_keys.known_keys()]
    )


def missing_keys() -> set[str]:
    """Return the IDs of keys that active suppressions were made with but that are not set here."""
    missing, rows = set[str](), _under_other_keys(_known_ids())
    while (found := rows.exclude(key_id__in=missing).values_list("key_id", flat=True).first()) is not None:
        missing.add(found)
    return missing


def _known_ids() -> tuple[str, ...]:
    return tuple(sorted(key.id for key in suppression_keys.known_keys()))


def _under_other_keys(there: Sequence[str]) -> QuerySet[Suppression]:
    """Return the active suppressions under other keys than those with these IDs, in order."""
    # By looking for gaps between the known IDs, an index answers at once, however many suppressions there are.
    gaps = Q(key_id__lt=there[0]) | Q(key_id__gt=there[-1])
    for lower, upper in pairwise(there):
        gaps |= Q(key_id__gt=lower, key_id__lt=upper)
    return Suppression.objects.filter(gaps, lifted_at=None).exclude(key_id__in=there)


# Asked for each batch: the ORM would take longer to write the query than the database to answer it.
@lru_cache(maxsize=16)
def _find_other_key(there: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    query = _under_other_keys(there).order_by().values_list("key_id")[:1]
    return query.query.sql_with_params()


def why_not_look_up() -> str:
    """Say why we cannot tell now who must not be mailed. Empty if we can."""
    missing = missing_keys()
    if not missing:
        return ""
    return (
        f"Some suppressions were stored with a key that is no longer set ({', '.join(sorted(missing))}), so "
        "we cannot tell who is suppressed. Set this key again, as the secret key or as one of its "
        "fallbacks."
    )


def require_keys() -> None:
    """Raise KeyMissing while suppressions need a key that is not set."""
    if raw_sql.directly(*_find_other_key(_known_ids())).fetchone() is not None and (
        why_not := why_not_look_up()
    ):
        raise KeyMissing(why_not)


def link_to_person(subscriber: Subscriber) -> None:
    """Let the suppressions in force of a person's address name the person, so that the filter finds them."""
    in_force = suppressions_of(subscriber.address_key).filter(lifted_at=None, subscriber=None)
    in_force.update(subscriber=subscriber)


@one_transaction
def suppress(address: str, reason: Reason, source: ConsentSource, *, note: str = "") -> bool:
    """Suppress an address and end its subscriptions. Return whether it was not yet suppressed for this reason.

    Only the current key is needed, so that a person who objects is always heard. Raises Invalid for an invalid
    address.
    """
    address_key = fold(address)
    locks.share_for([address_key])
    renew_digests([address_key])
    current = suppression_keys.current_key()
    _suppression, is_new = Suppression.objects.get_or_create(
        digest=current.digest(address_key),
        reason=reason,
        lifted_at=None,
        defaults={"suppressed_by": source.name, "key_id": current.id},
    )
    subscriber = Subscriber.objects.filter(address_key=address_key).first()
    if subscriber is None:
        return is_new
    link_to_person(subscriber)
    ended = _end_subscriptions(subscriber, source, note or reason)
    if is_new and not ended:
        record(ConsentEntry.Act.SUPPRESSED, subscriber, source, note=note or reason)
    return is_new


@one_transaction
def suppress_former_address(address: str, person: Subscriber, source: ConsentSource) -> None:
    """Suppress the address that a person had until now, so that nobody adds it again beside their new one."""
    suppress(address, Reason.MOVED, source)
    former = suppressions_of(fold(address)).filter(reason=Reason.MOVED, lifted_at=None)
    former.update(former_address_of=person)


@one_transaction
def suppress_former_addresses_as_erased(person: Subscriber, source: ConsentSource) -> None:
    """Suppress as erased every former address of a person who is being erased, by its digest alone."""
    for digest, key_id in person.former_addresses.filter(lifted_at=None).values_list("digest", "key_id"):
        Suppression.objects.get_or_create(
            digest=digest,
            reason=Reason.ERASED,
            lifted_at=None,
            defaults={"suppressed_by": source.name, "key_id": key_id},
        )


@one_transaction
def end_suppression(address: str, source: ConsentSource, *, why: str) -> None:
    """Allow an address to be mailed again. This makes nobody active: people sign up or are added.

    Raises Invalid without a reason, and NotFound if there is nothing to lift.
    """
    if not why.strip():
        raise Invalid("Enter why you are removing the suppression. We log the reason.")
    key = fold(address)
    locks.share_for([key])
    lifted = end_suppressions_of(key, set(Reason), by=source.name, why=why)
    subscriber = Subscriber.objects.filter(address_key=key).first()
    left = subscriber and subscriber.subscriptions.filter(state=Subscription.State.UNSUBSCRIBED).exists()
    if not lifted and not left:
        raise NotFound(
            "This address is not suppressed and has not unsubscribed, so there is nothing to remove."
        )
    if subscriber:
        record(ConsentEntry.Act.LIFTED, subscriber, source, note=why)


def end_suppressions_of(address_key: str, kinds: Iterable[Reason], *, by: str, why: str) -> int:
    """End suppressions of a folded address for these reasons, and return how many there were."""
    return _lifted(suppressions_of(address_key).filter(reason__in=list(kinds)), by=by, why=why)


@one_transaction
def renew_digests(address_keys: Iterable[str]) -> int:
    """Renew under the current key the suppressions that these folded addresses have under older keys. Return how
    many.

    For up to a few thousand addresses. A suppression whose address is known does not need the older key.
    """
    current, renewed = suppression_keys.current_key(), 0
    some = list(address_keys)
    locks.share_for(some)
    for older in suppression_keys.known_keys()[1:]:
        by_digest = {older.digest(address_key): address_key for address_key in some}
        for row in Suppression.objects.select_for_update().filter(digest__in=by_digest).order_by("pk"):
            _renew(row, current, current.digest(by_digest[row.digest]))
            renewed += 1
    return renewed


def _renew(row: Suppression, current: suppression_keys.SuppressionKey, digest: str) -> None:
    twin = Suppression.objects.filter(digest=digest, reason=row.reason, lifted_at=None).first()
    if twin is not None and row.lifted_at is None:
        # An import that did not look under older keys suppressed it again, for the same reason.
        Suppression.objects.filter(pk=twin.pk).update(
            suppressed_at=min(row.suppressed_at, twin.suppressed_at)
        )
        row.delete()
        return
    row.digest, row.key_id = digest, current.id
    row.save(update_fields=("digest", "key_id"))


@one_transaction
def give_up_key(key_id: str, source: ConsentSource, *, why: str) -> int:
    """End every suppression under a key that is lost for good, and return how many there were. They cannot be
    found again.

    Raises Invalid without a reason, Refused for a key that is set, and NotFound if no suppression needs that key.
    """
    if not why.strip():
        raise Invalid("Enter why you are discarding the key. We log the reason.")
    locks.share_for(())
    if key_id not in missing_keys():
        raise NotFound(
            f"The key {key_id!r} is still set, or no suppressions were stored with it. You can only discard a lost "
            "key that suppressions were stored with."
        )
    return _lifted(Suppression.objects.filter(key_id=key_id), by=source.name, why=why)


def _lifted(rows: QuerySet[Suppression], *, by: str, why: str) -> int:
    in_force = rows.filter(lifted_at=None)
    signals.lifting.send(Suppression, suppressions=list(in_force.values_list("pk", flat=True)))
    return in_force.update(lifted_at=timezone.now(), lifted_by=by[:200], lifted_why=why[:500])


def _end_subscriptions(subscriber: Subscriber, source: ConsentSource, note: str) -> int:
    going = subscriber.subscriptions.exclude(state=Subscription.State.UNSUBSCRIBED).select_related("list")
    for subscription in going:
        was, subscription.state = subscription.state, Subscription.State.UNSUBSCRIBED
        subscription.left_at, subscription.asked_at = timezone.now(), None
        subscription.save(update_fields=("state", "left_at", "asked_at"))
        record_about(ConsentEntry.Act.SUPPRESSED, subscription, source, was=was, note=note)
    return len(going)
