"""`newsletter issues …`: compose, show and edit issues."""

from typing import Annotated

import typer

from newsletter.cli.compose_options import (
    AtLeastOption,
    AtMostOption,
    DaysOption,
    EarlierArticlesOption,
    PublicationOption,
    SourceOption,
    TopicOption,
)
from newsletter.cli.issue_edit_options import (
    AddOption,
    AgainOption,
    AltOption,
    BlurbOption,
    DropOption,
    ExcludeOption,
    HeadlineOption,
    LeadOption,
    MoveOption,
    OpeningOption,
    OwnPictureOption,
    PictureOption,
    PinOption,
    PreheaderOption,
    RecomposeOption,
    RestoreOption,
    SectionOption,
    SubjectOption,
    UnpinOption,
)
from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.cli.selection_maxima_options import PerSection, PerSource, PerTopic
from newsletter.issues.find_publication_or_issue import find_issue, find_publication, issue_full_name
from newsletter.issues.models import Issue
from newsletter.issues.selection_rule import overridden, selection_from_json
from newsletter.issues.visible_to_actor import visible

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
    publication: PublicationOption = None,
    *,
    source: SourceOption = None,
    topic: TopicOption = None,
    days: DaysOption = None,
    at_most: AtMostOption = None,
    at_least: AtLeastOption = None,
    at_most_per_source: PerSource = None,
    at_most_per_section: PerSection = None,
    at_most_per_topic: PerTopic = None,
    again: EarlierArticlesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Draft the next issue from the latest articles. If there are too many articles, we take them
    from each source in turn.

    Example: `newsletter issues compose weekly --topic research --at-most 10`
    """
    from newsletter.cli.issue_output import issue_document, item_row, print_left_out, print_warnings
    from newsletter.issues.compose import compose as compose_issue
    from newsletter.issues.item_order import items_to_print

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
        ("Position", "Article", "Section", "Notes", "Headline"),
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
    issues = visible(Issue.objects.select_related("publication").order_by("-composed_at", "-pk"))
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
    from newsletter.cli.issue_output import issue_document, print_issue

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
    from newsletter.cli.issue_output import issue_document
    from newsletter.issues.cancel_issue import cancel_issue

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
        bool, typer.Option("--again", help="Also fetch pictures that we already have or could not use.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Fetch an issue's missing pictures, and show the result for each.

    Example: `newsletter issues pictures 3`
    """
    from newsletter.issues.issue_pictures import fetch_missing_pictures, pictures_of_articles

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


@app.command()
def edit(
    issue: Named,
    *,
    subject: SubjectOption = None,
    preheader: PreheaderOption = None,
    opening: OpeningOption = None,
    again: AgainOption = False,
    recompose: RecomposeOption = False,
    add: AddOption = None,
    restore: RestoreOption = None,
    drop: DropOption = None,
    exclude: ExcludeOption = None,
    pin: PinOption = None,
    unpin: UnpinOption = None,
    section: SectionOption = None,
    lead: LeadOption = None,
    move: MoveOption = None,
    headline: HeadlineOption = None,
    blurb: BlurbOption = None,
    picture: PictureOption = None,
    alt: AltOption = None,
    own_picture: OwnPictureOption = None,
    as_json: JsonOption = False,
) -> None:
    """Edit a draft. If one of the changes is not possible, we do not make any of them. You can use most options
    more than once.

    Example: `newsletter issues edit 3 --lead 12 --drop 15 --headline "17:A better headline"`
    """
    from newsletter.cli.apply_issue_edits import Edits, apply
    from newsletter.cli.issue_output import issue_document, print_issue

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
