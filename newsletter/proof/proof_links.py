"""Makes, revokes and lists the links by which people without an account read an issue and comment on it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from newsletter.accounts.account_mails import AccountMail, queue_account_mail
from newsletter.accounts.actor import Role, current_actor, require_role, why_not_role
from newsletter.accounts.form_idempotency import once
from newsletter.accounts.link_tokens import digest_of
from newsletter.errors import Invalid, InvalidFields, NotFound, refuse_if
from newsletter.issues.change_locks import lock_issue, why_not_change
from newsletter.issues.issue_audit import record
from newsletter.issues.issue_labels import issue_label_at_start
from newsletter.issues.models import Issue
from newsletter.issues.page_urls import absolute_url
from newsletter.proof.forget_reviewers import forget_reviewer
from newsletter.proof.models import ProofLink, Signature
from newsletter.proof.parts_now import content_digest
from subscribers.clean_text import folded
from subscribers.email_addresses import parse
from subscribers.phrases import counted

DAYS = (2, 7, 14, 30)
USUAL_DAYS = 7
LONGEST_NAME = 150
MOST_LINKS = 100
ACT = "Sharing an issue with a proof link"


class LinkState(StrEnum):
    """Whether a link works, or why it does not."""

    OPEN = "Open"
    EXPIRED = "Expired"
    CHANGED = "No longer works, because the issue has changed"
    REVOKED = "Revoked"
    ERASED = "Erased"


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A link that was just made. `url` is empty if it was sent by email, and shown nowhere."""

    link: ProofLink
    url: str


def why_not_share(issue: Issue) -> str:
    """Return why the current actor may not make or revoke proof links of an issue, or an empty string if they may."""
    return why_not_role((Role.EDITOR, Role.APPROVER), ACT, publication=issue.publication_id)


def make_proof_link(
    issue: Issue,
    name: str,
    *,
    address: str = "",
    days: int = USUAL_DAYS,
    ends_with_change: bool = False,
    form_key: str | None = None,
) -> MadeLink:
    """Make a link for one named person, which works for some days. With an address, the link is only sent there.

    Without an address, the link is returned, once: it is stored nowhere. Raises InvalidFields, Refused, and
    AlreadyMadeError if the form with this `form_key` has made one.
    """
    refuse_if(why_not_share(issue) or why_not_change(issue, "shared"))
    name = folded(name)
    given, key = _checked(name, address, days)
    actor = current_actor()
    with transaction.atomic(), once(form_key) as form:
        issue = lock_issue(issue)
        refuse_if(why_not_share(issue) or why_not_change(issue, "shared"))
        if issue.proof_links.count() >= MOST_LINKS:
            refuse_if(
                f"{issue_label_at_start(issue)} already has {MOST_LINKS} proof links, which is the maximum."
            )
        now = timezone.now()
        link = ProofLink(
            issue=issue,
            name=name,
            address=given,
            key=key,
            made_by=actor.name[:150],
            account=actor.account,
            made_at=now,
            expires_at=now + timedelta(days=days),
            content=content_digest(issue) if ends_with_change else "",
        )
        link.take_token()
        link.save()
        form.made = str(link.pk)
        lasts = f"for {counted(days, 'day', 'days')}"
        record(
            "proof-link",
            f"Created {link}, which works {lasts}{' or until the email changes' if ends_with_change else ''}.",
            issue=issue,
            thing=str(link),
            changes={"expires": [None, link.expires_at.isoformat()]},
        )
        if given:
            _mail(link, days)
    return MadeLink(link, "" if given else proof_url(link.token))


def revoke_proof_link(issue: Issue, number: int, *, without_signatures: bool = False) -> ProofLink:
    """End a link of an issue at once, and if wanted, remove the signatures given with it. Raises Refused, NotFound."""
    refuse_if(why_not_share(issue))
    with transaction.atomic():
        issue = lock_issue(issue)
        link = _link(issue, number)
        signed = Signature.objects.filter(link=link).delete()[0] if without_signatures else 0
        if link.revoked_at is None or signed:
            removed = (
                f" and removed {counted(signed, 'signature', 'signatures')} made with it" if signed else ""
            )
            record(
                "proof-link",
                f"Revoked {link}{removed}.",
                issue=issue,
                thing=str(link),
                changes={"revoked": [link.revoked_at is not None, True], "signatures": [signed, 0]},
            )
        link.revoked_at = link.revoked_at or timezone.now()
        link.save(update_fields=["revoked_at"])
        link.mails.filter(state=AccountMail.State.WAITING).delete()
    return link


def erase_reviewer(issue: Issue, number: int) -> None:
    """Erase the name and address of a reviewer, and end their link. Their comments stay, without their name.

    Raises Refused unless an administrator does this, and NotFound.
    """
    require_role(Role.ADMINISTRATOR, "Erasing a reviewer", publication=issue.publication_id)
    with transaction.atomic():
        issue = lock_issue(issue)
        link = _link(issue, number)
        forget_reviewer(link)
        record(
            "proof-link", f"Erased the reviewer’s name and address from {link}.", issue=issue, thing=str(link)
        )


def state_of(link: ProofLink) -> LinkState:
    """Return whether a link works. Whether the email has changed is only known once somebody opens the link."""
    if link.erased_at is not None:
        return LinkState.ERASED
    if link.revoked_at is not None:
        return LinkState.REVOKED
    if link.changed_at is not None:
        return LinkState.CHANGED
    return LinkState.EXPIRED if link.has_expired else LinkState.OPEN


def proof_url(token: str) -> str:
    """Return the URL of the page that a link opens."""
    return absolute_url(reverse("proof", args=[token]))


def proof_token_to_send(link: ProofLink) -> str:
    """Return the token for the link in the email. If the secret key has changed since, the token of now is stored."""
    if link.digest != digest_of(link.token):
        link.digest = digest_of(link.token)
        link.save(update_fields=["digest"])
    return link.token


def _checked(name: str, address: str, days: int) -> tuple[str, str]:
    """Return the address with its key. Raises InvalidFields with a sentence for each field that is wrong."""
    wrong = {}
    if not name:
        wrong["name"] = "Enter the name of the person who will read the issue."
    elif len(name) > LONGEST_NAME:
        wrong["name"] = f"Enter a name of up to {LONGEST_NAME} characters."
    if days not in DAYS:
        wrong["days"] = "Choose one of the periods in the list."
    given = key = ""
    if address.strip():
        try:
            found = parse(address)
            given, key = found.address, found.key
        except Invalid as error:
            wrong["address"] = str(error)
    if wrong:
        raise InvalidFields(wrong)
    return given, key


def _link(issue: Issue, number: int) -> ProofLink:
    found = ProofLink.objects.filter(issue=issue, pk=number).first()
    if found is None:
        raise NotFound("We could not find this proof link.")
    return found


def _mail(link: ProofLink, days: int) -> None:
    queue_account_mail(
        "proof-link",
        link.address,
        proof_link=link,
        button="Read the issue",
        name=link.name,
        by=link.made_by,
        publication=link.issue.publication.name,
        subject=link.issue.subject,
        days=counted(days, "day", "days"),
        ends_with_change=bool(link.content),
    )
