"""Approve the email about a serious correction, which freezes it, and withdraw that approval.

The rule for who may approve is that for issues: the role, and separation of duties (issues/four_eyes.py).
"""

from itertools import chain

from django.db import IntegrityError, transaction
from django.utils import timezone

from newsletter.accounts.actor import Role, current_actor, why_not_role
from newsletter.articles.models import Correction
from newsletter.articles.pictures.store_pictures import keep_pictures_in
from newsletter.corrections.models import CorrectionNotice
from newsletter.corrections.notice_emails import NoticeEmails, render_emails
from newsletter.corrections.readers import CorrectionReaders
from newsletter.errors import NotFound, Refused, refuse_if
from newsletter.issues.archived_publications import why_archived
from newsletter.issues.correct_article import found_correction
from newsletter.issues.four_eyes import why_not_approve_correction
from newsletter.issues.issue_audit import record
from newsletter.issues.models import Issue, Publication
from subscribers.database import locked

WITHDRAWING = "Withdrawing an approval"
State = CorrectionNotice.State


def notice_of(correction: Correction, publication: Publication) -> CorrectionNotice | None:
    """Return the approved email about a correction for the readers of a publication, if there is one."""
    found = CorrectionNotice.objects.filter(correction=correction, publication=publication)
    return found.select_related("correction__article", "publication__mailing_list", "issue").first()


def found_notice(correction: Correction, publication: Publication) -> CorrectionNotice:
    """Return the same. Raises NotFound."""
    notice = notice_of(correction, publication)
    if notice is None:
        raise NotFound("The email about this correction has not been approved yet. Approve it first.")
    return notice


def render_notice(correction: Correction, publication: Publication) -> NoticeEmails:
    """Render the emails about a correction as they would be approved now. Raises Refused and Invalid."""
    issue, lists = _latest_issue(correction, publication), CorrectionReaders(correction, publication).lists
    return render_emails(issue, correction, lists, timezone.localdate(timezone=publication.tzinfo))


def why_not_approve_notice(correction: Correction, publication: Publication) -> str:
    """Return why the current actor may not approve the email about a correction, or an empty string if they may."""
    why = why_not_approve_correction(publication, correction) or why_archived(publication)
    return why or why_no_email(correction, publication)


def why_no_email(correction: Correction, publication: Publication) -> str:
    """Return why a correction is not emailed to the readers of a publication, or an empty string if it can be."""
    if correction.made_at is None:
        return "This correction came from the article’s source. To email readers, publish a correction of your own."
    if correction.severity != Correction.Severity.SERIOUS:
        return "We only email readers about serious corrections. The next issue tells them about this one."
    readers = CorrectionReaders(correction, publication)
    if readers.issue is None:
        return f"{publication.name} has not sent this article, so no readers need this email."
    return ""


def approve_notice(number: int, publication: Publication, *, seen: str) -> CorrectionNotice:
    """Freeze the email about the correction with this number, for the readers of a publication.

    `seen` is the digest of the email that the person looked at. Raises Refused with the sentence of
    `why_not_approve_notice`, if the email is approved already, or if it is not the one that was seen.
    """
    correction = found_correction(number)
    refuse_if(why_not_approve_notice(correction, publication))
    try:
        with transaction.atomic():
            correction = locked(Correction.objects.select_related("article"), number)
            emails = render_notice(correction, publication)
            if emails.digest != seen:
                raise Refused("The email was changed after you opened it. Read it again, then approve it.")
            return _keep(correction, publication, emails)
    except IntegrityError:
        raise Refused("The email about this correction has already been approved.") from None


def _keep(correction: Correction, publication: Publication, emails: NoticeEmails) -> CorrectionNotice:
    now, actor = timezone.now(), current_actor()
    documents, others = emails.own.to_list(), emails.others_to_dict()
    every = [*documents, *chain.from_iterable(others.values())]
    keep_pictures_in((str(each.get("email")) for each in every), now)
    notice = CorrectionNotice.objects.create(
        correction=correction,
        publication=publication,
        issue=_latest_issue(correction, publication),
        emails=documents,
        other_emails=others,
        digest=emails.digest,
        approved_by=actor.name[:150],
        account=actor.account,
        approved_at=now,
    )
    record_about(
        notice, f"Approved the email “{emails.main.subject}”.", changes={"email": [None, emails.digest]}
    )
    return notice


def why_not_withdraw_notice(notice: CorrectionNotice) -> str:
    """Return why the current actor may not withdraw the approval of an email, or an empty string if they may."""
    if missing := why_not_role(Role.APPROVER, WITHDRAWING, publication=notice.publication_id):
        return missing
    if notice.state in {State.APPROVED, State.BLOCKED}:
        return ""
    return (
        "Somebody has already selected “Send” for this email. Before you can withdraw the approval, undo the "
        "sending, or stop the mailing if it has started."
    )


def withdraw_notice(notice: CorrectionNotice) -> None:
    """Withdraw the approval of an email that is not being sent yet, so that the correction can be removed again.

    Raises NotFound, and Refused with the sentence of `why_not_withdraw_notice`.
    """
    with transaction.atomic():
        notice = lock_notice(notice)
        refuse_if(why_not_withdraw_notice(notice))
        record_about(notice, "Withdrew the approval.", changes={"email": [notice.digest, None]})
        notice.delete()


def lock_notice(notice: CorrectionNotice) -> CorrectionNotice:
    """Lock the correction, and return its email as it is now. Call this inside a transaction. Raises NotFound.

    The lock of the correction makes all publications plan its mailings one after the other.
    """
    locked(Correction.objects.all(), notice.correction_id)
    found = CorrectionNotice.objects.select_related(
        "correction__article", "publication__mailing_list", "issue__publication"
    )
    now = found.filter(pk=notice.pk).first()
    if now is None:
        raise NotFound("The approval of this email was withdrawn. Approve the email again.")
    return now


def record_about(
    notice: CorrectionNotice, sentence: str, *, changes: dict[str, list[object]] | None = None
) -> None:
    """Record in the audit log what was done about an email."""
    record(
        "correction-email",
        f"Correction to “{notice.correction.article.title[:200]}”: {sentence}",
        publication=notice.publication,
        thing=f"article {notice.correction.article_id}",
        changes=changes,
    )


def _latest_issue(correction: Correction, publication: Publication) -> Issue:
    issue = CorrectionReaders(correction, publication).issue
    if issue is None:
        raise Refused(f"{publication.name} has not sent this article, so no readers need this email.")
    return issue
