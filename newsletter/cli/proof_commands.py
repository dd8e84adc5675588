"""`newsletter proof …`: links for reviewers without an account, and what reviewers commented on and signed."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.cli.issue_approval import IssueArgument
from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.issues.find_publication_or_issue import find_issue
from subscribers.phrases import counted, shortened

if TYPE_CHECKING:
    from newsletter.proof.models import ProofComment, ProofLink

app = typer.Typer(
    no_args_is_help=True,
    help="Let people without an account review an issue, and read their comments and signatures.",
)
USUAL_DAYS = 7
LONGEST_SHOWN = 80
LinkArgument = Annotated[
    int,
    typer.Argument(
        help="Number of the link. To see the numbers, run `newsletter proof links`.", metavar="LINK"
    ),
]
CommentArgument = Annotated[
    int,
    typer.Argument(
        help="Number of the comment. To see the numbers, run `newsletter proof comments`.", metavar="COMMENT"
    ),
]


@app.command()
def comments(
    issue: IssueArgument,
    *,
    resolved: Annotated[bool, typer.Option("--all", help="Also list comments that are resolved.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the open comments on an issue, with the words that reviewers suggest.

    Example: `newsletter proof comments 3`
    """
    from newsletter.proof.comments import comments_on

    found = [each for each in comments_on(find_issue(issue)) if resolved or each.resolved_at is None]
    if as_json:
        print_json([_comment(each) for each in found])
        return
    print_rows(
        ("ID", "State", "By", "About", "Comment"),
        ((each.pk, _state(each), each.author_name, each.part_title, _said(each)) for each in found),
        empty="There are no comments." if resolved else "There are no open comments.",
    )


@app.command()
def resolve(
    issue: IssueArgument,
    comment: CommentArgument,
    *,
    reopen: Annotated[bool, typer.Option("--reopen", help="Open the comment again.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Resolve a comment with its replies, or open it again.

    Example: `newsletter proof resolve 3 12`
    """
    from newsletter.proof.comments import resolve as resolve_comment

    row = resolve_comment(find_issue(issue), comment, is_resolved=not reopen)
    _print(
        _comment(row),
        "The comment is open again." if reopen else "The comment was resolved.",
        as_json=as_json,
    )


@app.command()
def use(issue: IssueArgument, comment: CommentArgument, *, as_json: JsonOption = False) -> None:
    """Use the words that a comment suggests, and resolve the comment.

    If the issue has been approved, it needs approval again.

    Example: `newsletter proof use 3 12`
    """
    from newsletter.proof.suggested_words import use_suggested_words

    row = use_suggested_words(find_issue(issue), comment)
    _print(_comment(row), "The suggested words are now in the email.", as_json=as_json)


@app.command()
def signatures(issue: IssueArgument, *, as_json: JsonOption = False) -> None:
    """List the signatures that an issue has, and those that it needs before it can be approved.

    Example: `newsletter proof signatures 3`
    """
    from newsletter.proof.parts_now import parts_now
    from newsletter.proof.signature_demands import missing_signatures
    from newsletter.proof.signatures import signatures_now

    found = find_issue(issue)
    parts = parts_now(found)
    given = [
        {
            "part": each.signature.part_title,
            "by": each.signature.author_name,
            "state": "valid" if each.stands else "no longer valid",
            "at": each.signature.signed_at,
        }
        for each in signatures_now(found, parts)
    ]
    needed: list[dict[str, Any]] = [
        {
            "part": each.item.headline or each.item.article.title,
            "by": each.demand.name,
            "state": "needed",
            "at": None,
        }
        for each in missing_signatures(found, parts)
    ]
    if as_json:
        print_json([*given, *needed])
        return
    print_rows(
        ("Part", "By", "State", "Signed"),
        (tuple(each.values()) for each in [*given, *needed]),
        empty="Nobody has signed anything yet, and no signatures are needed.",
    )


@app.command()
def links(issue: IssueArgument, *, as_json: JsonOption = False) -> None:
    """List the proof links of an issue. The links themselves are not stored.

    Example: `newsletter proof links 3`
    """
    found = list(find_issue(issue).proof_links.order_by("pk"))
    if as_json:
        print_json([_link(each) for each in found])
        return
    print_rows(
        ("ID", "For", "State", "Valid until", "Opened"),
        (
            (row["id"], row["name"], row["state"], row["expires_at"], row["opened_at"])
            for row in map(_link, found)
        ),
        empty="This issue has no proof links.",
    )


@app.command()
def share(
    issue: IssueArgument,
    name: Annotated[str, typer.Argument(help="Name of the person who will review the issue.")],
    *,
    address: Annotated[
        str, typer.Option(help="Email address to send the link to. Without it, this command prints the link.")
    ] = "",
    days: Annotated[int, typer.Option(help="How many days the link works: 2, 7, 14 or 30.")] = USUAL_DAYS,
    until_change: Annotated[
        bool, typer.Option("--until-change", help="The link also stops working when the email changes.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a proof link for one person, who can then read, comment on and sign an issue without an account.

    Example: `newsletter proof share 3 "Dr Okafor" --address okafor@example.org`
    """
    from newsletter.proof.proof_links import make_proof_link

    made = make_proof_link(find_issue(issue), name, address=address, days=days, ends_with_change=until_change)
    said = made.url or f"We are sending the link to {made.link.address}."
    _print(_link(made.link) | {"url": made.url}, said, as_json=as_json)


@app.command()
def revoke(
    issue: IssueArgument,
    link: LinkArgument,
    *,
    without_signatures: Annotated[
        bool, typer.Option("--without-signatures", help="Also remove the signatures made with the link.")
    ] = False,
    resolve_comments: Annotated[
        bool, typer.Option("--resolve-comments", help="Also resolve the comments written with the link.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Revoke a proof link, so that it no longer works.

    Example: `newsletter proof revoke 3 5 --resolve-comments`
    """
    from newsletter.proof.comments import resolve_all_by
    from newsletter.proof.proof_links import revoke_proof_link

    found = find_issue(issue)
    row = revoke_proof_link(found, link, without_signatures=without_signatures)
    resolved = resolve_all_by(found, link) if resolve_comments else 0
    said = f" {counted(resolved, 'comment was', 'comments were')} resolved." if resolve_comments else ""
    _print(_link(row) | {"resolved": resolved}, f"The proof link no longer works.{said}", as_json=as_json)


def _print(document: dict[str, Any], sentence: str, *, as_json: bool) -> None:
    if as_json:
        print_json(document)
    else:
        print_text(sentence)


def _state(row: "ProofComment") -> str:
    if row.resolved_at is None:
        return "open"
    return "used" if row.taken_at else "resolved"


def _said(row: "ProofComment") -> str:
    suggested = f" Suggested words: {row.suggestion}" if row.suggestion else ""
    if row.suggestion == "":
        suggested = " Suggestion: leave the sentence out."
    about = f"“{shortened(row.quote, LONGEST_SHOWN)}” " if row.quote else ""
    return f"{about}{row.text}{suggested}".strip()


def _comment(row: "ProofComment") -> dict[str, Any]:
    return {
        "id": row.pk,
        "state": _state(row),
        "by": row.author_name,
        "part": row.part_title,
        "sentence": row.quote,
        "comment": row.text,
        "suggestion": row.suggestion,
        "at": row.made_at,
        "replies": [{"by": each.author_name, "comment": each.text} for each in row.replies.all()],
    }


def _link(row: "ProofLink") -> dict[str, Any]:
    from newsletter.proof.proof_links import state_of

    return {
        "id": row.pk,
        "name": row.name,
        "address": row.address,
        "state": str(state_of(row)).lower(),
        "expires_at": row.expires_at,
        "opened_at": row.opened_at,
    }
