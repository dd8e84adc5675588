"""`newsletter issues correct-page|withdraw-page|undo-page-change`: change the web page of an issue that was sent."""

from typing import Annotated

import typer

from newsletter.cli.issue_approval import IssueArgument
from newsletter.cli.output import JsonOption, print_json, print_text
from newsletter.errors import Invalid
from newsletter.issues.find_publication_or_issue import find_issue
from newsletter.sending.web_page_models import WebPageChange


def correct_page(
    issue: IssueArgument,
    *,
    note: Annotated[str, typer.Option(metavar="TEXT", help="What was wrong, in a sentence for readers.")],
    replace: Annotated[str, typer.Option(metavar="WORDS", help="Words on the page that are wrong.")] = "",
    by: Annotated[str, typer.Option("--with", metavar="WORDS", help="Words to replace them with.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Correct the web page of an issue that was sent. A dated note above the page explains the correction.
    This does not affect the email that was sent.

    Example: `newsletter issues correct-page 3 --note "The walk is on 12 June." --replace "12 July" --with "12 June"`
    """
    from newsletter.sending.web_page_changes import correct_web_page

    found = find_issue(issue)
    change = correct_web_page(found, note, old=replace, new=by)
    _say(change, f"The web page of {found} was corrected: {_address(change)}", as_json=as_json)


def withdraw_page(
    issue: IssueArgument,
    *,
    why: Annotated[str, typer.Option(metavar="TEXT", help="The reason, in a sentence for readers.")],
    as_json: JsonOption = False,
) -> None:
    """Withdraw the web page of an issue that was sent. The page then only gives the reason. The list of issues,
    the feeds and the sitemap no longer include the issue.

    Example: `newsletter issues withdraw-page 3 --why "A person in it asked us to remove their story."`
    """
    from newsletter.sending.web_page_changes import withdraw_web_page

    found = find_issue(issue)
    change = withdraw_web_page(found, why)
    _say(change, f"The web page of {found} was withdrawn: {_address(change)}", as_json=as_json)


def undo_page_change(
    issue: IssueArgument,
    *,
    change: Annotated[
        int | None, typer.Option(help="Number of the change. If left out, the latest change is undone.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Undo the correction or withdrawal of an issue's web page.

    Example: `newsletter issues undo-page-change 3`
    """
    from newsletter.sending.web_page_changes import changes_of, undo_web_page_change

    found = find_issue(issue)
    last = changes_of(found).filter(undone_at=None).last()
    number = change if change is not None else (last.pk if last else None)
    if number is None:
        raise Invalid(f"The web page of {found} was not changed, so there is nothing to undo.")
    undone = undo_web_page_change(found, number)
    _say(undone, f"The change to the web page of {found} was undone: {_address(undone)}", as_json=as_json)


def _address(change: WebPageChange) -> str:
    from newsletter.issues.page_urls import read_online_url

    return read_online_url(change.issue.publication, change.issue.number)


def _say(change: WebPageChange, sentence: str, *, as_json: bool) -> None:
    if as_json:
        names = ("kind", "note", "old_text", "new_text", "changed_by", "changed_at", "undone_by", "undone_at")
        facts = {name: getattr(change, name) for name in names}
        print_json({"change": change.pk, "url": _address(change), **facts})
    else:
        print_text(sentence)
