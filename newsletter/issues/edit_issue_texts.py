"""The changes to the subject, preheader and introduction of a draft. An error changes nothing."""

import hashlib
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import transaction

from newsletter.accounts.actor import Role
from newsletter.errors import Invalid, Refused
from newsletter.issues.change_locks import lock_publication
from newsletter.issues.default_subject import suggest_preheader, suggest_subject
from newsletter.issues.locked_draft import OpenDraft, open_draft, require_draft
from newsletter.issues.models import Issue
from newsletter.issues.placeholders import check_placeholders
from newsletter.issues.validation_messages import too_long, written_sentence

LONGEST_OPENING = 50_000


def set_subject(issue: Issue, text: str) -> None:
    """Set the subject of the email. An empty text suggests one again."""
    with open_draft(issue, "Changed the subject.", role=Role.AUTHOR) as draft:
        _write(draft, "subject", text, lambda: suggest_subject(draft.issue, draft.printed))


def set_preheader(issue: Issue, text: str) -> None:
    """Set the preheader, which an inbox shows after the subject. An empty text suggests one again."""
    with open_draft(issue, "Changed the preheader.", role=Role.AUTHOR) as draft:
        _write(draft, "preheader", text, lambda: suggest_preheader(draft.printed))


def set_opening(issue: Issue, text: str) -> None:
    """Set the introduction that opens the issue, in Markdown. An empty text removes it."""
    if len(text) > LONGEST_OPENING:
        raise Invalid(too_long("introduction", LONGEST_OPENING, len(text)))
    check_placeholders(text, "Introduction")
    with open_draft(issue, "Changed the introduction.", role=Role.AUTHOR) as draft:
        draft.issue.opening = text.replace("\r\n", "\n").replace("\0", "").strip()


def set_texts(issue: Issue, *, subject: str, preheader: str, opening: str, seen: str = "") -> list[str]:
    """Set all three texts or none of them, and return the names of those that changed.

    `seen` is the `texts_version` of the texts that the editor started from. Raises Refused if somebody else has changed
    the texts since then.
    """
    given = {"subject": subject, "preheader": preheader, "opening": opening.replace("\r\n", "\n")}
    change = {"subject": set_subject, "preheader": set_preheader, "opening": set_opening}
    with transaction.atomic():
        lock_publication(issue.publication)
        found = require_draft(issue)
        if seen and seen != texts_version(found):
            raise Refused(
                "Somebody else has changed these texts since you opened them. Check their version first."
            )
        changed = [field for field, text in given.items() if text.strip() != getattr(found, field)]
        for field in changed:
            change[field](issue, given[field])
    return changed


def texts_version(issue: Issue) -> str:
    """Return a digest of the subject, preheader and introduction, which tells one version from another."""
    words = f"{issue.subject}\0{issue.preheader}\0{issue.opening}"
    return hashlib.sha256(words.encode()).hexdigest()


def _write(draft: OpenDraft, field: str, text: str, suggest: Callable[[], str]) -> None:
    check_placeholders(text, field.capitalize())
    setattr(draft.issue, field, text.strip() or suggest())
    try:
        draft.issue.clean_fields()
    except ValidationError as error:
        raise Invalid(written_sentence(error)) from error
