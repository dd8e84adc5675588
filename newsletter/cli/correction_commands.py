"""`newsletter corrections …`: correct articles that were sent, and email serious corrections to those who got them."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.articles.models import Correction
from newsletter.cli.output import JsonOption, print_fields, print_json, print_rows, print_text
from newsletter.errors import Invalid, Refused
from newsletter.issues.find_publication_or_issue import find_publication
from subscribers.phrases import counted

if TYPE_CHECKING:
    from newsletter.corrections.models import CorrectionNotice
    from newsletter.corrections.readers import Absence
    from newsletter.issues.models import Publication

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
        help="Slug of the publication. Not needed if there is only one.",
    ),
]


@app.command("list")
def list_(publication: PublicationOption = None, as_json: JsonOption = False) -> None:
    """List the corrections to articles that a publication has sent, latest first.

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
            "--left-out", metavar="REASON", help="Name the people who are left out for this reason."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show how many people who received the article would get an email about the correction, and who would not.

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


@app.command()
def approve(
    number: NumberArgument,
    *,
    publication: PublicationOption = None,
    reason: Annotated[
        str,
        typer.Option("--reason", metavar="TEXT", help="Why errors that the checks find can be ignored."),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Check and approve the email about a serious correction. Only this version can be sent.

    Example: `newsletter corrections approve 3`
    """
    from newsletter.corrections.approve_notice import render_notice
    from newsletter.issues.correct_article import found_correction
    from newsletter.preflight.approve_correction_email import approve_checked_notice

    where = find_publication(publication)
    seen = render_notice(found_correction(number), where).digest
    notice = approve_checked_notice(number, where, seen=seen, overruled_because=reason)
    _print_notice(notice, "The email was approved. Only this version can be sent.", as_json=as_json)


@app.command("withdraw-approval")
def withdraw_approval(
    number: NumberArgument, *, publication: PublicationOption = None, as_json: JsonOption = False
) -> None:
    """Withdraw the approval of an email about a correction that is not being sent yet.

    Example: `newsletter corrections withdraw-approval 3`
    """
    from newsletter.corrections.approve_notice import withdraw_notice

    withdraw_notice(_notice(number, publication))
    if as_json:
        print_json({"correction": number})
    else:
        print_text("The approval was withdrawn.")


@app.command()
def send(
    number: NumberArgument,
    *,
    publication: PublicationOption = None,
    without_undo: Annotated[
        bool,
        typer.Option(
            "--without-undo",
            help="Start sending now, with no undo window. The command ends when the email has been sent.",
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Send the approved email about a correction to everyone who received the article, and to nobody else.

    Until the undo window ends, you can undo this with `newsletter corrections undo`. With --without-undo, this command
    sends the email immediately. If the command stops, run it again to continue.

    Example: `newsletter corrections send 3`
    """
    from newsletter.cli.issue_sending import a_person_watches
    from newsletter.corrections.models import CorrectionNotice
    from newsletter.corrections.readers import CorrectionReaders
    from newsletter.corrections.send_notice import plan_notice, send_notice

    notice = _notice(number, publication)
    if notice.state in {CorrectionNotice.State.APPROVED, CorrectionNotice.State.BLOCKED}:
        people = counted(CorrectionReaders(notice.correction, notice.publication).count(), "person", "people")
        if not yes and a_person_watches() and not typer.confirm(f"Send the correction to {people}?"):
            raise Refused("Nothing was sent.")
        notice = send_notice(notice, without_undo=without_undo)
    elif without_undo:
        notice = plan_notice(notice)
    if notice.planned_at is None:
        _print_notice(
            notice,
            f"The email will be sent at {notice.due_at:%H:%M} UTC. Until then, you can undo this with "
            f"`newsletter corrections undo {number}`.",
            as_json=as_json,
        )
        return
    _send_mailings(notice, as_json=as_json)


@app.command()
def undo(
    number: NumberArgument, *, publication: PublicationOption = None, as_json: JsonOption = False
) -> None:
    """Undo “send” during the undo window. The email remains approved.

    Example: `newsletter corrections undo 3`
    """
    from newsletter.corrections.send_notice import undo_send

    notice = _notice(number, publication)
    undo_send(notice)
    notice.refresh_from_db()
    _print_notice(notice, "The email will not be sent. It is still approved.", as_json=as_json)


def _send_mailings(notice: "CorrectionNotice", *, as_json: bool) -> None:
    from newsletter.cli.issue_sending import print_state, run_mailing, state_document, what_is_open
    from newsletter.corrections.send_notice import mailings_of

    mailings = mailings_of(notice)
    for mailing in mailings:
        if mailing.finished_at is None:
            run_mailing(mailing)
            mailing.refresh_from_db()
    if as_json:
        print_json(_notice_document(notice) | {"mailings": [state_document(each) for each in mailings]})
    for mailing in mailings:
        if not as_json:
            print_state(mailing, as_json=False)
        if sentence := what_is_open(mailing):
            raise Refused(sentence)


def _notice(number: int, publication: str | None) -> "CorrectionNotice":
    from newsletter.corrections.approve_notice import found_notice
    from newsletter.issues.correct_article import found_correction

    where: Publication = find_publication(publication)
    return found_notice(found_correction(number), where)


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


def _notice_document(notice: "CorrectionNotice") -> dict[str, Any]:
    names = (
        "state",
        "digest",
        "approved_by",
        "approved_at",
        "due_at",
        "planned_at",
        "left_out",
        "blocked_reason",
    )
    return {"correction": notice.correction_id, "publication": notice.publication.slug} | {
        name: getattr(notice, name) for name in names
    }


def _print_notice(notice: "CorrectionNotice", sentence: str, *, as_json: bool) -> None:
    if as_json:
        print_json(_notice_document(notice))
    else:
        print_text(sentence)
