"""Check what the sites of the links and pictures answered when they were last asked. Nothing is asked here."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from newsletter.preflight.checked_issue import CheckedIssue, EmailLink, EmailPicture
from newsletter.preflight.finding import Basis, Finding, Level, Rule
from newsletter.preflight.models import CheckedLink
from newsletter.preflight.reach_url import BROKEN, CERTIFICATE, LOOPS, NO_HOST, PRIVATE, SLOW
from subscribers.phrases import shortened, written_moment

CHECK = "reached links"
ANSWER = Basis("The site’s response")
DEAD = Rule(
    "links.dead",
    "A link leads to a page that does not exist",
    Level.ERROR,
    "Readers see an error page instead of what the email promises.",
    "Correct the address, or remove the link.",
    ANSWER,
)
PICTURE_DEAD = Rule(
    "links.picture-dead",
    "A picture does not exist",
    Level.ERROR,
    "Readers see an empty frame.",
    "Replace the picture, or remove it.",
    ANSWER,
)
FAILS = Rule(
    "links.fails",
    "We could not open a link",
    Level.WARNING,
    "Readers may not be able to open it either. However, some sites block automatic checks such as ours but "
    "work for readers.",
    "Open the link in a browser, and correct it if it does not work.",
    ANSWER,
)
MOVED = Rule(
    "links.moved",
    "A link leads to a page that has moved",
    Level.ADVICE,
    "The site currently redirects readers, but may stop doing so.",
    "Use the new address.",
    ANSWER,
)
RULES = (DEAD, PICTURE_DEAD, FAILS, MOVED)

_GONE = frozenset({404, 410})
# These answers often mean that a site does not want programs, or asks readers to log in.
_SAYS_NOTHING = frozenset({401, 403, 405, 406, 407, 429, 451, 999})
_BAD_FROM = 400
_PROBLEMS = {
    NO_HOST: "its host does not exist",
    PRIVATE: "its host is on a private network",
    SLOW: "it did not respond in time",
    LOOPS: "it keeps redirecting",
    CERTIFICATE: "its certificate is not valid",
    BROKEN: "we could not connect to it",
}
_LONGEST = 100


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Name each link and picture that did not answer as it should, in the order of the email."""
    known = checked.known_links
    said: set[str] = set()
    linked: list[EmailLink | EmailPicture] = [*checked.links, *checked.pictures]
    for each in linked:
        row = known.get(each.url)
        if row is not None and each.url not in said:
            said.add(each.url)
            yield from _of_one(checked, each, row)


def _of_one(checked: CheckedIssue, each: EmailLink | EmailPicture, row: CheckedLink) -> Iterator[Finding]:
    is_picture = isinstance(each, EmailPicture)
    which = f"{'picture' if is_picture else 'link'} {shortened(row.url, _LONGEST)}"
    named = f"The {which}"
    at = written_moment(row.checked_at.astimezone(checked.publication.tzinfo))
    if row.status in _GONE:
        rule = PICTURE_DEAD if is_picture else DEAD
        yield rule.found(f"{named} answered {row.status} ({at}).", each.place, position=each.position)
    elif row.problem:
        what = (
            f"We could not open the {which}, because {_PROBLEMS.get(row.problem, _PROBLEMS[BROKEN])} ({at})."
        )
        yield FAILS.found(what, each.place, position=each.position)
    elif row.status >= _BAD_FROM and row.status not in _SAYS_NOTHING:
        yield FAILS.found(f"{named} answered {row.status} ({at}).", each.place, position=each.position)
    elif row.moved_for_good and row.status < _BAD_FROM and _is_elsewhere(row):
        what = f"{named} has moved to {shortened(row.moved_to, _LONGEST)}."
        yield MOVED.found(what, each.place, position=each.position)


def _is_elsewhere(row: CheckedLink) -> bool:
    """Return whether a page moved to another address; a missing slash, www or https alone is not worth telling."""
    return _bare(row.url) != _bare(row.moved_to)


def _bare(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return (parts.hostname or "").removeprefix("www."), parts.path.rstrip("/"), parts.query
