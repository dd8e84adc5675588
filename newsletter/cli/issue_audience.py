"""`newsletter issues audience`: show or choose who receives an issue."""

from pathlib import Path
from typing import Annotated

import typer

from newsletter.cli.issues import Named
from newsletter.cli.output import JsonOption, print_json, print_text
from newsletter.errors import Invalid
from newsletter.issues.audience_choice import AudienceChoice, choice_to_json
from newsletter.issues.find_publication_or_issue import find_issue
from newsletter.issues.look_up_audience import choice_for, in_words
from newsletter.issues.models import Issue
from newsletter.issues.pasted_exclusions import PastedText, read_pasted
from subscribers.phrases import counted

Numbers = list[int] | None


def audience(
    issue: Named,
    *,
    segment: Annotated[
        int | None,
        typer.Option(help="Number of the segment that receives the issue. 0 means everybody on the list."),
    ] = None,
    without_segment: Annotated[
        Numbers,
        typer.Option(help="Number of a segment to leave out. You can use this option more than once."),
    ] = None,
    without_issue: Annotated[
        list[str] | None,
        typer.Option(
            help="Number of another issue: leave out people who were sent that issue. You can use this option "
            "more than once."
        ),
    ] = None,
    without_days: Annotated[
        int, typer.Option(min=0, help="Leave out people who were sent an email within this number of days.")
    ] = 0,
    without_file: Annotated[Path | None, typer.Option(help="Text file with addresses to leave out.")] = None,
    as_every_issue: Annotated[
        bool, typer.Option("--as-every-issue", help="Use the publication’s audience again.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show who receives an issue or, with options, choose who receives it. The options replace your earlier choices.

    Example: `newsletter issues audience 3 --segment 2 --without-issue 2`
    """
    # It imports what renders issues, which takes longer than to show the help.
    from newsletter.issues.change_issue_audience import choose_audience

    found = find_issue(issue)
    own = AudienceChoice(
        segment=segment or None,
        without_segments=tuple(without_segment or ()),
        without_issues=tuple(find_issue(each).pk for each in without_issue or ()),
        without_days=without_days,
    )
    pasted = PastedText(()) if without_file is None else read_pasted(without_file.read_text(encoding="utf-8"))
    chooses = segment is not None or not own.is_everybody or bool(pasted.keys)
    if as_every_issue and chooses:
        raise Invalid("Use either --as-every-issue or the other options, not both.")
    if as_every_issue:
        choose_audience(found, None)
    elif chooses:
        choose_audience(found, own, pasted=pasted)
    found.refresh_from_db()
    _print(found, as_json=as_json)


def _print(issue: Issue, *, as_json: bool) -> None:
    # It imports the transports, which takes longer than most commands run.
    from newsletter.sending.audience import audience_size
    from newsletter.sending.left_out_by_basis import sentences_about_bases

    choice, people = choice_for(issue), audience_size(issue)
    words, left_out = in_words(choice, issue.publication), sentences_about_bases(issue)
    if as_json:
        is_own = issue.audience is not None
        print_json(
            {
                "people": people,
                "words": words,
                "own": is_own,
                "audience": choice_to_json(choice),
                "left_out": left_out,
            }
        )
        return
    print_text(f"If {issue} were sent now, it would go to {counted(people, 'person', 'people')}: {words}.")
    for sentence in left_out:
        print_text(sentence)
