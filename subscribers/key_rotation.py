"""After the secret key was changed: renew what we can under the new key, and count what still needs an older one."""

from collections.abc import Iterator

from django.db.models import Count

from subscribers import suppression, suppression_keys
from subscribers.models import Subscriber, Suppression

AT_ONCE = 1_000


def renew_all() -> Iterator[int]:
    """Renew the digests of everyone whose address we know. Yields how many rows were renewed for each thousand
    people.

    Safe to interrupt and repeat. Suppressions of erased people stay under the key they were made with.
    """
    last = 0
    while len(suppression_keys.known_keys()) > 1:
        people = Subscriber.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "address_key")
        some = list(people[:AT_ONCE])
        if not some:
            return
        last = some[-1][0]
        yield suppression.renew_digests(address_key for _number, address_key in some)


def suppressions_by_key() -> dict[str, int]:
    """Return how many active suppressions there are under each key, by its ID, for every key that is set."""
    counted = (
        Suppression.objects.filter(lifted_at=None).order_by().values_list("key_id").annotate(Count("pk"))
    )
    return dict.fromkeys((key.id for key in suppression_keys.known_keys()), 0) | dict(counted)
