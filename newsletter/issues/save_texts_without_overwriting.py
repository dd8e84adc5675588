"""Saves texts that somebody typed, without ever overwriting a text that they have not seen.

An editor's page names the version of each text that it started from. Texts that only one person changed are saved; a
text that two people changed is a conflict, which holds both. A text that would end an approval is saved only if the
editor agreed to end that approval.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from newsletter.accounts.actor import current_actor
from newsletter.errors import Invalid, InvalidFields
from newsletter.issues.approvals import current_approval
from newsletter.issues.autosaved_texts import TextField, clean_typed, text_field, text_version
from newsletter.issues.change_locks import lock_publication
from newsletter.issues.confirm_changes_that_end_approval import asking_before_approvals_end, name_of
from newsletter.issues.issue_versions import changed_with_articles, last_change_of, while_typing
from newsletter.issues.locked_draft import require_draft
from newsletter.issues.models import Issue


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedText:
    """What an editor typed into a field. `started_from` is the version of the text that their page showed.

    `sent` has texts that the same page sent before, without hearing whether they were saved.
    """

    field: str
    text: str
    started_from: str
    sent: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """The text is stored. `text` is what the field holds now, which is a suggestion if the editor left it empty."""

    field: str
    label: str
    text: str
    version: str
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """The same text was changed elsewhere. Nothing was stored. `changed_at` is None if we do not know when.

    `by_themselves` means that the same person changed it, in another window or browser.
    """

    field: str
    label: str
    typed: str
    theirs: str
    version: str
    changed_by: str
    changed_at: datetime | None
    by_themselves: bool

    @property
    def sentence(self) -> str:
        """What happened, and what to do."""
        if self.by_themselves:
            who = "You have changed"
            since = "in another window or browser"
        else:
            who = f"{self.changed_by or 'Somebody else'} has changed"
            since = "since you opened it"
        return (
            f"{who} {self.label} {since}. Both texts are shown here. Choose one of them, or copy what you "
            "need from the other text into yours."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EndsApproval:
    """The issue is approved, and saving the text would end the approval. Nothing was stored."""

    field: str
    label: str
    approval: str
    approved_by: str
    approved_at: datetime
    is_scheduled: bool

    @property
    def sentence(self) -> str:
        """What saving would do."""
        again = (
            "we will only send the issue at its scheduled time if somebody approves it again"
            if self.is_scheduled
            else "somebody must approve the issue again"
        )
        return (
            f"{self.approved_by} has approved this issue. If you save your change to {self.label}, {again}."
        )


Outcome = Saved | Conflict | EndsApproval


def save_text(issue: Issue, typed: TypedText, *, agreed: str = "") -> Outcome:
    """Save a text while somebody types it. Saves that follow each other become one version (issue_versions.py).

    `agreed` is the approval that the editor agreed to end, as `EndsApproval` named it. Raises InvalidFields if the
    text is wrong, Refused if the issue can no longer be changed.
    """
    with transaction.atomic():
        found = _locked_draft(issue)
        with while_typing(typed.field):
            return _save(found, typed, agreed)


def save_texts(issue: Issue, texts: Iterable[TypedText], *, agreed: str = "") -> list[Outcome]:
    """Save the texts of a form. A text that is as the page showed it is left alone. Raises as `save_text`.

    If one text is wrong, none is saved. A conflict in one text does not keep the others from being saved.
    """
    with transaction.atomic():
        found = _locked_draft(issue)
        changed = [each for each in texts if text_version(clean_typed(each.text)) != each.started_from]
        return [_save(found, each, agreed) for each in changed]


def approval_to_end(issue: Issue) -> str:
    """Return the name of the approval that a change to the issue would end, for `agreed`, or an empty string."""
    approval = current_approval(issue)
    return name_of(approval) if approval else ""


def _locked_draft(issue: Issue) -> Issue:
    lock_publication(issue.publication)
    return require_draft(issue)


def _save(issue: Issue, typed: TypedText, agreed: str) -> Outcome:
    field, text = text_field(issue, typed.field), clean_typed(typed.text)
    if text == field.text:
        return _saved(field, changed=False)
    known = {typed.started_from, *(text_version(clean_typed(each)) for each in typed.sent)}
    if text_version(field.text) not in known and not _follows_articles(issue, field):
        return _conflict(issue, field, text)
    approval = current_approval(issue)
    if approval is not None and name_of(approval) != agreed:
        return EndsApproval(
            field=field.name,
            label=field.label,
            approval=name_of(approval),
            approved_by=approval.approved_by,
            approved_at=approval.approved_at,
            is_scheduled=issue.state == Issue.State.SCHEDULED,
        )
    try:
        with asking_before_approvals_end([agreed]):
            field.write(text)
    except Invalid as error:
        raise InvalidFields({field.name: str(error)}) from error
    return _saved(text_field(require_draft(issue), field.name), changed=True)


def _follows_articles(issue: Issue, field: TextField) -> bool:
    """Return whether the text is a suggestion that changed with the articles, and not because somebody emptied it."""
    return not field.is_written and changed_with_articles(issue, field.key)


def _saved(field: TextField, *, changed: bool) -> Saved:
    return Saved(
        field=field.name,
        label=field.label,
        text=field.text,
        version=text_version(field.text),
        changed=changed,
    )


def _conflict(issue: Issue, field: TextField, typed: str) -> Conflict:
    last = last_change_of(issue, [field.key])
    return Conflict(
        field=field.name,
        label=field.label,
        typed=typed,
        theirs=field.text,
        version=text_version(field.text),
        changed_by=last.actor if last else "",
        changed_at=last.at if last else None,
        by_themselves=last is not None
        and last.account is not None
        and last.account == current_actor().account,
    )
