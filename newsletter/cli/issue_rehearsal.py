"""`newsletter issues rehearse`: build every email of a mailing as it would be sent, and send none."""

from functools import partial
from typing import TYPE_CHECKING

import typer

from newsletter.background_jobs.models import BackgroundJob
from newsletter.cli.issue_approval import IssueArgument
from newsletter.cli.output import JsonOption, print_json, print_rows, print_text, progress
from newsletter.errors import Refused
from newsletter.issues.find_publication_or_issue import find_issue, issue_full_name
from newsletter.issues.models import Issue
from subscribers.wait_by_steady_clock import wait

if TYPE_CHECKING:  # what these need takes longer to import than the help to print
    from newsletter.preflight.rehearsal.rehearsal_results import RehearsalResult

LOOK_AGAIN_SECONDS = 0.5
# Of each kind of problem, at most this many people are printed.
SHOWN = 20


def rehearse(issue: IssueArgument, *, as_json: JsonOption = False) -> None:
    """Build the email to each person in the audience, but do not send any. Show whose email has a problem.

    The exit code is 1 if there is a problem. Ctrl-C cancels the rehearsal.

    Example: `newsletter issues rehearse 3`
    """
    from newsletter.preflight.rehearsal.ask_for_rehearsal import ask_for_rehearsal, cancel_rehearsal
    from newsletter.preflight.rehearsal.rehearsal_results import Stage, latest_rehearsal
    from newsletter.sending.audience import audience_size

    found = find_issue(issue)
    job = ask_for_rehearsal(found)
    try:
        _work_on(job, audience_size(found))
    except KeyboardInterrupt:
        cancel_rehearsal(found)
        raise
    result = latest_rehearsal(found)
    if result.stage is not Stage.DONE:
        raise Refused(result.sentence)
    if as_json:
        print_json(_document(found, result))
    else:
        _print(found, result)
    if result.problems:
        raise typer.Exit(1)


def _work_on(job: BackgroundJob, people: int) -> None:
    """Do the job in this process, or wait for the scheduler that has begun it."""
    from newsletter.background_jobs.run_jobs import run_job_at_once
    from newsletter.preflight.rehearsal.rehearse_emails import rehearse as build_emails

    with progress("Building the emails", people) as advance:
        while not run_job_at_once(job, partial(build_emails, on_people=advance)).has_ended:
            wait(LOOK_AGAIN_SECONDS)


def _print(issue: Issue, result: "RehearsalResult") -> None:
    from newsletter.preflight.rehearsal.rehearsal_results import named_people

    print_text(result.sentence)
    if nameless := result.nameless_words:
        print_text(nameless)
    for each in result.problems:
        print_text("")
        print_text(f"{each.words}. {each.mend}")
        people = named_people(issue, each.kind, at_most=SHOWN).people
        print_rows(("Person", "Problem"), [(one.address, one.sentence) for one in people], empty="")
        if each.count > len(people):
            print_text(f"… and {each.count - len(people):,} more.")


def _document(issue: Issue, result: "RehearsalResult") -> dict[str, object]:
    from newsletter.preflight.rehearsal.rehearsal_results import named_people

    row = result.rehearsal
    assert row is not None
    return {
        "issue": issue_full_name(issue),
        "people": row.people,
        "built": row.built,
        "left_out": row.left_out,
        "without_first_name": row.nameless,
        "largest_html_bytes": row.largest,
        "problems": {each.kind: each.count for each in result.problems},
        "named": [
            {"address": one.address, "problem": each.kind, "sentence": one.sentence}
            for each in result.problems
            for one in named_people(issue, each.kind, at_most=each.count).people
        ],
    }
