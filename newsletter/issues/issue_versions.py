"""Keeps an issue as it was after every change: who changed it, when, and what the change was called.

What one person types into one field within a minute is one version, unless the later text lacks more than 40 characters
of the earlier one. An issue keeps at most 200 versions: the first one, the newest 100, and of those between, the ones
that were shown longest.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from django.utils import timezone

from newsletter.accounts.actor import current_actor
from newsletter.errors import NotFound, Refused
from newsletter.issues.issue_labels import issue_label
from newsletter.issues.issue_snapshot import (
    TEXTS,
    Snapshot,
    changed_keys,
    flat_values,
    snapshot_with,
    take_snapshot,
)
from newsletter.issues.issue_version_models import IssueVersion
from newsletter.issues.models import Approval, Issue, Item
from subscribers.whole_numbers import whole_number

AT_MOST = 200
NEWEST = 100
ONE_TYPING = timedelta(minutes=1)
MISSING_CHARACTERS = 40
LONGEST_NUMBER = 9
RESTORED = "Restored version"
BEFORE_ALL = "The issue before its first recorded change."

_typing: ContextVar[str] = ContextVar("typing", default="")


@contextmanager
def while_typing(field: str) -> Iterator[None]:
    """Mark the changes inside the `with` block as saved while somebody types into a field."""
    token = _typing.set(field)
    try:
        yield
    finally:
        _typing.reset(token)


def record_version(issue: Issue, sentence: str, before: Snapshot) -> bool:
    """Store the issue as it is now, if it differs from `before`. Return whether the change needs an audit entry.

    It needs none if it goes on with the typing of the newest version. Call this inside the transaction of the change,
    which locks the publication, before the approval ends.
    """
    after = take_snapshot(issue)
    newest = IssueVersion.objects.filter(issue=issue).first()
    if newest is None:
        newest = _add(issue, 1, BEFORE_ALL, before)
    if after == before:
        return True
    if _goes_on(newest, after) and not Approval.objects.filter(issue=issue, withdrawn_at=None).exists():
        newest.snapshot, newest.at = after, timezone.now()
        newest.save(update_fields=["snapshot", "at"])
        return False
    _add(issue, newest.number + 1, sentence, after, by_actor=True, typing=_typing.get())
    _delete_one_too_many(issue)
    return True


def record_first_version(issue: Issue, items: Sequence[Item], sentence: str) -> None:
    """Store a new issue and its items as its first version. Call this inside the transaction that makes the issue."""
    _add(issue, 1, sentence, snapshot_with(issue, items), by_actor=True)


def versions_of(issue: Issue, *, before: int | None = None, at_most: int = 50) -> list[IssueVersion]:
    """Return versions without their snapshots, newest first; with `before`, only those with smaller numbers."""
    found = IssueVersion.objects.filter(issue=issue).defer("snapshot")
    return list((found if before is None else found.filter(number__lt=before))[:at_most])


def version_at(issue: Issue, number: int) -> IssueVersion:
    """Return one version of an issue. Raises NotFound."""
    found = IssueVersion.objects.filter(issue=issue, number=number).first()
    if found is None:
        raise NotFound(f"Version {number} of {issue_label(issue)} does not exist, or it was deleted.")
    return found


def version_before(version: IssueVersion) -> IssueVersion | None:
    """Return the version that was replaced by this one, or None for the first."""
    return IssueVersion.objects.filter(issue=version.issue_id, number__lt=version.number).first()


def newest_version(issue: Issue) -> int:
    """Return the number of the newest version of an issue, or 0 if nothing was recorded yet."""
    return IssueVersion.objects.filter(issue=issue).values_list("number", flat=True).first() or 0


def state_seen(issue: Issue) -> str:
    """Return a short text that names the newest version as it is now, for `require_state_seen`."""
    row = IssueVersion.objects.filter(issue=issue).values_list("number", "at").first()
    return f"{row[0]} {row[1].isoformat()}" if row else ""


def require_state_seen(issue: Issue, seen: str | None) -> None:
    """Raise Refused if somebody else has changed the issue since a form was opened that replaces much of it.

    `seen` is the `state_seen` that the form started from. None compares nothing. Call this with the publication locked.
    """
    if seen is None or seen == state_seen(issue):
        return
    number = seen.partition(" ")[0]
    since = whole_number(number, digits=LONGEST_NUMBER) or 0
    account = current_actor().account
    for version in versions_of(issue, at_most=AT_MOST):
        is_same_typing = version.number == since and seen != f"{version.number} {version.at.isoformat()}"
        is_own = version.account is not None and version.account == account
        if (version.number > since or is_same_typing) and not is_own:
            raise Refused(
                f"{version.actor or 'Somebody else'} has changed this issue since you opened the page: "
                f"{version.sentence} Your change was not made. Check the current version of the issue, then "
                "try again."
            )


def last_change_of(issue: Issue, keys: Sequence[str]) -> IssueVersion | None:
    """Return the newest version in which one of these flat values changed, or None if none of those kept did."""
    newer: IssueVersion | None = None
    for version in IssueVersion.objects.filter(issue=issue).iterator(chunk_size=10):
        if newer is not None:
            changed = changed_keys(flat_values(version.snapshot), flat_values(newer.snapshot))
            if not set(keys).isdisjoint(changed):
                return newer
        newer = version
    return None


def changed_with_articles(issue: Issue, key: str) -> bool:
    """Return whether the newest change of a text also changed the articles, whose suggestion it then follows.

    A restored version changes both, but the text because somebody wanted it so.
    """
    last = last_change_of(issue, [key])
    before = version_before(last) if last else None
    if last is None or before is None:
        return True
    changed = changed_keys(flat_values(before.snapshot), flat_values(last.snapshot))
    return not set(changed) <= set(TEXTS) and not last.sentence.startswith(RESTORED)


def _goes_on(newest: IssueVersion, after: Snapshot) -> bool:
    """Return whether a change goes on with the typing that the newest version holds, and loses little of it."""
    field = _typing.get()
    if not field or newest.typing != field or newest.account != current_actor().account:
        return False
    if timezone.now() - newest.begun_at > ONE_TYPING:
        return False
    old, new = flat_values(newest.snapshot), flat_values(after)
    return all(
        _missing_characters(str(old.get(key, "")), str(new.get(key, ""))) <= MISSING_CHARACTERS
        for key in changed_keys(old, new)
    )


def _missing_characters(old: str, new: str) -> int:
    """Return how long the part of the old text is that the new one replaces."""
    shorter = min(len(old), len(new))
    start = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    rest = shorter - start
    end = next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)
    return len(old) - start - end


def _add(
    issue: Issue,
    number: int,
    sentence: str,
    snapshot: Snapshot,
    *,
    by_actor: bool = False,
    typing: str = "",
) -> IssueVersion:
    actor, now = current_actor(), timezone.now() if by_actor else issue.composed_at
    values: dict[str, Any] = {"actor": actor.name[:150], "account": actor.account} if by_actor else {}
    return IssueVersion.objects.create(
        issue=issue,
        number=number,
        begun_at=now,
        at=now,
        sentence=sentence,
        typing=typing,
        snapshot=snapshot,
        **values,
    )


def _delete_one_too_many(issue: Issue) -> None:
    """Delete the version between the first and the newest 100 that was replaced soonest, if there are too many."""
    kept = list(IssueVersion.objects.filter(issue=issue).order_by("number").values_list("number", "begun_at"))
    if len(kept) <= AT_MOST:
        return
    between = range(1, len(kept) - NEWEST)
    soonest = min(between, key=lambda index: kept[index + 1][1] - kept[index][1])
    IssueVersion.objects.filter(issue=issue, number=kept[soonest][0]).delete()
