"""Who works beside the web, and when it last gave a sign: written into the database, so that any process can tell."""

from datetime import timedelta

from django.utils import timezone

from newsletter.sending.models import Heartbeat

CLOCK = "clock"
EVERY_SECONDS = 10


def beat(name: str = CLOCK) -> None:
    """Give a sign."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})


def since(name: str = CLOCK) -> timedelta | None:
    """How long ago the last sign was; None when there never was one."""
    last = Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()
    return timezone.now() - last if last else None
