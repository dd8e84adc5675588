"""`newsletter corrections …`: correct articles that were sent. See correction_email_commands.py for their emails."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.articles.models import Correction
from newsletter.cli.output import JsonOption, print_fields, print_json, print_rows, print_text
from newsletter.errors import Invalid
from newsletter.issues.find_publication_or_issue import find_publication

if TYPE_CHECKING:
    from newsletter.corrections.readers import Absence

app = typer.Typer(
    no_args_is_help=True,
    help="Correct articles that were sent, and email serious corrections to their readers.",
)
NumberArgument = Annotated[
    int,
    typer.Argument(
        help="Number of the correction. To see the numbers, run `newsletter corrections list`.", metavar="ID"
    ),
]
PublicationOption = Annotated[
    str | None,
    typer.Option(
        "--publication",
        help="Short name (slug) of the publication. You can leave it out if you have only one.",
    ),
]


@app.command("list")
def list_(publication: PublicationOption = None, as_json: JsonOption = False) -> None:
    """List the corrections to articles that a publication has sent, newest first.

    Example: `newsletter corrections list`
    """
    from newsletter.issues.article_corrections import corrections_of_publication

    found = list(corrections_of_publication(find_publication(publication)))
    if as_json:
        print_json([_document(each) for each in found])
        return
    print_rows(
        ("ID", "Day", "Severity", "Article", "What is correct"),
        (
            (each.pk, each.corrected_on, each.get_severity_display(), each.article.title, each.text)
            for each in found
        ),
        empty="There are no corrections.",
    )


@app.command()
def make(
    article: Annotated[int, typer.Argument(help="Number of the article.", metavar="ARTICLE")],
    *,
    right: Annotated[str, typer.Option(metavar="TEXT", help="What is correct, in a sentence for readers.")],
    said: Annotated[str, typer.Option(metavar="TEXT", help="What the article said.")] = "",
    why: Annotated[str, typer.Option(metavar="TEXT", help="Why this happened.")] = "",
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First day on which the article was wrong."),
    ] = None,
    severity: Annotated[
        Correction.Severity, typer.Option(help="How serious the mistake is.")
    ] = Correction.Severity.SIGNIFICANT,
    as_json: JsonOption = False,
) -> None:
    """Correct an article that was sent. Readers see the correction on the web at once, and in the next issue.

    Example: `newsletter corrections make 7 --right "It was 12, not 21." --severity serious`
    """
    from newsletter.issues.correct_article import CorrectionText
    from newsletter.preflight.correct_article import correct_article

    day: date | None = since.date() if since else None
    text = CorrectionText(right=right, said=said, why=why, wrong_since=day, severity=severity)
    made = correct_article(article, text)
    if as_json:
        print_json(_document(made))
    else:
        print_text(
            f"Correction {made.pk} was published. The next issue will tell readers about it. "
            f"{_how_to_email(made)}".strip()
        )


@app.command()
def change(
    number: NumberArgument,
    *,
    right: Annotated[str | None, typer.Option(metavar="TEXT", help="What is correct.")] = None,
    said: Annotated[str | None, typer.Option(metavar="TEXT", help="What the article said.")] = None,
    why: Annotated[str | None, typer.Option(metavar="TEXT", help="Why this happened.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First day on which the article was wrong."),
    ] = None,
    severity: Annotated[Correction.Severity | None, typer.Option(help="How serious the mistake is.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Change what a correction says. Options that you leave out stay the same.

    You can no longer do this after an email that contains the correction has been approved.

    Example: `newsletter corrections change 3 --right "It was 12, not 21."`
    """
    from newsletter.issues.correct_article import CorrectionText, found_correction
    from newsletter.preflight.correct_article import reword_correction

    now = found_correction(number)
    text = CorrectionText(
        right=now.text if right is None else right,
        said=now.said if said is None else said,
        why=now.why if why is None else why,
        wrong_since=since.date() if since else now.wrong_since,
        severity=severity or now.severity,
    )
    changed = reword_correction(number, text)
    if as_json:
        print_json(_document(changed))
    else:
        print_text("The correction was changed.")


@app.command()
def remove(number: NumberArgument, as_json: JsonOption = False) -> None:
    """Remove a correction that has not been sent to any readers.

    Example: `newsletter corrections remove 3`
    """
    from newsletter.issues.correct_article import remove_correction

    article = remove_correction(number)
    if as_json:
        print_json({"article": article.pk})
    else:
        print_text("The correction was removed.")


@app.command()
def readers(
    number: NumberArgument,
    *,
    publication: PublicationOption = None,
    left_out: Annotated[
        str | None,
        typer.Option(
            "--left-out",
            metavar="REASON",
            help="List the people who are left out for this reason, such as “unsubscribed”.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show how many of the people who received the article would get an email about the correction.

    Example: `newsletter corrections readers 3 --left-out unsubscribed`
    """
    from newsletter.corrections.readers import CorrectionReaders
    from newsletter.issues.correct_article import found_correction

    found = CorrectionReaders(found_correction(number), find_publication(publication))
    if left_out is not None:
        _print_left_out(found.people_left_out(_reason(left_out), at_most=100_000).people, as_json=as_json)
        return
    reasons = found.left_out()
    facts: dict[str, Any] = {"receive": found.count(), "received": found.count_through_others()}
    if as_json:
        print_json(facts | {"left_out": {str(reason): count for reason, count in reasons.items()}})
        return
    print_fields(
        {"will get the email": facts["receive"], "already have it": facts["received"]}
        | {reason.label.lower(): count for reason, count in reasons.items()}
    )


def _reason(text: str) -> "Absence":
    from newsletter.corrections.readers import Absence

    try:
        return Absence(text)
    except ValueError:
        raise Invalid(f"“{text}” is not a reason. Choose one of these: {', '.join(Absence)}.") from None


def _print_left_out(people: Any, *, as_json: bool) -> None:
    rows = [(each.subscriber, each.name, each.address) for each in people]
    if as_json:
        print_json([dict(zip(("subscriber", "name", "address"), row, strict=True)) for row in rows])
        return
    print_rows(("Person", "Name", "Address"), rows, empty="Nobody is left out for this reason.")


def _how_to_email(correction: Correction) -> str:
    if correction.severity != Correction.Severity.SERIOUS:
        return ""
    return (
        "To email it to everyone who received the article, run "
        f"`newsletter corrections approve {correction.pk}`."
    )


def _document(correction: Correction) -> dict[str, Any]:
    names = ("corrected_on", "said", "text", "why", "wrong_since", "severity", "made_at", "made_by")
    return {"correction": correction.pk, "article": correction.article_id} | {
        name: getattr(correction, name) for name in names
    }
