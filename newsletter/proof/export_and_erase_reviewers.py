"""Reviewers who are subscribers too: their export has what they wrote, and erasing them erases their name here.

Only people who are erased themselves are forgotten: a sign-up that nobody confirmed ends no review.
"""

from collections.abc import Iterable
from typing import Any

from django.dispatch import receiver

from newsletter.proof.forget_reviewers import forget_reviewer
from newsletter.proof.models import ProofComment, ProofLink, Signature
from subscribers.models import Subscriber, Suppression
from subscribers.signals import exporting, forgetting
from subscribers.suppression import suppressions_of


@receiver(exporting)
def reviews_of(subscriber: Subscriber, **_signal: Any) -> dict[str, Any]:
    """Return what a person said and signed by proof links that were sent to their address, for their export."""
    links = ProofLink.objects.filter(key=subscriber.address_key)
    comments = ProofComment.objects.filter(link__in=links).select_related("issue__publication")
    signatures = Signature.objects.filter(link__in=links).select_related("issue__publication")
    said = [
        {
            "email": str(each.issue),
            "part": each.part_title,
            "comment": each.text,
            "suggested": each.suggestion,
            "at": each.made_at.isoformat(),
        }
        for each in comments
    ]
    signed = [
        {"email": str(each.issue), "part": each.part_title, "at": each.signed_at.isoformat()}
        for each in signatures
    ]
    return {"reviews": {"comments": said, "signatures": signed}} if said or signed else {}


@receiver(forgetting)
def forget_reviews(subscribers: Iterable[Subscriber], **_signal: Any) -> None:
    """Erase the names and addresses of reviewers who are erased as readers. Their links end."""
    keys = [each.address_key for each in subscribers]
    for link in ProofLink.objects.filter(key__in=keys):
        erased = suppressions_of(link.key).filter(reason=Suppression.Reason.ERASED, lifted_at=None)
        if erased.exists():
            forget_reviewer(link)
