"""`newsletter subscribers export|count|verify` and `newsletter lists growth`: who is on a list, and who was."""

import sys
from contextlib import nullcontext
from dataclasses import asdict
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from django.utils import timezone

from newsletter.accounts.actor import Role, require_role
from newsletter.cli.output import (
    JsonOption,
    print_fields,
    print_json,
    print_rows,
    print_text,
    progress,
    whole_file,
)
from newsletter.errors import Invalid, InvalidFields
from subscribers.lists import find_list
from subscribers.phrases import counted
from subscribers.typed_days import typed_day

if TYPE_CHECKING:
    from subscribers.list_growth_by_period import Growth


SegmentOption = Annotated[
    str, typer.Option(help="Include only people in this segment, such as “joined in last 90 days”.")
]


def export(
    *,
    list_slug: Annotated[str, typer.Option("--list", help="Short name (slug) of the list.")],
    segment: SegmentOption = "",
    state: Annotated[
        str, typer.Option(help="State of the people to export: active, pending, unsubscribed or all.")
    ] = "active",
    out: Annotated[
        Path | None, typer.Option(help="File to save the list in. If left out, the list is printed.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Export the people on a list as a CSV file that is safe to open in a spreadsheet.

    You can import the file again with `newsletter subscribers import`.

    Example: `newsletter subscribers export --list news --segment "country is UK" --out people.csv`
    """
    from subscribers.export_csv import export_people, subscriptions_for_export

    require_role(Role.ADMINISTRATOR, "Exporting people")
    if as_json and out is None:
        raise Invalid(
            "If you use --json, also give --out FILE. The list of people is saved in the file, and "
            "a report is printed as JSON."
        )
    people = subscriptions_for_export(find_list(list_slug), segment=segment, state=state)
    with whole_file(out) if out else nullcontext(sys.stdout) as file:
        assert file is not None
        with progress("Writing", people.count() if out else None) as advance:
            count = export_people(file, people, advance=advance)
    if as_json:
        print_json({"people": count, "file": str(out)})
    elif out:
        print_text(f"Exported {counted(count, 'person', 'people')} to {out}.")


def count(
    *,
    segment: SegmentOption = "",
    list_slug: Annotated[
        str,
        typer.Option(
            "--list", help="Count only people on this list. If left out, people on all lists are counted."
        ),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Count the active people in a segment, and show some of them.

    Example: `newsletter subscribers count --list news --segment "topic is research and joined in last 90 days"`
    """
    from subscribers.segments.select_people import preview

    require_role(Role.EDITOR, "Viewing subscribers")
    found = preview(segment, find_list(list_slug) if list_slug else None)
    if as_json:
        print_json(asdict(found))
        return
    print_fields({"People": f"{found.count:,}", "Understood as": found.understood})
    print_rows(["For example"], [(address,) for address in found.sample], empty="Nobody is in this segment.")


def verify(
    *,
    list_slug: Annotated[
        str, typer.Option("--list", help="Check only this list. If left out, all lists are checked.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Check that the lists and topics match the consent log, and that no active person is suppressed.

    Nothing is changed. The exit code is 1 if there is a difference.

    Example: `newsletter subscribers verify --list news`
    """
    from subscribers.verify_consent_log import differences

    found = list(differences(find_list(list_slug) if list_slug else None))
    if as_json:
        print_json([each._asdict() for each in found])
    else:
        print_rows(
            ["List", "Address", "Difference"],
            found,
            empty="We did not find any differences between the lists and the consent log.",
        )
    if found:
        raise typer.Exit(1)


def show_growth(
    slug: Annotated[str, typer.Argument(help="Short name (slug) of the list.")],
    *,
    since: Annotated[
        str, typer.Option(help="First day to show, such as 2026-01-31. If left out, all days are shown.")
    ] = "",
    by: Annotated[
        str, typer.Option(help="Length of time that each row covers: day, week, month or year.")
    ] = "month",
    sources: Annotated[
        bool, typer.Option("--sources", help="Show the figures for each source separately.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show how many people subscribed to and unsubscribed from a list over time.

    Example: `newsletter lists growth news --since 2026-01-01 --sources`
    """
    from subscribers.list_growth_by_period import growth, totals

    rows = growth(find_list(slug), _midnight(since), by=by)
    if as_json:
        print_json([{**asdict(row), "net": row.net} for row in rows])
        return
    _print_growth(rows if sources else totals(rows), with_sources=sources)


def _print_growth(rows: "list[Growth]", *, with_sources: bool) -> None:
    columns = ["From", *(["Source"] if with_sources else []), "Subscribed", "Unsubscribed", "Net"]
    print_rows(
        columns,
        (
            (row.start, *([row.source] if with_sources else []), row.joined, row.left, f"{row.net:+}")
            for row in rows
        ),
        empty="Nobody subscribed or unsubscribed in this period.",
    )


def _midnight(since: str) -> datetime | None:
    try:
        day = typed_day(since, "since")
    except InvalidFields as error:
        raise Invalid(f"--since: {error}") from error
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None
