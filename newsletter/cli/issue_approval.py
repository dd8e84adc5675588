"""`newsletter issues approve|withdraw|schedule|unschedule`: when an issue goes, and by whose leave."""

from typing import TYPE_CHECKING, Annotated

import typer
from django.utils import timezone

from newsletter.cli.issue_output import say_schedule, schedule_facts
from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.errors import Invalid
from newsletter.issues import issue_audit as log
from newsletter.issues.find_by_name import find_issue, find_publication
from newsletter.issues.models import Issue
from newsletter.scheduling.approval import approve as approve_issue
from newsletter.scheduling.approval import withdraw_approval
from newsletter.scheduling.dateline import changes_on_another_day
from newsletter.scheduling.recurrence.parse_datetime import parse_moment
from newsletter.scheduling.schedule import describe_time, schedule_at
from newsletter.scheduling.schedule import unschedule as take_time_away
from newsletter.sending.audience import audience_sentence

if TYPE_CHECKING:
    from newsletter.scheduling.recurrence.local_time import Side

IssueArgument = Annotated[str, typer.Argument(help="Number of the issue, such as 3 or weekly/3.")]


def approve(issue: IssueArgument, as_json: JsonOption = False) -> None:
    """Approve an issue as it is now: its letter is frozen, and whatever changes it asks for approval again.

    Where the publication asks for a second person, that is a user who did not work on it: `newsletter --as NAME …`.

    Example: `newsletter issues approve 3`
    """
    found = find_issue(issue)
    approval = approve_issue(found)
    if as_json:
        facts = {"approved_by": approval.approved_by, "day": approval.day, "digest": approval.digest}
        print_json(schedule_facts(found) | facts)
    else:
        print_text(
            f"Approved {found}. What goes is this letter, or nothing. {changes_on_another_day(approval)}"
        )


def withdraw_approval_of(issue: IssueArgument, as_json: JsonOption = False) -> None:
    """Take an approval back: the issue is a draft again, and does not go.

    Example: `newsletter issues withdraw-approval 3`
    """
    found = find_issue(issue)
    withdraw_approval(found)
    say_schedule(found, f"{found} is a draft again.", as_json=as_json)


def schedule(
    issue: IssueArgument,
    *,
    at: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            help="Such as “2026-12-01 07:30”, “tomorrow 7:30” or “in 2 hours”, by the publication's clock.",
        ),
    ] = "",
    readers_time: Annotated[
        bool, typer.Option("--readers-time", help="At that time by each reader's own clock.")
    ] = False,
    earlier: Annotated[
        bool, typer.Option("--earlier", help="Of a time that comes twice or never, the earlier choice.")
    ] = False,
    later: Annotated[bool, typer.Option("--later", help="The later one.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Let an issue go at a time, in place of any it had. Not approved yet, it waits for that until its time.

    Example: `newsletter issues schedule 3 --at "tomorrow 07:30"`
    """
    found = find_issue(issue)
    if not at or (earlier and later):
        raise Invalid("Say when: --at TIME; and of two choices, --earlier or --later.")
    choice: Side = "earlier" if earlier else "later" if later else ""
    moment = parse_moment(at, found.publication.tzinfo, now=timezone.now(), choice=choice)
    made = schedule_at(found, moment, readers_time=readers_time)
    found.refresh_from_db()
    waits = (
        "" if found.state == Issue.State.SCHEDULED else " It is not approved: it goes only if it is by then."
    )
    sentence = f"{found} goes at {describe_time(made)} to {audience_sentence(found)}.{waits}"
    say_schedule(found, sentence, as_json=as_json)


def unschedule(issue: IssueArgument, as_json: JsonOption = False) -> None:
    """Take the time of an issue away; it does not go until it has another, and stays approved.

    Example: `newsletter issues unschedule 3`
    """
    found = find_issue(issue)
    take_time_away(found)
    say_schedule(found, f"{found} has no time any more.", as_json=as_json)


def audit(
    issue: Annotated[str, typer.Option(metavar="ISSUE", help="Only of this issue.")] = "",
    publication: Annotated[str, typer.Option(metavar="SLUG", help="Only of this publication.")] = "",
    most: Annotated[int, typer.Option(help="How many entries, the newest first.", min=1)] = 50,
    as_json: JsonOption = False,
) -> None:
    """Who did what, and when; the newest first.

    Example: `newsletter audit --issue 3`
    """
    rows = log.entries(
        issue=find_issue(issue) if issue else None,
        publication=find_publication(publication) if publication else None,
    )[:most]
    if as_json:
        names = ("at", "actor", "act", "about", "thing", "sentence", "changes")
        print_json([dict(zip(names, row, strict=True)) for row in rows.values_list(*names)])
        return
    print_rows(
        ("When", "Who", "About", "What"),
        ((f"{row.at:%Y-%m-%d %H:%M:%S} UTC", row.actor, row.about, row.sentence) for row in rows),
        empty="Nothing was done yet.",
    )
