"""Short dates: “today at 09:41”, “yesterday at 18:00” or “9 November”, each with the full moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from newsletter.issues.visible_to_actor import visible_publications
from newsletter.scheduling.display_times import moment
from newsletter.web.desk.publication_choice import chosen_publication


@dataclass(frozen=True, slots=True)
class ShownDate:
    """A moment as a list shows it, in full, and for `<time datetime>`."""

    short: str
    full: str
    iso: str

    @property
    def when(self) -> str:
        """The short date as a sentence needs it after a verb: “today at 09:41” or “on 9 November”."""
        return f"on {self.short}" if self.short[0].isdigit() else self.short


class Dates:
    """Writes moments in the zone of the publication that the user looks at, else of the first one."""

    def __init__(self, request: HttpRequest) -> None:
        publication = chosen_publication(request) or visible_publications().order_by("pk").first()
        self.publication = publication
        self.zone = publication.tzinfo if publication else ZoneInfo(settings.TIME_ZONE)

    def of(self, at: datetime) -> ShownDate:
        """Return a moment as lists show it."""
        return ShownDate(
            _short(timezone.localtime(at, self.zone), self.zone), moment(at, self.zone), at.isoformat()
        )


def _short(local: datetime, zone: ZoneInfo) -> str:
    today = timezone.localdate(timezone.now(), zone)
    if local.date() == today:
        return f"today at {local:%H:%M}"
    if local.date() == today - timedelta(days=1):
        return f"yesterday at {local:%H:%M}"
    year = "" if local.year == today.year else f" {local.year}"
    return f"{local.day} {local:%B}{year}"
