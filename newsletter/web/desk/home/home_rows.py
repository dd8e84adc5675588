"""One thing on Home: an issue, a mailing or a source, with a sentence and a link to where somebody can act."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from django.urls import NoReverseMatch, reverse

from newsletter.issues.models import Issue, Publication
from newsletter.issues.page_urls import issue_path
from newsletter.proof.comments import open_comment_counts
from newsletter.scheduling.display_times import seconds_left, send_time, span
from newsletter.scheduling.models import Schedule
from newsletter.sending.saved_not_sent import promise
from subscribers.phrases import counted

# How many things each part of Home shows; the lists show the rest.
SHOWN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A thing with its state, and what the user can do about it. `publication` is named where there are several.

    `comments` says how many comments on an issue are open, and is empty if none is.
    """

    badge: str
    title: str
    path: str
    act: str = ""
    number: int = 0
    publication: str = ""
    sentences: tuple[str, ...] = ()
    done: int = 0
    total: int = 0
    facts: tuple[tuple[str, str], ...] = field(default=())
    issue: int = 0
    comments: str = ""
    comments_path: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one part of Home. If there are more than are shown, `more` leads to all of them."""

    rows: list[Row]
    more: str = ""


def issue_row(
    issue: Issue,
    badge: str,
    *sentences: str,
    act: str = "",
    page: str = "issue",
    done: int = 0,
    total: int = 0,
    facts: tuple[tuple[str, str], ...] = (),
) -> Row:
    """Return the row of an issue."""
    return Row(
        badge=badge,
        title=issue.subject or "(no subject)",
        path=issue_path(issue, page),
        act=act,
        number=issue.number,
        publication=issue.publication.name,
        sentences=tuple(filter(None, sentences)),
        done=done,
        total=total,
        facts=facts,
        issue=issue.pk,
        comments_path=issue_path(issue, "proof"),
    )


def with_open_comments(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of issues with how many comments on them are open."""
    counts = open_comment_counts({each.issue for each in rows if each.issue})
    return [
        replace(each, comments=counted(counts[each.issue], "comment is open", "comments are open"))
        if each.issue in counts
        else each
        for each in rows
    ]


def scheduled_sentence(schedule: Schedule) -> str:
    """Return when an issue will be sent. It does not count the audience, which takes too long for Home."""
    if not schedule.in_undo_window:
        return promise(f"It will be sent on {send_time(schedule)}.")
    left = seconds_left(schedule.due_at)
    return promise(
        f"It will be sent in {span(left)}. You can undo this until then." if left else "It is being sent now."
    )


def path_to(name: str) -> str:
    """Return the path of a page of the desk, or an empty string if there is no such page."""
    try:
        return reverse(f"desk:{name}")
    except NoReverseMatch:
        return ""


def issues_path(state: str, publication: Publication | None) -> str:
    """Return the path of the list of issues in a state."""
    also = f"&publication={publication.slug}" if publication else ""
    return f"{reverse('desk:issues')}?state={state}{also}"


def only(publication: Publication | None) -> dict[str, Collection[Publication]]:
    """Return the filter of issues for the chosen publication, or for all of them."""
    return {"publication__in": [publication]} if publication else {}
