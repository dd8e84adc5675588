"""`newsletter series …`: recurring issues, which are drafted and sent on a schedule."""

from typing import Annotated, Any

import typer

from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.cli.selection_maxima_options import PerSection, PerSource, PerTopic
from newsletter.cli.series_options import (
    Ahead,
    By,
    Days,
    Least,
    ModeOption,
    Most,
    Name,
    Named,
    Own,
    Slug,
    Sources,
    Topics,
    When,
    Which,
    Zone,
)
from newsletter.issues.find_publication_or_issue import find_publication
from newsletter.issues.models import Publication
from newsletter.issues.selection_rule import Selection, overridden, selection_from_json
from newsletter.issues.visible_to_actor import visible
from newsletter.scheduling.models import Series

app = typer.Typer(no_args_is_help=True, help="Draft and send recurring issues on a schedule.")


@app.command()
def add(
    publication: Slug,
    recurrence: When,
    *,
    name: Name = "",
    zone: Zone = None,
    mode: ModeOption = None,
    draft_ahead: Ahead = None,
    approve_by: By = None,
    readers_time: Own = None,
    source: Sources = None,
    topic: Topics = None,
    days: Days = None,
    at_most: Most = None,
    at_least: Least = None,
    at_most_per_source: PerSource = None,
    at_most_per_section: PerSection = None,
    at_most_per_topic: PerTopic = None,
    as_json: JsonOption = False,
) -> None:
    """Create a recurring issue. On each date, an issue is drafted from the latest articles.

    Example: `newsletter series add weekly "every Tuesday and Thursday at 07:30" --mode approve`
    """
    from newsletter.cli.series_output import present
    from newsletter.scheduling.series import SeriesChange, add_series

    found = find_publication(publication)
    wishes = SeriesChange(
        zone=zone,
        mode=mode,
        selection=_selection(
            found,
            (source, topic),
            days=days,
            at_most=at_most,
            at_least=at_least,
            at_most_per_source=at_most_per_source,
            at_most_per_section=at_most_per_section,
            at_most_per_topic=at_most_per_topic,
        ),
        readers_time=readers_time,
        draft_ahead_minutes=draft_ahead,
        approve_by_minutes=approve_by,
    )
    present(add_series(found, recurrence, wishes, name=name), as_json=as_json)


@app.command("list")
def list_series(as_json: JsonOption = False) -> None:
    """List all series, each with its next date.

    Example: `newsletter series list`
    """
    from newsletter.cli.series_output import next_date, series_document
    from newsletter.scheduling.recurrence.describe_recurrence import describe_recurrence
    from newsletter.scheduling.series import series_full_name
    from newsletter.scheduling.series_dates import recurrence_of

    every = list(visible(Series.objects.select_related("publication")))
    if as_json:
        print_json([series_document(series) for series in every])
        return
    print_rows(
        ("Series", "When", "Mode", "Next"),
        (
            (
                series_full_name(series),
                describe_recurrence(recurrence_of(series)),
                series.mode,
                next_date(series),
            )
            for series in every
        ),
        empty="You have no series yet. To create one, run `newsletter series add`.",
    )


@app.command()
def show(series: Named, as_json: JsonOption = False) -> None:
    """Show a series, its next 5 dates, and what happened on its last dates.

    Example: `newsletter series show weekly`
    """
    from newsletter.cli.series_output import present
    from newsletter.scheduling.series import find_series

    present(find_series(series), as_json=as_json)


@app.command()
def edit(
    series: Named,
    *,
    recurrence: Annotated[
        str | None, typer.Option(help="New schedule in words, such as “every Tuesday at 07:30”.")
    ] = None,
    zone: Zone = None,
    mode: ModeOption = None,
    draft_ahead: Ahead = None,
    approve_by: By = None,
    readers_time: Own = None,
    source: Sources = None,
    topic: Topics = None,
    days: Days = None,
    at_most: Most = None,
    at_least: Least = None,
    at_most_per_source: PerSource = None,
    at_most_per_section: PerSection = None,
    at_most_per_topic: PerTopic = None,
    as_publication: Annotated[
        bool, typer.Option("--as-publication", help="Use the publication’s article selection again.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Edit a series. If you change its schedule, dates that you skipped or moved follow the schedule again.

    Example: `newsletter series edit weekly --recurrence "every Friday at 9:00"`
    """
    from newsletter.cli.series_output import present
    from newsletter.scheduling.series import SeriesChange, change_series, find_series

    found = find_series(series)
    chosen = _selection(
        found.publication,
        (source, topic),
        days=days,
        at_most=at_most,
        at_least=at_least,
        at_most_per_source=at_most_per_source,
        at_most_per_section=at_most_per_section,
        at_most_per_topic=at_most_per_topic,
        before=found.selection,
    )
    change = SeriesChange(
        recurrence=recurrence, zone=zone, mode=mode, selection=chosen, as_publication=as_publication,
        readers_time=readers_time, draft_ahead_minutes=draft_ahead, approve_by_minutes=approve_by,
    )  # fmt: skip
    present(change_series(found, change), as_json=as_json)


@app.command()
def pause(series: Named, as_json: JsonOption = False) -> None:
    """Pause a series. We do not draft any issues until you resume it. Issues that are already drafted are sent as
    planned.

    Example: `newsletter series pause weekly`
    """
    from newsletter.cli.series_output import present
    from newsletter.scheduling.series import find_series, pause_series

    present(pause_series(find_series(series)), as_json=as_json)


@app.command()
def resume(series: Named, as_json: JsonOption = False) -> None:
    """Resume a paused series. We do not draft issues for dates that passed during the pause.

    Example: `newsletter series resume weekly`
    """
    from newsletter.cli.series_output import present
    from newsletter.scheduling.series import find_series, resume_series

    present(resume_series(find_series(series)), as_json=as_json)


@app.command()
def skip(series: Named, date: Which = "", as_json: JsonOption = False) -> None:
    """Skip one date of a series.

    Example: `newsletter series skip weekly 2026-12-25`
    """
    from newsletter.cli.series_output import date_document
    from newsletter.scheduling.occurrence_overrides import skip_date
    from newsletter.scheduling.series import find_series
    from newsletter.scheduling.series_dates import describe_local_time

    found = find_series(series)
    skipped = skip_date(found, date)
    if as_json:
        print_json(date_document(skipped))
    else:
        print_text(
            f"The issue on {describe_local_time(skipped.local_time)} will be skipped. To undo this, run "
            "`newsletter series move` with the same date and time."
        )


@app.command()
def move(
    series: Named,
    date: Annotated[
        str, typer.Argument(metavar="DATE", help="Date of the issue, such as 2026-12-08 or Friday.")
    ],
    to: Annotated[str, typer.Argument(metavar="TIME", help="New date and time, such as “2026-12-09 08:00”.")],
    as_json: JsonOption = False,
) -> None:
    """Move one date of a series to another time. If the date was skipped, it is no longer skipped.

    Example: `newsletter series move weekly 2026-12-25 "2026-12-24 07:30"`
    """
    from newsletter.cli.series_output import date_document
    from newsletter.scheduling.occurrence_overrides import move_date
    from newsletter.scheduling.series import find_series
    from newsletter.scheduling.series_dates import describe_local_time

    moved = move_date(find_series(series), date, to)
    if as_json:
        print_json(date_document(moved))
    else:
        print_text(
            f"The issue on {describe_local_time(moved.local_time)} has been moved to "
            f"{describe_local_time(moved.send_at)}."
        )


@app.command()
def remove(series: Named, as_json: JsonOption = False) -> None:
    """Remove a series. We keep the issues that it has drafted.

    Example: `newsletter series remove weekly`
    """
    from newsletter.scheduling.series import find_series, remove_series, series_full_name

    found = find_series(series)
    path = series_full_name(found)
    remove_series(found)
    print_json({"removed": path}) if as_json else print_text(f"Removed the series {path}.")


def _selection(
    publication: Publication,
    words: tuple[list[str] | None, list[str] | None],
    *,
    before: dict[str, Any] | None = None,
    **numbers: int | None,
) -> Selection | None:
    """Return a selection for this series if any option asks for one."""
    sources, topics = (each or () for each in words)
    if not (sources or topics) and set(numbers.values()) == {None}:
        return None
    base = selection_from_json(publication.selection if before is None else before)
    return overridden(base, sources=sources, topics=topics, **numbers)
