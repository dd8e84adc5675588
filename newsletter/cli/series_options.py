"""The arguments and options of `newsletter series …` that several of its commands have."""

from typing import Annotated

import typer

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
        help="How long before the send time an issue is drafted. Only for the mode “approve”.",
    ),
]
By = Annotated[
    int | None,
    typer.Option(
        metavar="MINUTES",
        help="How long before the send time an issue must be approved. Only for the mode “approve”.",
    ),
]
Own = Annotated[
    bool | None,
    typer.Option(
        "--readers-time/--one-time",
        help=(
            "Whether to send when it is this time in each reader’s own time zone, or to everyone at "
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
