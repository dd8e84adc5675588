"""`newsletter series …`: recurring issues, which are drafted and sent on a schedule."""

from typing import Annotated

import typer

from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.cli.series_options import Name, Named, SeriesOptions, Slug, When, Which
from newsletter.cli.shared_options import with_options
from newsletter.issues.find_publication_or_issue import find_publication
from newsletter.issues.visible_to_actor import visible
from newsletter.scheduling.models import Series

app = typer.Typer(no_args_is_help=True, help="Draft and send recurring issues on a schedule.")


@app.command()
@with_options(SeriesOptions)
def add(
    publication: Slug,
    recurrence: When,
    *,
    name: Name = "",
    options: SeriesOptions,
    as_json: JsonOption = False,
) -> None:
    """Create a recurring issue. On each date, an issue is drafted from the latest articles.

    Example: `newsletter series add weekly "every Tuesday and Thursday at 07:30" --mode approve`
    """
    from newsletter.cli.series_output import present
    from newsletter.scheduling.add_or_change_series import add_series

    found = find_publication(publication)
    present(add_series(found, recurrence, options.change(found), name=name), as_json=as_json)


@app.command("list")
def list_series(as_json: JsonOption = False) -> None:
    """List all series, each with its next date.

    Example: `newsletter series list`
    """
    from newsletter.cli.series_output import next_date, series_document
    from newsletter.scheduling.recurrence.describe_recurrence import describe_recurrence
    from newsletter.scheduling.series_dates import recurrence_of
    from newsletter.scheduling.series_names import series_full_name

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
    """Show a series, its next 5 dates, and what happened on recent dates.

    Example: `newsletter series show weekly`
    """
    from newsletter.cli.series_output import present
    from newsletter.scheduling.series_names import find_series

    present(find_series(series), as_json=as_json)


@app.command()
@with_options(SeriesOptions)
def edit(
    series: Named,
    *,
    recurrence: Annotated[
        str | None, typer.Option(help="New schedule in words, such as “every Tuesday at 07:30”.")
    ] = None,
    options: SeriesOptions,
    as_publication: Annotated[
        bool, typer.Option("--as-publication", help="Use the publication’s article selection again.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Edit a series. If you change its schedule, dates that you skipped or moved follow the schedule again.

    Example: `newsletter series edit weekly --recurrence "every Friday at 9:00"`
    """
    from newsletter.cli.series_output import present
    from newsletter.scheduling.add_or_change_series import change_series
    from newsletter.scheduling.series_names import find_series

    found = find_series(series)
    change = options.change(
        found.publication,
        selection_before=found.selection,
        recurrence=recurrence,
        as_publication=as_publication,
    )
    present(change_series(found, change), as_json=as_json)


@app.command()
def pause(series: Named, as_json: JsonOption = False) -> None:
    """Pause a series. We do not draft any issues until you resume it. Issues that are already drafted are sent as
    planned.

    Example: `newsletter series pause weekly`
    """
    from newsletter.cli.series_output import present
    from newsletter.scheduling.pause_or_remove_series import pause_series
    from newsletter.scheduling.series_names import find_series

    present(pause_series(find_series(series)), as_json=as_json)


@app.command()
def resume(series: Named, as_json: JsonOption = False) -> None:
    """Resume a paused series. We do not draft issues for dates that passed during the pause.

    Example: `newsletter series resume weekly`
    """
    from newsletter.cli.series_output import present
    from newsletter.scheduling.pause_or_remove_series import resume_series
    from newsletter.scheduling.series_names import find_series

    present(resume_series(find_series(series)), as_json=as_json)


@app.command()
def skip(series: Named, date: Which = "", as_json: JsonOption = False) -> None:
    """Skip one date of a series.

    Example: `newsletter series skip weekly 2026-12-25`
    """
    from newsletter.cli.series_output import date_document
    from newsletter.scheduling.occurrence_overrides import skip_date
    from newsletter.scheduling.series_dates import describe_local_time
    from newsletter.scheduling.series_names import find_series

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
    from newsletter.scheduling.series_dates import describe_local_time
    from newsletter.scheduling.series_names import find_series

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
    from newsletter.scheduling.pause_or_remove_series import remove_series
    from newsletter.scheduling.series_names import find_series, series_full_name

    found = find_series(series)
    path = series_full_name(found)
    remove_series(found)
    print_json({"removed": path}) if as_json else print_text(f"Removed the series {path}.")
