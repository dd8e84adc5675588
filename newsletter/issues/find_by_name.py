"""Finds the publication or issue that a person names, or says which there are."""

from newsletter.errors import Invalid, NotFound
from newsletter.issues.models import Issue, Publication, StandingBlock

SHOWN = 10


def find_publication(text: str | None) -> Publication:
    """The publication of a slug, or the only one if none is named. Raises NotFound or Invalid."""
    publications = {publication.slug: publication for publication in Publication.objects.all()}
    if not publications:
        raise NotFound("There is no publication yet: `newsletter publications load FILE` makes one.")
    if text is None and len(publications) == 1:
        return next(iter(publications.values()))
    slugs = ", ".join(publications)
    if text is None:
        raise Invalid(f"Say which publication: {slugs}.")
    if text not in publications:
        raise NotFound(f"There is no publication “{text}”; there are: {slugs}.")
    return publications[text]


def find_issue(text: str) -> Issue:
    """The issue of a number such as `3`, or of `weekly/3` where several publications have one.

    Raises NotFound or Invalid.
    """
    slug, _, number = text.strip().rpartition("/")
    number = number.removeprefix("#")
    if not (number.isascii() and number.isdigit() and len(number) < SHOWN):
        raise Invalid(
            f"“{text}” is no issue: write its number, such as 3, or publication and number, such as weekly/3."
        )
    issues = Issue.objects.select_related("publication").order_by("publication__slug", "-number")
    if slug:
        issues = issues.filter(publication=find_publication(slug))
    found = list(issues.filter(number=int(number)))
    if len(found) > 1:
        raise Invalid(f"Several publications have an issue {number}; write {_or(found)}.")
    if not found:
        raise NotFound(f"There is no issue {text}; {_there_are(list(issues[: SHOWN + 1]))}.")
    return found[0]


def find_block(publication: Publication, name: str) -> StandingBlock:
    """A standing block of a publication. Raises NotFound."""
    blocks = {block.name: block for block in publication.blocks.all()}
    if name not in blocks:
        has = ", ".join(blocks) or "none yet"
        raise NotFound(f"{publication.name} has no block “{name}”; its blocks are: {has}.")
    return blocks[name]


def issue_full_name(issue: Issue) -> str:
    """The name of an issue that no other issue has, such as weekly/3."""
    return f"{issue.publication.slug}/{issue.number}"


def _or(issues: list[Issue]) -> str:
    return " or ".join(issue_full_name(issue) for issue in issues)


def _there_are(issues: list[Issue]) -> str:
    if not issues:
        return "there is none yet: `newsletter issues compose` drafts one"
    paths = [issue_full_name(issue) for issue in issues[:SHOWN]]
    return f"there are {', '.join(paths)}{' and older ones' if len(issues) > SHOWN else ''}"
