"""Slows down password guessing without locking anybody out: each failure of a name or network makes the wait longer.

Failures count for each address, and also for the network around it (an IPv4 /24, an IPv6 /48), so that many addresses
of one guesser help little. Even if a name is attacked from many networks, each new network has one attempt before it
has to wait, so that the real person can still sign in. A browser, or an address, with which the name has signed in
before is counted by itself (known_browsers_and_networks.py). Only digests of names and networks are stored, for a day.
"""

import math
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Max, Sum
from django.utils import timezone

from newsletter.accounts.known_browsers_and_networks import Known, Place, digest, place_of
from subscribers.backoff import doubling
from subscribers.rate_limits import household_of, wide_network_of

# Failures of one name from one address before it has to wait. Fewer while the name or address fails often in total.
FREE, FREE_UNDER_ATTACK = 5, 1
NAME_UNDER_ATTACK, ADDRESS_UNDER_ATTACK = 50, 20
# Failures of one name from one network, and from one where it has signed in before at another address.
FREE_IN_NETWORK, FREE_IN_KNOWN_NETWORK = 10, 20
# Failures of one address, and of one network, with any names, before it has to wait.
FREE_ADDRESS, FREE_NETWORK = 40, 200
BACKOFF = doubling(timedelta(seconds=30), timedelta(minutes=15))
COUNTED_FOR = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(days=1)
# Stored in place of a network: an administrator has changed the password of this name.
_RESET = "reset"


class FailedSignIn(models.Model):
    """How often a name failed to sign in from one place, and when it last failed.

    `site` is the network around the place. It is empty for a place that is counted by itself.
    """

    name = models.CharField(max_length=32)
    place = models.CharField(max_length=32)
    site = models.CharField(max_length=32, db_index=True)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("name", "place"), name="failed_sign_in_once"),)
        indexes = (models.Index(fields=("place",), name="failed_sign_in_place"),)

    def __str__(self) -> str:
        return f"{self.failures} failed logins"


def try_sign_in(name: str, address: str, *, device: str = "") -> timedelta:
    """Return how long this name has to wait before it can try a password. If that is zero, count a failure.

    The failure is counted before the password is checked, so that many attempts at once do not slip through. Call
    `clear_failures` if the password was right. `address` is the client's address; `device` is the value that
    `device_of` gave this browser.
    """
    now = timezone.now()
    FailedSignIn.objects.filter(last_at__lt=now - FORGOTTEN_AFTER).delete()
    place = place_of(name, address, device=device)
    if place.known in {Known.DEVICE, Known.HOUSEHOLD}:
        return count_try(name, place.name)
    is_under_attack = _is_under_attack(name, place, now)
    free, free_in_network = (
        (FREE_UNDER_ATTACK, FREE_UNDER_ATTACK) if is_under_attack else (FREE, FREE_IN_NETWORK)
    )
    network = wide_network_of(address)
    return _wait_of_network(name, network, place, free=free_in_network, now=now) or count_try(
        name, place.name, site=network, free=free
    )


def count_try(name: str, place: str, *, site: str = "", free: int = FREE) -> timedelta:
    """Return how long a name has to wait at this place after its failures there. If that is zero, count a failure.

    The first `free` failures cause no wait.
    """
    now = timezone.now()
    with transaction.atomic():
        row, _is_new = FailedSignIn.objects.select_for_update().get_or_create(
            name=digest(name),
            place=digest(place),
            defaults={"site": digest(site) if site else "", "last_at": now},
        )
        if row.last_at < now - COUNTED_FOR:
            row.failures = 0
        wait = _wait(row.failures, row.last_at, free=free, now=now)
        if not wait:
            row.failures += 1
            row.last_at = now
            row.save(update_fields=["failures", "last_at"])
    return wait


def in_minutes(wait: timedelta) -> str:
    """Return a wait for a sentence, such as “2 minutes”."""
    minutes = math.ceil(wait.total_seconds() / 60)
    return f"{minutes} minute{'s' * (minutes > 1)}"


def clear_failures(name: str, address: str, *, device: str = "") -> None:
    """Forget the failures of this name from this address and device, because the real person has signed in."""
    place = place_of(name, address, device=device)
    clear_tries(name, household_of(address), place.name, _RESET)


def clear_tries(name: str, *places: str) -> None:
    """Forget the failures of this name at these places."""
    FailedSignIn.objects.filter(name=digest(name), place__in=map(digest, places)).delete()


def clear_all_failures(name: str) -> None:
    """Let a name sign in at once from anywhere, because an administrator has changed its password."""
    with transaction.atomic():
        FailedSignIn.objects.filter(name=digest(name)).delete()
        FailedSignIn.objects.create(name=digest(name), place=digest(_RESET), site="", last_at=timezone.now())


def _wait_of_network(name: str, network: str, place: Place, *, free: int, now: datetime) -> timedelta:
    """Return how long a place has to wait because of other places in its network.

    Failures with other names do not count where the name has signed in before, nor for a name whose password an
    administrator has changed.
    """
    of_name = _counted(now, name=digest(name), site=digest(network))
    if place.known is Known.NETWORK:
        return _wait(*of_name, free=FREE_IN_KNOWN_NETWORK, now=now)
    wait = _wait(*of_name, free=free, now=now)
    if FailedSignIn.objects.filter(name=digest(name), place=digest(_RESET)).exists():
        return wait
    return max(
        wait,
        _wait(*_counted(now, place=digest(place.name)), free=FREE_ADDRESS, now=now),
        _wait(*_counted(now, site=digest(network)), free=FREE_NETWORK, now=now),
    )


def _is_under_attack(name: str, place: Place, now: datetime) -> bool:
    """Return whether a place that the name does not know has fewer attempts."""
    if place.known is not Known.NOT:
        return False
    of_name, _last = _counted(now, name=digest(name))
    of_address, _last = _counted(now, place=digest(place.name))
    return of_name >= NAME_UNDER_ATTACK or of_address >= ADDRESS_UNDER_ATTACK


def _counted(now: datetime, **where: str) -> tuple[int, datetime]:
    found = FailedSignIn.objects.filter(last_at__gte=now - COUNTED_FOR, **where).aggregate(
        failures=Sum("failures", default=0), last_at=Max("last_at")
    )
    return found["failures"], found["last_at"] or now


def _wait(failures: int, last_at: datetime, *, free: int, now: datetime) -> timedelta:
    """Return what is left of a wait that doubles with each failure, or all of it if the clock was set back."""
    if failures < free:
        return timedelta(0)
    whole = BACKOFF.wait(failures - free + 1)
    return max(whole - max(now - last_at, timedelta(0)), timedelta(0))
