"""`newsletter issues …`: compose, show and edit issues."""

from typing import Annotated

import typer

from newsletter.cli.issue_edit_options import Edits, apply
from newsletter.cli.issue_output import (
    issue_document,
    item_row,
    print_issue,
    print_left_out,
    print_warnings,
)
from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.cli.selection_maxima import PerSection, PerSource, PerTopic
from newsletter.issues.cancel_issue import cancel_issue
from newsletter.issues.compose import compose as compose_issue
from newsletter.issues.find_by_name import find_issue, find_publication, issue_full_name
from newsletter.issues.issue_pictures import fetch_missing_pictures, pictures_of_articles
from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import Issue
from newsletter.issues.selection_rule import overridden, selection_from_json

app = typer.Typer(no_args_is_help=True, help="Compose, show and edit issues.")

Named = Annotated[
    str,
    typer.Argument(
        metavar="ISSUE",
        help=(
            "Number of the issue, such as 3. If you have more than one publication, add its slug, as "
            "in weekly/3."
        ),
    ),
]


@app.command()
def compose(
    publication: Annotated[
        str | None,
        typer.Argument(
            metavar="[PUBLICATION]",
            help="Short name (slug) of the publication. You can leave it out if you have only one.",
        ),
    ] = None,
    *,
    source: Annotated[
        list[str] | None,
        typer.Option(help="Include only articles from this source. You can use this option more than once."),
    ] = None,
    topic: Annotated[
        list[str] | None,
        typer.Option(help="Include only articles on this topic. You can use this option more than once."),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(
            help="Include articles from this many days, instead of all articles since the last issue."
        ),
    ] = None,
    at_most: Annotated[int | None, typer.Option(help="Maximum number of articles to include.")] = None,
    at_least: Annotated[
        int | None, typer.Option(help="Do not create an issue if there are fewer articles than this.")
    ] = None,
    at_most_per_source: PerSource = None,
    at_most_per_section: PerSection = None,
    at_most_per_topic: PerTopic = None,
    again: Annotated[
        bool, typer.Option("--again", help="Also include articles that have been in an earlier issue.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Draft the next issue from the latest articles. If there are too many, sources take turns.

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
        at_most_per_source=at_most_per_source,
        at_most_per_section=at_most_per_section,
        at_most_per_topic=at_most_per_topic,
    )
    issue = compose_issue(title, selection=selection, again=again)
    if as_json:
        print_json(issue_document(issue))
        return
    items = items_to_print(issue)
    print_text(f"Drafted issue {issue.number} of {title.name}: {issue.subject}")
    print_rows(
        ("Position", "Article", "Section", "Marks", "Headline"),
        map(item_row, items),
        empty="This issue has no articles.",
    )
    print_left_out(issue)
    print_warnings(issue)


@app.command("list")
def list_issues(
    publication: Annotated[
        str | None,
        typer.Argument(
            metavar="[PUBLICATION]",
            help=(
                "Short name (slug) of the publication. If left out, the issues of all publications are "
                "listed."
            ),
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List all issues, newest first.

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
        empty="You have no issues yet. To draft one, run `newsletter issues compose`.",
    )


@app.command()
def show(issue: Named, as_json: JsonOption = False) -> None:
    """Show an issue with its articles in order, and the articles that were left out.

    Example: `newsletter issues show 3`
    """
    found = find_issue(issue)
    if as_json:
        print_json(issue_document(found))
    else:
        print_issue(found)


@app.command()
def cancel(issue: Named, as_json: JsonOption = False) -> None:
    """Cancel an issue. Its articles become available to other issues, and its number is not used again.

    Example: `newsletter issues cancel 3`
    """
    found = find_issue(issue)
    cancel_issue(found)
    if as_json:
        print_json(issue_document(found))
    else:
        print_text(f"Cancelled issue {found.number} of {found.publication.name}.")


@app.command()
def pictures(
    issue: Named,
    *,
    again: Annotated[
        bool, typer.Option("--again", help="Also fetch the pictures that we have, or could not use.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Fetch the pictures of an issue that are missing, and show what became of each.

    Example: `newsletter issues pictures 3`
    """
    found = find_issue(issue)
    fetch_missing_pictures(found, again=again)
    rows = [
        (each.article, each.state.label, each.reason, each.headline) for each in pictures_of_articles(found)
    ]
    if as_json:
        names = ("article", "state", "reason", "headline")
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        print_rows(("Article", "Picture", "Why", "Headline"), rows, empty="This issue has no pictures.")


Articles = list[int] | None
Texts = list[str] | None


@app.command()
def edit(
    issue: Named,
    *,
    subject: Annotated[
        str | None, typer.Option(help="New subject. If empty, a subject is suggested.")
    ] = None,
    preheader: Annotated[
        str | None,
        typer.Option(help="New preheader, which inboxes show after the subject. If empty, one is suggested."),
    ] = None,
    opening: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="File with the introduction in Markdown. Use - for standard input."
        ),
    ] = None,
    again: Annotated[
        bool,
        typer.Option("--again", help="Use with --add to add an article that is already in another issue."),
    ] = False,
    recompose: Annotated[
        bool, typer.Option("--recompose", help="Choose the articles again before making other changes.")
    ] = False,
    add: Annotated[
        Articles, typer.Option(metavar="ARTICLE", help="Add the article with this number.")
    ] = None,
    restore: Annotated[
        Articles,
        typer.Option(metavar="ARTICLE", help="Put back an article that was removed from this issue."),
    ] = None,
    drop: Annotated[
        Articles, typer.Option(metavar="ARTICLE", help="Remove an article from this issue.")
    ] = None,
    exclude: Annotated[
        Articles, typer.Option(metavar="ARTICLE", help="Remove an article, and never use it in any issue.")
    ] = None,
    pin: Annotated[
        Articles,
        typer.Option(
            metavar="ARTICLE", help="Keep an article in this issue even if the articles are chosen again."
        ),
    ] = None,
    unpin: Annotated[
        Articles,
        typer.Option(metavar="ARTICLE", help="Let an article be replaced if the articles are chosen again."),
    ] = None,
    section: Annotated[
        Texts, typer.Option(metavar="ARTICLE:NAME", help="Show an article in this section.")
    ] = None,
    lead: Annotated[
        int | None, typer.Option(metavar="ARTICLE", help="Make an article the lead article.")
    ] = None,
    move: Annotated[
        Texts, typer.Option(metavar="ARTICLE:PLACE", help="Move an article to a position. Count from 1.")
    ] = None,
    headline: Annotated[
        Texts,
        typer.Option(metavar="ARTICLE:TEXT", help="Change an article’s headline in this issue."),
    ] = None,
    blurb: Annotated[
        Texts, typer.Option(metavar="ARTICLE:TEXT", help="Change an article’s summary (blurb) in this issue.")
    ] = None,
    picture: Annotated[
        Texts,
        typer.Option(
            metavar="ARTICLE:FILE", help="Give an article your own picture in this issue. This needs --alt."
        ),
    ] = None,
    alt: Annotated[
        Texts,
        typer.Option(metavar="ARTICLE:TEXT", help="Describe your picture, for readers who cannot see it."),
    ] = None,
    own_picture: Annotated[
        Articles, typer.Option(metavar="ARTICLE", help="Show an article's own picture again.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Edit a draft. If one of the changes is not possible, none of them is made. You can use most options
    more than once.

    Example: `newsletter issues edit 3 --lead 12 --drop 15 --headline "17:A better headline"`
    """
    found = find_issue(issue)
    edits = Edits(
        recompose=recompose, again=again, add=add, restore=restore, drop=drop, exclude=exclude,
        pin=pin, unpin=unpin, section=section, lead=lead, move=move, headline=headline, blurb=blurb,
        subject=subject, preheader=preheader, opening=opening, picture=picture, alt=alt, own_picture=own_picture,
    )  # fmt: skip
    apply(found, edits)
    if as_json:
        print_json(issue_document(found))
    else:
        print_issue(found)
