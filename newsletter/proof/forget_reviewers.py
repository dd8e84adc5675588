"""Erases the names and addresses of reviewers a year after their links have ended."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from newsletter.issues.change_locks import lock_issue
from newsletter.proof.models import ERASED, ProofLink

KEPT_FOR = timedelta(days=365)


def forget_old_reviewers() -> bool:
    """Erase the details of one reviewer whose link ended long ago. Return whether there was one."""
    old = ProofLink.objects.filter(erased_at=None, expires_at__lt=timezone.now() - KEPT_FOR)
    link = old.select_related("issue__publication").order_by("expires_at").first()
    if link is None:
        return False
    with transaction.atomic():
        lock_issue(link.issue)
        forget_reviewer(ProofLink.objects.get(pk=link.pk))
    return True


def forget_reviewer(link: ProofLink) -> None:
    """Remove everything that names a reviewer. Their signatures no longer count as those of a demanded person."""
    now = timezone.now()
    link.name, link.address, link.key = ERASED, "", ""
    link.erased_at = now
    link.revoked_at = link.revoked_at or now
    link.save()
    link.mails.all().delete()
    link.signatures.update(key="")
