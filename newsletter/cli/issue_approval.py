"""`newsletter issues approve|withdraw-approval|schedule|unschedule`: approve an issue and set when it is sent;
`newsletter audit`.
"""

from typing import TYPE_CHECKING, Annotated

import typer
from django.utils import timezone

from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.cli.schedule_options import AtOption, EarlierOption, LaterOption, ReadersTimeOption
from newsletter.errors import Invalid
from newsletter.issues import issue_audit as log
from newsletter.issues.find_publication_or_issue import find_issue, find_publication
from newsletter.issues.models import Issue

if TYPE_CHECKING:
    from newsletter.scheduling.recurrence.local_time import Side

IssueArgument = Annotated[
    str,
    typer.Argument(
        help=(
            "Number of the issue, such as 3. If you have more than one publication, add its slug, as in "
            "weekly/3."
        )
    ),
]


def approve(issue: IssueArgument, as_json: JsonOption = False) -> None:
    """Approve the current version of an issue. If its email changes afterwards, the issue must be approved again.

    Some publications require approval by a second person. In this case, the approver must be a user who did not work
    on the issue: run the command as that user with `newsletter --as NAME …`.

    Example: `newsletter issues approve 3`
    """
    from newsletter.cli.issue_output import print_warnings, schedule_facts
    from newsletter.preflight.approve_issue import approve_checked
    from newsletter.scheduling.dateline import changes_on_another_day

    found = find_issue(issue)
    approval = approve_checked(found)
    if as_json:
        facts = {"approved_by": approval.approved_by, "day": approval.day, "digest": approval.digest}
        print_json(schedule_facts(found) | facts)
    else:
        print_text(
            f"{found} was approved. Only this version of the email can be sent. "
            f"{changes_on_another_day(approval)}"
        )
        print_warnings(found)


def withdraw_approval_of(issue: IssueArgument, as_json: JsonOption = False) -> None:
    """Withdraw an approval. The issue becomes a draft again and is not sent.

    Example: `newsletter issues withdraw-approval 3`
    """
    from newsletter.cli.issue_output import say_schedule
    from newsletter.scheduling.approval import withdraw_approval

    found = find_issue(issue)
    withdraw_approval(found)
    say_schedule(found, f"{found} is no longer approved. It is a draft again.", as_json=as_json)


def schedule(
    issue: IssueArgument,
    *,
    at: AtOption = "",
    readers_time: ReadersTimeOption = False,
    earlier: EarlierOption = False,
    later: LaterOption = False,
    as_json: JsonOption = False,
) -> None:
    """Schedule an issue, or change its send time. If the issue is not approved yet, it is only sent if it is
    approved by then.

    Example: `newsletter issues schedule 3 --at "tomorrow 07:30"`
    """
    from newsletter.cli.issue_output import say_schedule
    from newsletter.preflight.demands_when_sent import sentence_about_demands
    from newsletter.scheduling.recurrence.parse_datetime import parse_moment
    from newsletter.scheduling.schedule import describe_time, schedule_at
    from newsletter.sending.audience import audience_sentence
    from newsletter.sending.saved_not_sent import promise

    found = find_issue(issue)
    if not at or (earlier and later):
        raise Invalid(
            "Give a time with --at TIME. If the clocks change at that time, also add --earlier or --later."
        )
    choice: Side = "earlier" if earlier else "later" if later else ""
    moment = parse_moment(at, found.publication.tzinfo, now=timezone.now(), choice=choice)
    made = schedule_at(found, moment, readers_time=readers_time)
    found.refresh_from_db()
    waits = (
        ""
        if found.state == Issue.State.SCHEDULED
        else " The issue is not approved yet. It will only be sent if it is approved by then."
    )
    sentence = promise(f"{found} will be sent at {describe_time(made)} to {audience_sentence(found)}.{waits}")
    sentence = f"{sentence} {sentence_about_demands(found)}".strip()
    say_schedule(found, sentence, as_json=as_json)


def unschedule(issue: IssueArgument, as_json: JsonOption = False) -> None:
    """Unschedule an issue. It stays approved, but it is not sent until you schedule it again.

    Example: `newsletter issues unschedule 3`
    """
    from newsletter.cli.issue_output import say_schedule
    from newsletter.scheduling.schedule import unschedule as take_time_away

    found = find_issue(issue)
    take_time_away(found)
    say_schedule(found, f"{found} is no longer scheduled.", as_json=as_json)


def audit(
    issue: Annotated[str, typer.Option(metavar="ISSUE", help="Show only entries about this issue.")] = "",
    publication: Annotated[
        str, typer.Option(metavar="SLUG", help="Show only entries about this publication.")
    ] = "",
    most: Annotated[int, typer.Option(help="Maximum number of entries to show.", min=1)] = 50,
    as_json: JsonOption = False,
) -> None:
    """Show the audit log (who did what, and when), newest entries first.

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
        empty="We did not find any entries.",
    )
