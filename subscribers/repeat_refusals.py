"""What people refused, without their addresses: read from one database, and repeated in an older copy of it.

An older copy brings back people who were erased, unsubscribed or suppressed since, and addresses that people have
changed since: a former address is suppressed, as address_changes.py says. Who unsubscribed under an address that the
copy does not have is suppressed there, or an import would bring them back. Refusals are known by the digests of
suppression.py, so that they can be kept in a file. A refusal that was taken back is left out, but a person who was
erased is erased again even if they have subscribed again since: a copy must not bring back what was deleted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from subscribers import consent, erasure, suppression, suppression_keys
from subscribers.consent_log import ConsentSource, chosen_topics
from subscribers.database import portions
from subscribers.models import ConsentEntry, SourceKind, Subscriber, Subscription, Suppression

# Machines that share a database may have different times.
CLOCK_DIFFERENCE = timedelta(days=1)
PEOPLE_AT_ONCE = 5_000
SOURCE = ConsentSource(SourceKind.EDITOR, "Restored backup")
NOTE = _("Repeated after an older backup was restored.")


@dataclass(frozen=True, slots=True)
class Refusals:
    """The refusals since a moment.

    `suppressed` has the digest, key ID, reason and time of each suppression in force, `erased` the digests of those
    who were erased, and `unsubscribed` the digests of those who unsubscribed, by the slug of the list. `moved` has the
    digests of the former addresses of people who still get emails at another one. `paused` and `topics` say by list
    and digest until when people pause, and which topics they chose. `resumed` has the digests of those who ended a
    pause, by the slug of the list.
    """

    suppressed: list[tuple[str, str, str, datetime]] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)
    unsubscribed: dict[str, set[str]] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)
    paused: dict[str, dict[str, date]] = field(default_factory=dict)
    topics: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    resumed: dict[str, set[str]] = field(default_factory=dict)

    def add(self, others: "Refusals") -> None:
        """Add other refusals to these."""
        self.suppressed.extend(others.suppressed)
        self.erased.update(others.erased)
        self.moved.update(others.moved)
        for slug, digests in others.unsubscribed.items():
            self.unsubscribed.setdefault(slug, set()).update(digests)
        for slug, digests in others.resumed.items():
            self.resumed.setdefault(slug, set()).update(digests)
        for slug, pauses in others.paused.items():
            self.paused.setdefault(slug, {}).update(pauses)
        for slug, choices in others.topics.items():
            self.topics.setdefault(slug, {}).update(choices)


@dataclass(slots=True)
class Repeated:
    """How many people were erased again, subscriptions ended or paused again, and addresses suppressed again.

    `resumed` is how many pauses were ended again, `chosen` how many choices of topics were repeated, and `moved` how
    many people were on a list under an address that they have changed since.
    """

    erased: int = 0
    unsubscribed: int = 0
    suppressed: int = 0
    paused: int = 0
    resumed: int = 0
    chosen: int = 0
    moved: int = 0


def read_refusals(since: datetime) -> Refusals:
    """Return what was refused in this database since a moment. Raises DatabaseError if it cannot be read."""
    since -= CLOCK_DIFFERENCE
    later = Suppression.objects.filter(suppressed_at__gte=since).order_by("pk")
    in_force = later.filter(lifted_at=None).values_list("digest", "key_id", "reason", "suppressed_at")
    erased = later.filter(reason=Suppression.Reason.ERASED).values_list("digest", flat=True)
    found = Refusals(list(in_force.iterator()), set(erased.iterator()))
    left = Subscription.objects.filter(state=Subscription.State.UNSUBSCRIBED, left_at__gte=since)
    for slug in left.order_by().values_list("list__slug", flat=True).distinct():
        keys = left.filter(list__slug=slug).values_list("subscriber__address_key", flat=True)
        found.unsubscribed[slug] = set(suppression.digests_of(keys.iterator()))
    found.moved.update(_former_addresses_of_the_mailed(later))
    _read_choices(found, since)
    return found


def _former_addresses_of_the_mailed(later: QuerySet[Suppression]) -> list[str]:
    moved = later.filter(lifted_at=None, reason=Suppression.Reason.MOVED)
    if not moved.exists():
        # A database of an older version does not know whose former address it is.
        return []
    active = Subscription.objects.filter(
        subscriber=OuterRef("former_address_of"), state=Subscription.State.ACTIVE
    )
    return list(moved.filter(Exists(active)).values_list("digest", flat=True))


def _read_choices(found: Refusals, since: datetime) -> None:
    """Add the pauses in force, and those that people ended and the topics that they changed since a moment."""
    active = Subscription.objects.filter(state=Subscription.State.ACTIVE).order_by("pk")
    paused = active.filter(paused_until__gt=timezone.now().date())
    rows = paused.values_list("list__slug", "subscriber__address_key", "paused_until")
    for slug, key, until in rows.iterator():
        [digest] = suppression.digests_of([key])
        if until is not None:
            found.paused.setdefault(slug, {})[digest] = until
    # Only these columns: the replaced database can be of an older version, in which others are missing.
    entries = ConsentEntry.objects.filter(
        at__gte=since, subscriber=OuterRef("subscriber"), list=OuterRef("list")
    )
    ended = active.filter(Exists(entries.filter(act=ConsentEntry.Act.RESUMED)), paused_until=None)
    for slug, key in ended.values_list("list__slug", "subscriber__address_key"):
        found.resumed.setdefault(slug, set()).update(suppression.digests_of([key]))
    chose = active.filter(Exists(entries.filter(act=ConsentEntry.Act.CHANGED)))
    for slug, key, topic in chose.values_list("list__slug", "subscriber__address_key", "topics__slug"):
        [digest] = suppression.digests_of([key])
        topics = found.topics.setdefault(slug, {}).setdefault(digest, [])
        if topic is not None:
            topics.append(topic)


def repeat_refusals(refusals: Refusals) -> Repeated:
    """Erase, unsubscribe, suppress, pause and resume everybody whom the refusals name, and repeat their topics.

    Safe to repeat.
    """
    done = Repeated(suppressed=_suppress_digests(refusals))
    suppressed = {digest: reason for digest, _key, reason, _at in refusals.suppressed}
    named = {
        *suppressed,
        *refusals.erased,
        *(each for some in refusals.unsubscribed.values() for each in some),
        *(each for pauses in refusals.paused.values() for each in pauses),
        *(each for some in refusals.resumed.values() for each in some),
        *(each for choices in refusals.topics.values() for each in choices),
    }
    known = set[str]()
    for subscriber, digests in _people_with(named):
        known |= digests
        # Everything about one person, or nothing, and without cleaning the freed pages each time.
        with transaction.atomic():
            if not refusals.erased.isdisjoint(digests):
                erasure.erase(subscriber, SOURCE)
                done.erased += 1
                continue
            done.unsubscribed += _unsubscribe(subscriber, digests, refusals)
            _repeat_choices(subscriber, digests, refusals, done)
            done.moved += not refusals.moved.isdisjoint(digests) and _is_on_a_list(subscriber)
            for reason in {suppressed[digest] for digest in digests if digest in suppressed}:
                suppression.suppress(subscriber.address, suppression.Reason(reason), SOURCE, note=NOTE)
    done.suppressed += _suppress_the_unknown(refusals, known)
    if not connection.in_atomic_block:
        erasure.sweep()
    return done


def _suppress_the_unknown(refusals: Refusals, known: set[str]) -> int:
    """Suppress who unsubscribed under an address that this copy does not have: no subscription can say it here."""
    unsubscribed = {each for some in refusals.unsubscribed.values() for each in some}
    already = {digest for digest, _key, _reason, _at in refusals.suppressed}
    unknown = sorted(unsubscribed - known - already - refusals.erased)
    if not unknown:
        # Asking for the key would make a new one in a home folder into which the first keys are still to be put.
        return 0
    key_id, added = suppression_keys.current_key().id, 0
    for digest in unknown:
        _row, is_new = Suppression.objects.get_or_create(
            digest=digest,
            lifted_at=None,
            defaults={
                "reason": Suppression.Reason.LEFT_ALL,
                "key_id": key_id,
                "suppressed_by": SOURCE.name,
            },
        )
        added += is_new
    return added


def _repeat_choices(subscriber: Subscriber, digests: set[str], refusals: Refusals, done: Repeated) -> None:
    active = subscriber.subscriptions.filter(state=Subscription.State.ACTIVE).select_related("list")
    for subscription in active:
        pauses = refusals.paused.get(subscription.list.slug, {})
        choices = refusals.topics.get(subscription.list.slug, {})
        until = next((pauses[digest] for digest in digests if digest in pauses), None)
        if until and until > timezone.now().date() and until != subscription.paused_until:
            consent.pause(subscription, SOURCE, until=until)
            done.paused += 1
        has_resumed = not digests.isdisjoint(refusals.resumed.get(subscription.list.slug, ()))
        if has_resumed and until is None and subscription.paused_until is not None:
            consent.pause(subscription, SOURCE, until=None)
            done.resumed += 1
        chosen = next((choices[digest] for digest in digests if digest in choices), None)
        before = set(chosen_topics(subscription))
        if chosen is None or set(chosen) == before:
            continue
        known = subscription.list.topics.filter(slug__in=chosen).values_list("slug", flat=True)
        # If none of the topics exists any more, “no topics” would mean every topic.
        if known or not chosen:
            consent.change(subscription, SOURCE, topics=list(known))
            done.chosen += 1


def _suppress_digests(refusals: Refusals) -> int:
    """Store the suppressions that are missing, also those of addresses that this database does not know."""
    added = 0
    for digest, key_id, reason, at in refusals.suppressed:
        _row, is_new = Suppression.objects.get_or_create(
            digest=digest,
            reason=reason,
            lifted_at=None,
            defaults={"key_id": key_id, "suppressed_at": at, "suppressed_by": SOURCE.name},
        )
        added += is_new
    return added


def _people_with(named: set[str]) -> Iterator[tuple[Subscriber, set[str]]]:
    """Find the people whose digest under any known key is one of these, each with their digests."""
    if not named:
        return
    found = dict[int, set[str]]()
    people = Subscriber.objects.order_by("pk").values_list("pk", "address_key")
    last = 0
    while some := list(people.filter(pk__gt=last)[:PEOPLE_AT_ONCE]):
        last = some[-1][0]
        for key in suppression_keys.known_keys():
            for (pk, _address), digest in zip(some, key.digests(each for _pk, each in some), strict=True):
                if digest in named:
                    found.setdefault(pk, set()).add(digest)
    for numbers in portions(list(found)):
        for subscriber in Subscriber.objects.filter(pk__in=numbers).order_by("pk"):
            yield subscriber, found[subscriber.pk]


def _is_on_a_list(subscriber: Subscriber) -> bool:
    return subscriber.subscriptions.exclude(state=Subscription.State.UNSUBSCRIBED).exists()


def _unsubscribe(subscriber: Subscriber, digests: set[str], refusals: Refusals) -> int:
    slugs = [slug for slug, some in refusals.unsubscribed.items() if not some.isdisjoint(digests)]
    going = subscriber.subscriptions.exclude(state=Subscription.State.UNSUBSCRIBED).filter(
        list__slug__in=slugs
    )
    for subscription in (ended := list(going.select_related("list"))):
        consent.unsubscribe(subscription, SOURCE, reason=NOTE)
    return len(ended)
