"""Slows down password guessing without locking anybody out: each failure of a name or network makes the wait longer.

Even if a name is attacked from many networks, each new network has one attempt before it has to wait, so that the real
person can still sign in. A device that has signed in before is counted separately. Only digests of names and networks
are stored, for one day.
"""

import math
import secrets
from datetime import datetime, timedelta

from django.core import signing
from django.db import models, transaction
from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.crypto import salted_hmac

from subscribers.backoff import doubling
from subscribers.rate_limits import household_of, network_of

# Failures of one name from one network before it has to wait. Fewer while the name or network fails often in total.
FREE, FREE_UNDER_ATTACK = 5, 1
NAME_UNDER_ATTACK, NETWORK_UNDER_ATTACK = 50, 20
# Failures of one network, and of one IPv6 site (/48), with any names, before it has to wait.
FREE_NETWORK, FREE_SITE = 40, 200
BACKOFF = doubling(timedelta(seconds=30), timedelta(minutes=15))
COUNTED_FOR = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(days=1)
# The cookie that a browser keeps after its first login: see `device_of`.
DEVICE, DEVICE_DAYS = "device", 180
_SALT = "newsletter.sign_in"
# Stored in place of a network: an administrator has changed the password of this name.
_RESET = "reset"


class FailedSignIn(models.Model):
    """How often a name failed to sign in from one network or known device, and when it last failed."""

    name = models.CharField(max_length=32)
    place = models.CharField(max_length=32)
    site = models.CharField(max_length=32, db_index=True)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("name", "place"), name="failed_sign_in_once"),)
        indexes = (models.Index(fields=("place",), name="failed_sign_in_place"),)

    def __str__(self) -> str:
        return f"{self.failures} failed log-ins"


def try_sign_in(name: str, address: str, *, device: str = "") -> timedelta:
    """Return how long this name has to wait before it can try a password. If that is zero, count a failure.

    The failure is counted before the password is checked, so that many attempts at once do not slip through. Call
    `clear_failures` if the password was right. `address` is the client's address; `device` is the value that
    `device_of` gave this browser.
    """
    now = timezone.now()
    FailedSignIn.objects.filter(last_at__lt=now - FORGOTTEN_AFTER).delete()
    known = _known_device(name, device)
    wait = timedelta(0) if known else _wait_of_network(name, address, now)
    if wait:
        return wait
    with transaction.atomic():
        row, _is_new = FailedSignIn.objects.select_for_update().get_or_create(
            name=_digest(name),
            place=_digest(known or household_of(address)),
            defaults={"site": _digest(network_of(address)), "last_at": now},
        )
        if row.last_at < now - COUNTED_FOR:
            row.failures = 0
        free = FREE if known or not _under_attack(name, address, now) else FREE_UNDER_ATTACK
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
    """Forget the failures of this name from this network and device, because the real person has signed in."""
    places = [
        _digest(place) for place in (household_of(address), _known_device(name, device), _RESET) if place
    ]
    FailedSignIn.objects.filter(name=_digest(name), place__in=places).delete()


def clear_all_failures(name: str) -> None:
    """Let a name sign in at once from anywhere, because an administrator has changed its password."""
    with transaction.atomic():
        FailedSignIn.objects.filter(name=_digest(name)).delete()
        FailedSignIn.objects.create(
            name=_digest(name), place=_digest(_RESET), site="", last_at=timezone.now()
        )


def device_of(name: str) -> str:
    """Return a value that a browser stores after signing in, so that other people's failures cause no wait here."""
    return signing.dumps([_digest(name), secrets.token_urlsafe(12)], salt=_SALT)


def device_place(name: str, device: str) -> str:
    """Return the place under which failures in a known browser are counted, or an empty string for an unknown one."""
    return _known_device(name, device)


def is_known_device(name: str, device: str) -> bool:
    """Return whether this is the value of a browser with which this name has signed in before."""
    return bool(_known_device(name, device))


def _known_device(name: str, device: str) -> str:
    try:
        whose, number = signing.loads(device, salt=_SALT, max_age=timedelta(days=DEVICE_DAYS))
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return f"device {number}" if whose == _digest(name) else ""


def _wait_of_network(name: str, address: str, now: datetime) -> timedelta:
    """Return how long a whole network has to wait. Zero for a name whose password an administrator has changed."""
    if FailedSignIn.objects.filter(name=_digest(name), place=_digest(_RESET)).exists():
        return timedelta(0)
    return max(
        _wait(*_counted(now, place=_digest(household_of(address))), free=FREE_NETWORK, now=now),
        _wait(*_counted(now, site=_digest(network_of(address))), free=FREE_SITE, now=now),
    )


def _under_attack(name: str, address: str, now: datetime) -> bool:
    of_name, _last = _counted(now, name=_digest(name))
    of_network, _last = _counted(now, place=_digest(household_of(address)))
    return of_name >= NAME_UNDER_ATTACK or of_network >= NETWORK_UNDER_ATTACK


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


def _digest(text: str) -> str:
    return salted_hmac(_SALT, text.strip().casefold()).hexdigest()[:32]
