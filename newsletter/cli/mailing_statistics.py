"""`newsletter mailings statistics`: the results of a mailing, for a person, a spreadsheet or a program."""

import csv
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from newsletter.cli.output import JsonOption, print_fields, print_json, print_rows, print_text
from newsletter.errors import Invalid
from newsletter.sending.models import Mailing
from newsletter.tracking.statistics import By
from subscribers.csv_safety import escape_formula
from subscribers.phrases import counted

if TYPE_CHECKING:
    from newsletter.tracking.statistics import Statistics


Row = tuple[str, tuple[int, ...]]


def statistics(
    number: Annotated[int, typer.Argument(help="Number of the mailing.")],
    by: Annotated[
        By | None,
        typer.Option(help="Show separate figures for each link, for each email domain or for each hour."),
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, for spreadsheets.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the results of a mailing: how many people got it, opened it, clicked, unsubscribed or complained.

    Example: `newsletter mailings statistics 1 --by link`
    """
    from newsletter.sending.mailing_controls import mailing_by_number
    from newsletter.tracking.statistics import columns_of

    if as_csv and as_json:
        raise Invalid("Use either --csv or --json, but not both.")
    mailing = mailing_by_number(number)
    if by is None:
        _print_total(mailing, as_csv=as_csv, as_json=as_json)
        return
    columns, rows = columns_of(by), _rows(mailing, by)
    if as_json:
        print_json([{by.value: name, **dict(zip(columns, counts, strict=True))} for name, counts in rows])
    elif as_csv:
        _print_csv((by.value, *columns), rows)
    else:
        print_rows(
            (by.value.title(), *map(_words, columns)),
            ((name, *counts) for name, counts in rows),
            empty=f"We have no reports about {mailing} yet.",
        )
        _say_what_waits()


def _print_total(mailing: Mailing, *, as_csv: bool, as_json: bool) -> None:
    from newsletter.sending.status_sentences import mailing_status
    from newsletter.tracking.statistics import columns_of, statistics_of, values_of

    found = statistics_of(mailing)
    columns, counts = columns_of(By.DOMAIN), values_of(found.counts)
    if as_json:
        print_json({"mailing": mailing.pk, **found.to_dict()})
    elif as_csv:
        _print_csv(("mailing", *columns), [(str(mailing.pk), counts)])
    else:
        facts = {str(mailing): mailing_status(mailing).label.lower()}
        facts |= {_words(name): _share(name, found) for name in columns}
        print_fields(facts)
        if found.alarm:
            print_text(f"\n{found.alarm}")
        _say_what_waits()


def _share(name: str, found: "Statistics") -> str:
    """Format a figure with its share of the people whom the email reached, and its parts."""
    count = int(getattr(found.counts, name))
    whole = found.counts.accepted if name in {"delivered", "deferred"} else found.counts.delivered
    share = "" if name == "accepted" or not (count and whole) else f"{count / whole:7.1%}"
    classes = "; ".join(f"{each}: {people}" for each, people in found.classes.get(name, {}).items())
    return f"{count:>8,}{share:>9}  {classes}".rstrip()


def _rows(mailing: Mailing, by: By) -> list[Row]:
    from newsletter.tracking.statistics import breakdown, values_of

    return [(_name(name, by, mailing), values_of(counts)) for name, counts in breakdown(mailing, by)]


def _name(name: str, by: By, mailing: Mailing) -> str:
    from newsletter.tracking.statistics import hour_of

    if by is By.HOUR:
        return hour_of(name).astimezone(mailing.issue.publication.tzinfo).isoformat(timespec="minutes")
    return name or "(erased)"


def _print_csv(columns: tuple[str, ...], rows: list[Row]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows((escape_formula(name), *counts) for name, counts in rows)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _say_what_waits() -> None:
    from newsletter.tracking.process_events import waiting_posts

    waiting = waiting_posts()
    if waiting:
        reports = counted(waiting, "report from SendGrid has", "reports from SendGrid have")
        them = "it" if waiting == 1 else "them"
        print_text(f"\n{reports} not been processed yet. The scheduler will process {them} soon.")
