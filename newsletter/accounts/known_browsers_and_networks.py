"""Where somebody has logged in before: in which browsers, and from which networks. Others cause no wait there.

A browser keeps a signed cookie. Of networks only digests are stored, for as long as the cookie lasts.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.core import signing
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from subscribers import app_settings
from subscribers.rate_limits import household_of, wide_network_of

# The cookie that a browser keeps after its first login: see `device_of`.
DEVICE, DEVICE_DAYS = "device", 180
_SALT = "newsletter.accounts.known_places"


class Known(Enum):
    """How well we know the place from which somebody tries to log in."""

    DEVICE = "a browser that this user has logged in with"
    HOUSEHOLD = "an address that this user has logged in from"
    NETWORK = "another address in a network that this user has logged in from"
    NOT = "neither"


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody tries to log in: `name` says under what failures are counted."""

    name: str
    known: Known


class KnownNetwork(models.Model):
    """A network from which a name has logged in: an address (or an IPv6 /64), or a /24 (IPv6: a /48)."""

    name = models.CharField(max_length=32)
    place = models.CharField(max_length=32)
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("name", "place"), name="known_network_once"),)

    def __str__(self) -> str:
        return f"known network {self.pk}"


def place_of(name: str, address: str, *, device: str = "") -> Place:
    """Return the place of somebody at this network address, with this value of `device_of`."""
    if known := _known_device(name, device):
        return Place(known, Known.DEVICE)
    household, network = household_of(address), wide_network_of(address)
    places = {digest(household): Known.HOUSEHOLD, digest(_wide(network)): Known.NETWORK}
    rows = KnownNetwork.objects.filter(name=digest(name), place__in=places, last_at__gte=_oldest())
    found = {places[place] for place in rows.values_list("place", flat=True)}
    known_by = (each for each in (Known.HOUSEHOLD, Known.NETWORK) if each in found)
    return Place(household, next(known_by, Known.NOT))


def note_known_network(name: str, address: str) -> None:
    """Remember that somebody has logged in with this name from this network address."""
    now = timezone.now()
    KnownNetwork.objects.filter(last_at__lt=_oldest()).delete()
    for place in (household_of(address), _wide(wide_network_of(address))):
        KnownNetwork.objects.update_or_create(
            name=digest(name), place=digest(place), defaults={"last_at": now}
        )


def device_of(name: str) -> str:
    """Return a value that a browser stores after signing in, so that other people's failures cause no wait here."""
    return signing.dumps([digest(name), secrets.token_urlsafe(12)], salt=_SALT)


def is_known_device(name: str, device: str) -> bool:
    """Return whether this is the value of a browser with which this name has signed in before."""
    return bool(_known_device(name, device))


def digest(text: str) -> str:
    """Return what is stored for a name or a place. It stays the same when the secret key is changed."""
    oldest = app_settings.suppression_keys()[-1]
    return salted_hmac(_SALT, text.strip().casefold(), secret=oldest).hexdigest()[:32]


def _known_device(name: str, device: str) -> str:
    try:
        whose, number = signing.loads(device, salt=_SALT, max_age=timedelta(days=DEVICE_DAYS))
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return f"device {number}" if whose == digest(name) else ""


def _wide(network: str) -> str:
    """Return the name of a wide network, which must not be that of one address in it."""
    return f"network {network}"


def _oldest() -> datetime:
    return timezone.now() - timedelta(days=DEVICE_DAYS)
