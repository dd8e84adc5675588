"""Finds the publication or issue that a person names, or lists those that exist."""

from newsletter.errors import Invalid, NotFound
from newsletter.issues.models import Issue, Publication, StandingBlock
from newsletter.issues.visible_to_actor import visible, visible_publications
from subscribers.whole_numbers import whole_number

SHOWN = 10
# In digits. The database has no larger numbers of issues.
LONGEST_NUMBER = 9


def find_publication(text: str | None) -> Publication:
    """Return the publication with a slug, or the only one that is not archived if none is named.

    Raises NotFound or Invalid.
    """
    publications = {publication.slug: publication for publication in visible_publications()}
    if not publications:
        raise NotFound(
            "You have no publications yet. To create one, run `newsletter publications load FILE`."
        )
    going = {slug: each for slug, each in publications.items() if each.archived_at is None}
    if text is None and len(going) == 1:
        return next(iter(going.values()))
    slugs = ", ".join(going or publications)
    if text is None:
        raise Invalid(f"Choose a publication: {slugs}.")
    if text not in publications:
        raise NotFound(f"We could not find a publication called “{text}”. Choose one of these: {slugs}.")
    return publications[text]


def find_issue(text: str) -> Issue:
    """Return the issue for a number such as `3`, or for `weekly/3` if several publications have an issue 3.

    Raises NotFound or Invalid.
    """
    slug, _, number = text.strip().rpartition("/")
    wanted = whole_number(number.removeprefix("#"), digits=LONGEST_NUMBER)
    if wanted is None:
        raise Invalid(
            f"“{text}” is not an issue. Enter an issue number, such as 3, or publication/number, such as weekly/3."
        )
    issues = visible(Issue.objects.select_related("publication")).order_by("publication__slug", "-number")
    if slug:
        issues = issues.filter(publication__slug=slug)
    found = list(issues.filter(number=wanted))
    if slug and not found:  # names the publications if there is none with this slug
        find_publication(slug)
    if len(found) > 1:
        raise Invalid(f"Several publications have an issue {wanted}. Enter {_or(found)}.")
    if not found:
        raise NotFound(f"We could not find issue {text}. {_there_are(list(issues[: SHOWN + 1]))}")
    return found[0]


def find_block(publication: Publication, name: str) -> StandingBlock:
    """Return a standing block of a publication by its name. Raises NotFound."""
    blocks = {block.name: block for block in publication.blocks.all()}
    if name not in blocks:
        hint = (
            f"The blocks are: {', '.join(blocks)}."
            if blocks
            else "The publication does not have any blocks yet."
        )
        raise NotFound(f"{publication.name} has no block called “{name}”. {hint}")
    return blocks[name]


def issue_full_name(issue: Issue) -> str:
    """Return the unique name of an issue, such as weekly/3."""
    return f"{issue.publication.slug}/{issue.number}"


def _or(issues: list[Issue]) -> str:
    return " or ".join(issue_full_name(issue) for issue in issues)


def _there_are(issues: list[Issue]) -> str:
    if not issues:
        return "You have no issues yet. To draft one, run `newsletter issues compose`."
    paths = ", ".join(issue_full_name(issue) for issue in issues[:SHOWN])
    return f"The latest issues are {paths}." if len(issues) > SHOWN else f"The issues are {paths}."
