"""`newsletter articles cite`, `review` and `reviews-due`: what articles rest on, and when they need another look."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any

import typer
from django.utils import timezone

from newsletter.cli.article_commands import NumberArgument
from newsletter.cli.output import JsonOption, print_fields, print_json, print_rows, print_text
from newsletter.errors import Invalid

YEAR = 366


def cite(
    number: NumberArgument,
    identifier: Annotated[
        str,
        typer.Argument(help="DOI, PubMed number, ISBN, arXiv number or web address.", metavar="IDENTIFIER"),
    ],
    *,
    kind: Annotated[
        str, typer.Option(help="Kind of reference: study, report, guideline, response or retraction.")
    ] = "study",
    title: Annotated[
        str,
        typer.Option(
            help="Title of the reference. If you leave it out, we look up the details by DOI or arXiv number."
        ),
    ] = "",
    author: Annotated[
        list[str] | None,
        typer.Option(help="An author, such as “Sun, Yu”. You can use this option more than once."),
    ] = None,
    journal: Annotated[str, typer.Option(help="The journal or website.")] = "",
    year: Annotated[str, typer.Option(help="The year of publication.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Add a reference to an article.

    Example: `newsletter articles cite 12 10.1038/nm.2890`
    """
    from newsletter.articles.references.look_up_doi import look_up
    from newsletter.articles.references.reference_form import (
        ReferenceFields,
        checked_identifier,
        fields_of_csl,
    )
    from newsletter.issues.change_references import add_reference

    found = checked_identifier(identifier)
    if title:
        fields = ReferenceFields(
            kind=kind,
            identifier=identifier,
            title=title,
            authors="\n".join(author or ()),
            container=journal,
            year=year,
        )
    elif found.doi:
        fields = fields_of_csl(kind, look_up(found.doi), identifier=identifier)
    else:
        raise Invalid("We can only look up DOIs and arXiv numbers. For any other reference, use --title.")
    reference = add_reference(number, fields)
    document = {
        "id": reference.pk,
        "kind": reference.kind,
        "citation": reference.citation,
        "link": reference.link,
    }
    if as_json:
        print_json(document)
    else:
        print_text(f"Added: {reference.citation}")


def review(
    number: NumberArgument,
    *,
    on: Annotated[
        datetime | None, typer.Option(help="The date of the last review.", formats=["%Y-%m-%d"])
    ] = None,
    due: Annotated[
        datetime | None, typer.Option(help="The date of the next review.", formats=["%Y-%m-%d"])
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show or record when an article was last reviewed, and when the next review is due.

    Example: `newsletter articles review 12 --on 2026-11-09 --due 2027-11-09`
    """
    from newsletter.articles.find_articles import find_article
    from newsletter.issues.article_reviews import record_review, review_of

    article = find_article(number)
    now = review_of(article)
    if on or due:
        record_review(number, reviewed_on=_day(on, now.reviewed_on), due_on=_day(due, now.due_on))
        now = review_of(article)
    document: dict[str, Any] = {
        "id": article.pk,
        "title": article.title,
        "reviewed_on": now.reviewed_on,
        "due_on": now.due_on,
    }
    if as_json:
        print_json(document)
    else:
        print_fields(
            {name.replace("_", " ").capitalize(): str(text or "–") for name, text in document.items()}
        )


def reviews_due(
    publication: Annotated[
        str | None,
        typer.Argument(
            help="Short name (slug) of the publication. You can leave it out if you have only one."
        ),
    ] = None,
    *,
    days: Annotated[int, typer.Option(help="Number of days to look ahead.", min=0, max=3_660)] = YEAR,
    as_json: JsonOption = False,
) -> None:
    """List the articles in a publication’s issues that need a review soon, or whose review is overdue.

    Example: `newsletter articles reviews-due weekly --days 90`
    """
    from newsletter.issues.article_reviews import due_reviews
    from newsletter.issues.find_publication_or_issue import find_publication

    found = find_publication(publication)
    today = timezone.localdate(timezone.now(), found.tzinfo)
    due = due_reviews(found, until=today + timedelta(days=days))
    if as_json:
        print_json(
            [
                {
                    "id": each.article,
                    "title": each.title,
                    "due_on": each.due_on,
                    "reviewed_on": each.reviewed_on,
                    "overdue": each.due_on < today,
                }
                for each in due
            ]
        )
        return
    rows = [
        (
            str(each.article),
            each.due_on.isoformat(),
            "overdue" if each.due_on < today else "",
            each.title,
        )
        for each in due
    ]
    print_rows(("ID", "Due", "", "Title"), rows, empty="No reviews are due.")


def _day(moment: datetime | None, otherwise: date | None) -> date | None:
    return moment.date() if moment else otherwise
