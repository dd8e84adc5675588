"""`newsletter issues check`: what the checks before approval find in an issue; an approver can overrule an error."""

from typing import Annotated

import typer

from newsletter.cli.issue_approval import IssueArgument
from newsletter.cli.output import JsonOption, print_json, print_text
from newsletter.errors import Invalid, NotFound
from newsletter.issues.find_publication_or_issue import find_issue, issue_full_name
from newsletter.issues.models import Issue
from newsletter.preflight.finding import Finding, Level
from subscribers.phrases import counted

LENGTH = 8


def check(
    issue: IssueArgument,
    *,
    overruled: Annotated[
        str,
        typer.Option(
            "--overrule",
            metavar="ERROR",
            help="Error to overrule. Give the letters and digits that are shown after the error.",
        ),
    ] = "",
    links: Annotated[
        bool, typer.Option("--links", help="Open the links and pictures first, for at most 10 seconds.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why the error can be ignored.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Check an issue before its approval. The exit code is 1 if there are errors that nobody has overruled.

    Example: `newsletter issues check 3`
    """
    from newsletter.preflight.all_checks import check_now
    from newsletter.preflight.checked_issue import CheckedIssue
    from newsletter.preflight.link_results import ask_unknown, known_in_words
    from newsletter.preflight.run_preflight import run_preflight, with_decisions

    found = find_issue(issue)
    if overruled or reason:
        _overrule(found, overruled, reason)
    if links:
        ask_unknown(CheckedIssue(found))
    run_preflight(found)
    findings = with_decisions(found, check_now(found))
    errors = sum(each.blocks_approval for each in findings)
    if as_json:
        documents = [each.to_dict() | {"id": each.fingerprint[:LENGTH]} for each in findings]
        print_json({"issue": issue_full_name(found), "errors": errors, "findings": documents})
    else:
        for each in findings:
            _print(each)
        print_text(known_in_words(CheckedIssue(found)))
        print_text(_summary(findings, errors))
    if errors:
        raise typer.Exit(1)


def _overrule(issue: Issue, beginning: str, reason: str) -> None:
    from newsletter.preflight.all_checks import check_now
    from newsletter.preflight.overrule_error import overrule

    if not (beginning and reason):
        raise Invalid("Use --overrule ERROR together with --reason TEXT.")
    matching = [each for each in check_now(issue) if each.fingerprint.startswith(beginning)]
    if len(matching) != 1:
        raise NotFound(
            f"The checks did not find the error “{beginning}”. To see what the checks find, run the command "
            "without --overrule."
        )
    overrule(issue, matching[0].fingerprint, reason)


def _print(finding: Finding) -> None:
    label = "overruled" if finding.overruled_because else finding.level.value
    print_text(f"{label:<9} {finding.what}")
    for each in finding.things:
        print_text(f"{'':<9} - {each.title} {each.note}".rstrip())
    if finding.mend:
        print_text(f"{'':<9} → {finding.mend}")
    if finding.overruled_because:
        print_text(
            f"{'':<9} {finding.overruled_by} overruled this error. Reason: {finding.overruled_because}"
        )
    elif finding.level is Level.ERROR:
        print_text(f"{'':<9} To overrule it: --overrule {finding.fingerprint[:LENGTH]} --reason …")


def _summary(findings: list[Finding], errors: int) -> str:
    if not findings:
        return "The checks did not find any problems."
    levels = [each.level for each in findings if not each.overruled_because]
    warnings = counted(levels.count(Level.WARNING), "warning", "warnings")
    said = f"{counted(errors, 'error', 'errors')}, {warnings}."
    return f"{said} The issue cannot be approved." if errors else said
