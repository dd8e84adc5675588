"""`newsletter issues …`: compose, look at and edit issues."""

from typing import Annotated

import typer

from newsletter.cli.issue_edits import Edits, apply
from newsletter.cli.issue_output import issue_document, item_row, print_issue
from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.issues.cancel_issue import cancel_issue
from newsletter.issues.compose import compose as compose_issue
from newsletter.issues.find_by_name import find_issue, find_publication, issue_full_name
from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import Issue
from newsletter.issues.selection_rule import overridden, selection_from_json

app = typer.Typer(no_args_is_help=True, help="Compose, look at and edit issues.")

Named = Annotated[
    str, typer.Argument(metavar="ISSUE", help="Number, or publication/number where there are several.")
]


@app.command()
def compose(
    publication: Annotated[
        str | None, typer.Argument(metavar="[PUBLICATION]", help="Slug; may be left out if there is one.")
    ] = None,
    *,
    source: Annotated[list[str] | None, typer.Option(help="Only from this source; may be repeated.")] = None,
    topic: Annotated[list[str] | None, typer.Option(help="Only on this topic; may be repeated.")] = None,
    days: Annotated[int | None, typer.Option(help="From so many days, not since the last issue.")] = None,
    at_most: Annotated[int | None, typer.Option(help="Take at most so many articles.")] = None,
    at_least: Annotated[int | None, typer.Option(help="Make no issue of fewer articles.")] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Take articles that earlier issues carried, too.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Draft the next issue from the latest articles.

    Example: `newsletter issues compose weekly --topic research --at-most 10`
    """
    title = find_publication(publication)
    selection = overridden(
        selection_from_json(title.selection),
        sources=source or (),
        topics=topic or (),
        days=days,
        at_most=at_most,
        at_least=at_least,
    )
    issue = compose_issue(title, selection=selection, again=again)
    if as_json:
        print_json(issue_document(issue))
        return
    items = items_to_print(issue)
    print_text(f"Drafted issue {issue.number} of {title.name}: {issue.subject}")
    print_rows(
        ("Place", "Article", "Section", "Marks", "Headline"), map(item_row, items), empty="No articles."
    )


@app.command("list")
def list_issues(
    publication: Annotated[
        str | None, typer.Argument(metavar="[PUBLICATION]", help="Slug; left out: of all publications.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """All issues, the newest first.

    Example: `newsletter issues list weekly`
    """
    issues = Issue.objects.select_related("publication").order_by("-composed_at", "-pk")
    if publication is not None:
        issues = issues.filter(publication=find_publication(publication))
    rows = [(issue_full_name(issue), issue.state, issue.composed_at, issue.subject) for issue in issues]
    names = ("issue", "state", "composed_at", "subject")
    if as_json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    print_rows(
        ("Issue", "State", "Composed", "Subject"),
        ((path, state, f"{at:%Y-%m-%d %H:%M} UTC", subject) for path, state, at, subject in rows),
        empty="No issues yet. `newsletter issues compose` drafts one.",
    )


@app.command()
def show(issue: Named, as_json: JsonOption = False) -> None:
    """An issue with its articles in order, and what was left out of it.

    Example: `newsletter issues show 3`
    """
    found = find_issue(issue)
    if as_json:
        print_json(issue_document(found))
    else:
        print_issue(found)


@app.command()
def cancel(issue: Named, as_json: JsonOption = False) -> None:
    """Give an issue up: its articles are free for others, its number stays used.

    Example: `newsletter issues cancel 3`
    """
    found = find_issue(issue)
    cancel_issue(found)
    if as_json:
        print_json(issue_document(found))
    else:
        print_text(f"Cancelled issue {found.number} of {found.publication.name}.")


Articles = list[int] | None
Texts = list[str] | None


@app.command()
def edit(
    issue: Named,
    *,
    subject: Annotated[str | None, typer.Option(help="Subject; empty: suggest one.")] = None,
    preheader: Annotated[
        str | None, typer.Option(help="Text after the subject in an inbox; empty: suggest one.")
    ] = None,
    opening: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Opening letter in Markdown from a file, or - for what is piped in."
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Add even what another issue carries.")] = False,
    recompose: Annotated[bool, typer.Option("--recompose", help="Choose the articles again, first.")] = False,
    add: Annotated[Articles, typer.Option(metavar="ARTICLE", help="Put an article in.")] = None,
    restore: Annotated[
        Articles, typer.Option(metavar="ARTICLE", help="Print a dropped article after all.")
    ] = None,
    drop: Annotated[
        Articles, typer.Option(metavar="ARTICLE", help="Leave an article out of this issue.")
    ] = None,
    exclude: Annotated[
        Articles, typer.Option(metavar="ARTICLE", help="Leave it out of the e-news for good.")
    ] = None,
    pin: Annotated[Articles, typer.Option(metavar="ARTICLE", help="Keep it when composing again.")] = None,
    unpin: Annotated[Articles, typer.Option(metavar="ARTICLE", help="Let it give way again.")] = None,
    section: Annotated[Texts, typer.Option(metavar="ARTICLE:NAME", help="Print it in this section.")] = None,
    lead: Annotated[int | None, typer.Option(metavar="ARTICLE", help="Put it first.")] = None,
    move: Annotated[
        Texts, typer.Option(metavar="ARTICLE:PLACE", help="Move it; places count from 1.")
    ] = None,
    headline: Annotated[
        Texts, typer.Option(metavar="ARTICLE:TEXT", help="Headline for this issue only.")
    ] = None,
    blurb: Annotated[Texts, typer.Option(metavar="ARTICLE:TEXT", help="Text for this issue only.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Change a draft: all of what is asked, or nothing if any of it is refused. Options may be repeated.

    Example: `newsletter issues edit 3 --lead 12 --drop 15 --headline "17:A better headline"`
    """
    found = find_issue(issue)
    edits = Edits(
        recompose=recompose, again=again, add=add, restore=restore, drop=drop, exclude=exclude,
        pin=pin, unpin=unpin, section=section, lead=lead, move=move, headline=headline, blurb=blurb,
        subject=subject, preheader=preheader, opening=opening,
    )  # fmt: skip
    apply(found, edits)
    if as_json:
        print_json(issue_document(found))
    else:
        print_issue(found)
