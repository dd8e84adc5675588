"""The arguments and options of `newsletter series …` that several of its commands have."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.cli.selection_maxima_options import PerSection, PerSource, PerTopic
from newsletter.issues.models import Publication
from newsletter.issues.selection_rule import Selection, overridden, selection_from_json

if TYPE_CHECKING:
    from newsletter.scheduling.add_or_change_series import SeriesChange

Named = Annotated[
    str,
    typer.Argument(
        metavar="SERIES",
        help=(
            "Name of the series. If you have more than one publication, add its slug, as in weekly/tuesday."
        ),
    ),
]
Slug = Annotated[str, typer.Argument(metavar="PUBLICATION", help="Short name (slug) of the publication.")]
Which = Annotated[
    str,
    typer.Argument(
        metavar="[DATE]",
        help="Date of the issue, such as 2026-12-08 or Friday. If left out, the next date is used.",
    ),
]
When = Annotated[
    str,
    typer.Argument(
        help="When to send, such as “every Tuesday at 07:30”, or a recurrence rule (RRULE) and a time."
    ),
]
Name = Annotated[
    str, typer.Option(help="Short name of the series. If left out, the publication’s slug is used.")
]
Zone = Annotated[
    str | None,
    typer.Option(
        help="IANA time zone, such as Europe/London. If left out, the publication’s time zone is used."
    ),
]
ModeOption = Annotated[
    str | None,
    typer.Option(
        help=(
            "What happens on each date. draft: create a draft only. approve: create a draft, and send "
            "it if somebody approves it in time. send: send it without approval."
        ),
        metavar="MODE",
    ),
]
Ahead = Annotated[
    int | None,
    typer.Option(
        metavar="MINUTES",
        help="How long before the send time an issue is drafted. Only used with --mode approve.",
    ),
]
By = Annotated[
    int | None,
    typer.Option(
        metavar="MINUTES",
        help="How long before the send time an issue must be approved. Only used with --mode approve.",
    ),
]
Own = Annotated[
    bool | None,
    typer.Option(
        "--readers-time/--one-time",
        help=(
            "Whether to send at the scheduled time in each reader’s own time zone, or to everyone at "
            "the same moment."
        ),
    ),
]
Sources = Annotated[
    list[str] | None,
    typer.Option(help="Include only articles from this source. You can use this option more than once."),
]
Topics = Annotated[
    list[str] | None,
    typer.Option(help="Include only articles on this topic. You can use this option more than once."),
]
Days = Annotated[
    int | None,
    typer.Option(help="How many days of articles to include, instead of all articles since the last issue."),
]
Most = Annotated[int | None, typer.Option(help="Maximum number of articles to include.")]
Least = Annotated[int | None, typer.Option(help="Skip a date if there are fewer articles than this.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesOptions:
    """What a series does on each date, and which articles it takes, as the options of a command say it."""

    zone: Zone = None
    mode: ModeOption = None
    draft_ahead: Ahead = None
    approve_by: By = None
    readers_time: Own = None
    source: Sources = None
    topic: Topics = None
    days: Days = None
    at_most: Most = None
    at_least: Least = None
    at_most_per_source: PerSource = None
    at_most_per_section: PerSection = None
    at_most_per_topic: PerTopic = None

    def change(
        self,
        publication: Publication,
        *,
        selection_before: dict[str, Any] | None = None,
        recurrence: str | None = None,
        as_publication: bool = False,
    ) -> "SeriesChange":
        """Return the change that the options ask for. A selection starts from the one before, or the publication's."""
        from newsletter.scheduling.add_or_change_series import SeriesChange

        return SeriesChange(
            recurrence=recurrence,
            zone=self.zone,
            mode=self.mode,
            selection=self._selection(
                publication.selection if selection_before is None else selection_before
            ),
            as_publication=as_publication,
            readers_time=self.readers_time,
            draft_ahead_minutes=self.draft_ahead,
            approve_by_minutes=self.approve_by,
        )

    def _selection(self, before: dict[str, Any]) -> Selection | None:
        """Return a selection if any option asks for one."""
        numbers = {
            "days": self.days,
            "at_most": self.at_most,
            "at_least": self.at_least,
            "at_most_per_source": self.at_most_per_source,
            "at_most_per_section": self.at_most_per_section,
            "at_most_per_topic": self.at_most_per_topic,
        }
        sources, topics = self.source or (), self.topic or ()
        if not (sources or topics) and set(numbers.values()) == {None}:
            return None
        return overridden(selection_from_json(before), sources=sources, topics=topics, **numbers)
