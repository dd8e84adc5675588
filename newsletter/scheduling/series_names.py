"""Finds a series by its name, and describes one in words."""

from newsletter.errors import Invalid, NotFound
from newsletter.issues.visible_to_actor import visible
from newsletter.scheduling.models import Series
from newsletter.scheduling.recurrence.describe_recurrence import describe_recurrence
from newsletter.scheduling.series_dates import recurrence_of


def find_series(text: str) -> Series:
    """Return the series with a name such as `weekly`, or `harbour/weekly` if several publications have one.

    Raises NotFound or Invalid.
    """
    slug, _, name = text.strip().rpartition("/")
    series = visible(Series.objects.select_related("publication"))
    every = list(series.order_by("publication__slug", "name"))
    found = [each for each in every if each.name == name and slug in {"", each.publication.slug}]
    if len(found) > 1:
        raise Invalid(
            f"Several publications have a recurring issue called “{name}”. Enter "
            f"{' or '.join(map(series_full_name, found))}."
        )
    if not found:
        names = ", ".join(map(series_full_name, every))
        hint = (
            f"The recurring issues are: {names}."
            if names
            else "To add a recurring issue, run `newsletter series add`."
        )
        raise NotFound(f"We could not find a recurring issue called “{text}”. {hint}")
    return found[0]


def series_full_name(series: Series) -> str:
    """Return the unique name of a series, such as harbour/weekly."""
    return f"{series.publication.slug}/{series.name}"


def describe_series(series: Series) -> str:
    """Describe a series in words, such as “every Tuesday at 07:30 (Europe/London), sends automatically”."""
    mode = Series.Mode(series.mode).label
    own = " in each reader's own time zone" if series.readers_time else f" ({series.zone})"
    return f"{describe_recurrence(recurrence_of(series))}{own}, {mode[0].lower()}{mode[1:]}"
