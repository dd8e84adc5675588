"""`newsletter issues preview|test|send`: preview, test and send an issue."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsletter.cli.mailing_output import print_state, what_is_open
from newsletter.cli.output import JsonOption, print_json, print_rows, print_text, progress
from newsletter.errors import Refused
from newsletter.issues.find_publication_or_issue import find_issue, issue_full_name
from newsletter.sending.models import Mailing

if TYPE_CHECKING:
    from newsletter.issues.models import Issue
    from newsletter.sending.outcomes import Outcome


IssueArgument = Annotated[
    str,
    typer.Argument(
        help=(
            "Number of the issue, such as 3. If you have more than one publication, add its slug, as in "
            "weekly/3."
        )
    ),
]

OUTCOMES = {
    "Accepted": "accepted",
    "NotSent": "not sent",
    "Skipped": "skipped",
    "Rejected": "rejected",
    "Unknown": "unknown",
}


def preview(
    issue: IssueArgument,
    out: Annotated[
        Path, typer.Option(help="Folder to save the files in. It is created if it does not exist.")
    ],
    as_: Annotated[
        str,
        typer.Option(
            "--as", metavar="ADDRESS", help="Show the email as the subscriber with this address would get it."
        ),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Save an issue's email as email.html, email.txt and email.eml, so that you can read it before you send
    it.

    Example: `newsletter issues preview 3 --out issue-3`
    """
    from newsletter.cli.issue_output import print_warnings
    from newsletter.sending.email_warnings import email_warnings
    from newsletter.sending.export_email import export_email

    found = find_issue(issue)
    written = [str(path) for path in export_email(found, out, address=as_)]
    if as_json:
        print_json({"files": written, "warnings": email_warnings(found)})
    else:
        print_text("\n".join(written))
        print_warnings(found)


def send_test(
    issue: IssueArgument,
    to: Annotated[
        list[str],
        typer.Option(
            metavar="ADDRESS",
            help="Address to send the test email to. It does not have to be a subscriber’s address.",
        ),
    ],
    more: Annotated[
        list[str] | None, typer.Argument(metavar="ADDRESS", help="More addresses to send the test email to.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Send an issue as a test email, with working links and [Test] in its subject. Test emails do not count
    in any statistics.

    If you send the test email to a subscriber, it contains their own links. Otherwise, the links lead to
    pages that say that this was a test.

    Example: `newsletter issues test 3 --to ada@example.org`
    """
    from newsletter.sending import send_test_emails
    from newsletter.sending.outcomes import Accepted
    from newsletter.sending_settings.current import sending_settings

    emails = send_test_emails.send_test_emails(find_issue(issue), [*to, *(more or [])])
    if as_json:
        print_json(
            [
                {"address": each.address, "subject": each.subject, **_outcome_document(each.answer)}
                for each in emails
            ]
        )
    else:
        print_rows(
            ("Address", "Subject", "Outcome", "Reason"),
            ((each.address, each.subject, *_outcome_document(each.answer).values()) for each in emails),
            empty="",
        )
    failed = [each for each in emails if not isinstance(each.answer, Accepted)]
    if failed:
        raise Refused(
            f"We could not send {len(failed)} of {len(emails)} test emails. We will not try again. The "
            "table shows the reasons."
        )
    if not as_json:
        print_text(send_test_emails.where_test_emails_are(sending_settings()))


def _outcome_document(answer: "Outcome") -> dict[str, str]:
    from newsletter.sending.outcomes import Accepted

    return {
        "answer": OUTCOMES[type(answer).__name__],
        "reason": "" if isinstance(answer, Accepted) else answer.reason,
    }


def send(
    issue: IssueArgument,
    *,
    without_undo: Annotated[
        bool,
        typer.Option(
            "--without-undo",
            help="Start sending now, with no undo window. The command ends when the issue has been sent.",
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Send an approved issue to everyone on its list, after the publication's undo window.

    Until the undo window ends, you can undo this with `newsletter issues unschedule`. With --without-undo,
    this command sends the issue immediately. To stop sending, press Ctrl-C. To continue, run the command again:
    nobody gets an issue twice. In a terminal, the command asks for confirmation first.

    Example: `newsletter issues send 3`
    """
    from newsletter.cli.issue_output import print_warnings
    from newsletter.preflight.demands_when_sent import send_checked
    from newsletter.sending.audience import audience_sentence
    from newsletter.sending.mailing_controls import send_rest
    from newsletter.sending.plan import find_mailing

    found = find_issue(issue)
    mailing = find_mailing(found)
    if mailing is not None:
        send_rest(mailing)
    else:
        audience = audience_sentence(found)
        if not as_json:
            print_warnings(found)
        if not yes and a_person_watches() and not typer.confirm(f"Send {found} to {audience}?"):
            raise Refused("Nothing was sent.")
        send_checked(found, without_undo=without_undo)
        mailing = find_mailing(found)
    if mailing is None:
        _say_when_sent(found, audience, as_json=as_json)
        return
    if mailing.finished_at is None:
        run_mailing(mailing)
        mailing.refresh_from_db()
    print_state(mailing, as_json=as_json)
    sentence = what_is_open(mailing)
    if sentence:
        raise Refused(sentence)


def _say_when_sent(issue: "Issue", audience: str, *, as_json: bool) -> None:
    from newsletter.cli.issue_output import say_schedule
    from newsletter.scheduling.dateline import schedule_of
    from newsletter.scheduling.schedule import describe_time
    from newsletter.sending.saved_not_sent import promise

    undo = f"Until then, you can undo this with `newsletter issues unschedule {issue_full_name(issue)}`."
    schedule = schedule_of(issue)
    when = f"at {describe_time(schedule)}" if schedule else "now"
    say_schedule(issue, promise(f"{issue} will be sent {when} to {audience}. {undo}"), as_json=as_json)


def a_person_watches() -> bool:
    """Return whether somebody at a terminal can answer a question."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def run_mailing(mailing: Mailing) -> None:
    """Send a mailing to its end, or until a signal stops it."""
    from newsletter.sending.engines.local import LocalEngine
    from newsletter.sending.recipient_counts import count_recipients
    from newsletter.stop_signals import stopped_by_signals

    before = count_recipients(mailing)
    with progress(f"Sending {mailing.issue}", before.audience) as advance:
        advance(before.audience - before.open)
        engine = LocalEngine(
            mailing.pk,
            on_progress=lambda delivery: advance(delivery.settled),
            on_wait=lambda sentence: typer.echo(sentence, err=True),
        )
        with stopped_by_signals(engine.stop):
            engine.run()
