"""“I stand by this”: who signed which part of an email. A signature counts while every byte of the part is the same."""

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import acting_as, current_actor
from newsletter.errors import NewsletterError, Refused, refuse_if
from newsletter.issues.change_locks import lock_issue, why_not_change
from newsletter.issues.issue_audit import record
from newsletter.issues.models import Issue
from newsletter.proof.comments import reviewer
from newsletter.proof.models import ProofLink, Signature
from newsletter.proof.open_proof_link import find_proof_link
from newsletter.proof.parts_now import parts_now, require_part
from newsletter.proof.reviewer_limits import require_within_limits
from newsletter.rendering.email_parts import EmailParts
from subscribers.email_addresses import parse
from subscribers.errors import Invalid

CHANGED = "This part has changed since you opened the page. Read it again, then sign it."


@dataclass(frozen=True, slots=True)
class SignatureNow:
    """A signature, and whether it still counts: whether the part is still the same."""

    signature: Signature
    stands: bool


@dataclass(frozen=True, slots=True)
class _Signer:
    """Who signs. `key` is the mailbox that vouches for them."""

    name: str
    key: str = ""
    link: ProofLink | None = None
    account: int | None = None
    author: str = ""


def why_not_sign(issue: Issue) -> str:
    """Return why the current actor may not sign parts of an issue at the desk, or an empty string if they may."""
    actor = current_actor()
    if actor.account is None or not actor.may_see(issue.publication_id):
        return "To sign, you need an account with a role for this publication. Log in to the desk first."
    return why_not_change(issue, "signed")


def sign(issue: Issue, part: str, *, seen: str) -> Signature:
    """Sign a part of an issue in the name of the current actor. `seen` is the digest of the part that they read.

    Raises Refused, also if the part has changed since.
    """
    refuse_if(why_not_sign(issue))
    with transaction.atomic():
        issue = lock_issue(issue)
        refuse_if(why_not_sign(issue))
        return _sign(issue, _account_signer(), part, seen)


def sign_by_link(token: str, part: str, *, seen: str, network: str) -> Signature:
    """Sign a part in the name of the person who has this link.

    Raises as `sign`, and UnknownLink, EndedLink, TooOftenError.
    """
    link = find_proof_link(token)
    require_within_limits(link, network)
    with acting_as(reviewer(link)), transaction.atomic():
        issue = lock_issue(link.issue)
        link = find_proof_link(token)
        refuse_if(why_not_change(issue, "signed"))
        return _sign(issue, _link_signer(link), part, seen)


def withdraw_signature(issue: Issue, part: str) -> None:
    """Withdraw the current actor’s signature from a part. Without one, nothing changes. Raises Refused."""
    refuse_if(why_not_sign(issue))
    with transaction.atomic():
        issue = lock_issue(issue)
        refuse_if(why_not_sign(issue))
        _withdraw(issue, _account_signer(), part)


def withdraw_signature_by_link(token: str, part: str, *, network: str) -> None:
    """Withdraw the signature of the person who has this link from a part. Raises as `sign_by_link`."""
    link = find_proof_link(token)
    require_within_limits(link, network)
    with acting_as(reviewer(link)), transaction.atomic():
        issue = lock_issue(link.issue)
        refuse_if(why_not_change(issue, "signed"))
        _withdraw(issue, _link_signer(find_proof_link(token)), part)


def signatures_now(issue: Issue, parts: EmailParts | None = None) -> list[SignatureNow]:
    """Return the signatures of an issue, oldest first, each with whether it still counts."""
    parts = parts or parts_now(issue)
    rows = Signature.objects.filter(issue=issue).select_related("link")
    return [SignatureNow(row, _digest(parts, row.part) == row.digest) for row in rows]


def signer_of(link: ProofLink) -> str:
    """Return the `signer` of the signatures given by a link."""
    return f"link {link.pk}"


def _digest(parts: EmailParts, part: str) -> str:
    """Return the digest of a part now, or an empty string if there is no such part or no email."""
    try:
        return parts.digest(part)
    except NewsletterError:
        return ""


def _sign(issue: Issue, signer: _Signer, part: str, seen: str) -> Signature:
    parts = parts_now(issue)
    found = require_part(parts, part)
    digest = parts.digest(part)
    if seen != digest:
        raise Refused(CHANGED)
    before = Signature.objects.filter(issue=issue, signer=signer.name, part=part).first()
    if before is not None and before.digest == digest:
        return before
    row, _is_new = Signature.objects.update_or_create(
        issue=issue,
        signer=signer.name,
        part=part,
        defaults={
            "link": signer.link,
            "author": signer.author,
            "account": signer.account,
            "key": signer.key,
            "part_title": found.title,
            "digest": digest,
            "signed_at": timezone.now(),
        },
    )
    record(
        "sign",
        f"Signed “{found.title}”.",
        issue=issue,
        thing=str(row),
        changes={part: [before.digest if before else None, digest]},
    )
    return row


def _withdraw(issue: Issue, signer: _Signer, part: str) -> None:
    row = Signature.objects.filter(issue=issue, signer=signer.name, part=part).first()
    if row is not None:
        name = str(row)
        row.delete()
        record(
            "sign",
            f"Withdrew the signature for “{row.part_title}”.",
            issue=issue,
            thing=name,
            changes={part: [row.digest, None]},
        )


def _link_signer(link: ProofLink) -> _Signer:
    return _Signer(signer_of(link), key=link.key, link=link)


def _account_signer() -> _Signer:
    actor = current_actor()
    users = get_user_model().objects.filter(pk=actor.account or 0)
    address = users.values_list("email", flat=True).first()
    try:
        key = parse(address).key if address else ""
    except Invalid:
        key = ""
    return _Signer(f"account {actor.account}", key=key, account=actor.account, author=actor.name[:150])
