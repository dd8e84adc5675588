"""Finds the issue behind a proof link, or says why the link does not work, without a word about the issue."""

from django.db import transaction
from django.utils import timezone

from newsletter.accounts.link_tokens import digest_of
from newsletter.errors import NewsletterError, NotFound, Refused
from newsletter.issues.change_locks import lock_issue
from newsletter.proof.models import ProofLink
from newsletter.proof.parts_now import content_digest
from newsletter.proof.proof_links import LinkState, state_of

UNKNOWN = "This link is not valid. Open the link in the email or message again, or copy the whole link."
ENDED = {
    LinkState.EXPIRED: "This link has expired. Ask the person who sent it to you for a new one.",
    LinkState.REVOKED: (
        "The person who sent you this link has revoked it. If you still need a link, ask them for a new one."
    ),
    LinkState.ERASED: (
        "This link no longer works. If you still need a link, ask the person who sent it to you for a new one."
    ),
    LinkState.CHANGED: (
        "This link no longer works, because the email has changed since you were sent the link. Ask the "
        "person who sent it to "
        "you for a new one."
    ),
}


class UnknownLink(NotFound):
    """No link has this token."""


class EndedLink(Refused):
    """The link was made here, and has ended."""


def open_proof_link(token: str) -> ProofLink:
    """Return the link with this token, and record that it was opened. Raises UnknownLink and EndedLink."""
    link = find_proof_link(token)
    if link.opened_at is None:
        ProofLink.objects.filter(pk=link.pk, opened_at=None).update(opened_at=timezone.now())
    return link


def find_proof_link(token: str) -> ProofLink:
    """Return the link with this token if it works. Raises UnknownLink and EndedLink.

    A link that ends with the next change of the email ends here if the email has changed.
    """
    rows = ProofLink.objects.select_related("issue__publication")
    link = rows.filter(digest=digest_of(token)).first()
    if link is None:
        raise UnknownLink(UNKNOWN)
    state = state_of(link)
    if state is LinkState.OPEN and _has_changed(link):
        with transaction.atomic():
            lock_issue(link.issue)
            ProofLink.objects.filter(pk=link.pk, changed_at=None).update(changed_at=timezone.now())
        state = LinkState.CHANGED
    if state is not LinkState.OPEN:
        raise EndedLink(ENDED[state])
    return link


def _has_changed(link: ProofLink) -> bool:
    """Return whether the email is no longer the one for which the link was made.

    One that cannot be created has changed.
    """
    if not link.content:
        return False
    try:
        return content_digest(link.issue) != link.content
    except NewsletterError:
        return True
