"""Send an approved email about a correction after the undo window, and undo that. The scheduler plans its mailings.

Everybody who received the article in an issue of the publication gets the email once, whatever is killed or repeated:
all mailings of one email are planned in one transaction, which locks the correction, and each leaves out the people
in the mailings before it. After that, each mailing is claimed, posted and counted as any other.
"""

import logging
from datetime import timedelta

from django.db import OperationalError, transaction
from django.utils import timezone

from newsletter.accounts.actor import Role, current_actor, why_not_role
from newsletter.corrections.approve_notice import lock_notice, record_about
from newsletter.corrections.models import CorrectionNotice, NoticeMailing
from newsletter.corrections.notice_emails import render_emails, stored_notice_emails
from newsletter.corrections.readers import CorrectionReaders
from newsletter.errors import Invalid, NewsletterError, refuse_if
from newsletter.instance.guard import may_send, require_may_send
from newsletter.issues.archived_publications import why_archived
from newsletter.issues.models import Publication
from newsletter.scheduling.release import grace, why_late
from newsletter.scheduling.schedule import MAY_SCHEDULE
from newsletter.sending.ledger import record_decision
from newsletter.sending.models import Decision, Mailing
from newsletter.sending.plan import write_mailing
from newsletter.sending.sendgrid_plan_credits import PlanCredits, plan_credits
from newsletter.sending.sync_sendgrid_suppressions import pull_before_mailing
from subscribers.phrases import counted
from subscribers.transactions import repeated

log = logging.getLogger(__name__)
State = CorrectionNotice.State
SENDING, UNDOING = "Sending an email about a correction", "Undoing “Send”"


def why_not_sender(publication: Publication) -> str:
    """Return why the current actor may not send emails about corrections at all, or an empty string if they may."""
    return why_not_role(Role.SENDER, SENDING, publication=publication.pk)


def why_not_send_notice(notice: CorrectionNotice) -> str:
    """Return why the current actor may not send an approved email about a correction, or an empty string."""
    if missing := why_not_sender(notice.publication):
        return missing
    if archived := why_archived(notice.publication):
        return archived
    if notice.state not in {State.APPROVED, State.BLOCKED}:
        return f"The email about this correction {notice.state_predicate}."
    readers = CorrectionReaders(notice.correction, notice.publication)
    return readers.why_still_sending() or _why_nobody(readers)


def send_notice(notice: CorrectionNotice, *, without_undo: bool = False) -> CorrectionNotice:
    """Send an approved email when the publication's undo window is over. Return the email as it is then.

    Without an undo window, the mailings are planned at once. Raises Refused with the sentence of
    `why_not_send_notice`, or if this installation may not send or the SendGrid plan has too few emails left.
    """
    require_may_send()
    credits_left = plan_credits()
    if credits_left is not None:
        credits_left.require(CorrectionReaders(notice.correction, notice.publication).count())
    with transaction.atomic():
        notice = lock_notice(notice)
        refuse_if(why_not_send_notice(notice) or _why_changed(notice))
        minutes = 0 if without_undo else notice.publication.undo_minutes
        before = notice.state
        notice.state, notice.blocked_reason = State.SCHEDULED, ""
        notice.due_at = timezone.now() + timedelta(minutes=minutes)
        notice.sent_by = current_actor().name[:150]
        notice.save(update_fields=["state", "blocked_reason", "due_at", "sent_by"])
        sentence = f"Selected “Send”. The email will be sent in {counted(minutes, 'minute', 'minutes')}."
        record_about(
            notice,
            sentence if minutes else "Selected “Send”. The email is being sent now.",
            changes={"state": [before, State.SCHEDULED]},
        )
    return plan_notice(notice) if without_undo else notice


def why_not_undo(notice: CorrectionNotice) -> str:
    """Return why the current actor may not undo “Send”, or an empty string if they may."""
    if missing := why_not_role(MAY_SCHEDULE, UNDOING, publication=notice.publication_id):
        return missing
    if notice.state == State.SCHEDULED:
        return ""
    if notice.planned_at is not None:
        return "The email is already being sent, so you cannot undo this. You can still stop the mailing."
    return "Nobody has selected “Send”, so there is nothing to undo."


def undo_send(notice: CorrectionNotice) -> None:
    """Undo “Send” until the mailings are planned. The approval stays. Raises Refused, and NotFound."""
    with transaction.atomic():
        notice = lock_notice(notice)
        refuse_if(why_not_undo(notice))
        notice.state, notice.due_at = State.APPROVED, None
        notice.save(update_fields=["state", "due_at"])
        record_about(notice, "Undid “Send”.", changes={"state": [State.SCHEDULED, State.APPROVED]})


def plan_next_notice() -> CorrectionNotice | None:
    """Plan the mailings of one email whose undo window is over. Returns None if there is none or it was blocked."""
    if not may_send():
        return None
    due = CorrectionNotice.objects.filter(state=State.SCHEDULED, due_at__lte=timezone.now())
    notice = due.select_related("correction__article", "publication__mailing_list").order_by("due_at").first()
    if notice is None:
        return None
    try:
        refuse_if(_why_too_late(notice))
        return plan_notice(notice)
    except NewsletterError as error:
        block_notice(notice, str(error))
    except OperationalError:
        raise  # the cause is the database, not the email, so we try again
    except Exception:
        # An error in one email must not stop the others.
        log.exception("Could not plan the mailings for correction email %s", notice.pk)
        block_notice(notice, "We could not send the email because of a fault in this software. See the log.")
    return None


def plan_notice(notice: CorrectionNotice) -> CorrectionNotice:
    """Write the mailings of an email that is due, all or none, and return the email as it is then.

    Raises Refused and Invalid, and nothing is written.
    """
    require_may_send()
    without_pull, credits_left = pull_before_mailing(), plan_credits()

    def plan() -> CorrectionNotice:
        now = lock_notice(notice)
        if now.state == State.SCHEDULED:
            _write(now, without_pull, credits_left)
        return now

    # Again if somebody in the audience was erased, or the import that brought them was undone.
    return repeated(plan)


def mailings_of(notice: CorrectionNotice) -> list[Mailing]:
    """Return the mailings that send an email about a correction."""
    found = notice.sent_as.select_related("mailing__issue__publication", "mailing__mailing_list")
    return [each.mailing for each in found.order_by("mailing_id")]


def _write(notice: CorrectionNotice, remark: str, credits_left: PlanCredits | None) -> None:
    readers = CorrectionReaders(notice.correction, notice.publication)
    refuse_if(why_archived(notice.publication) or readers.why_still_sending())
    emails = stored_notice_emails(notice)
    total = 0
    for rule in readers.rules():
        if not rule.people(readers.day).exists():
            continue
        for_list = emails.for_list(rule.mailing_list, notice.publication.mailing_list_id)
        mailing = write_mailing(
            notice.issue, for_list, rule, digest=for_list.digest, purpose=Mailing.Purpose.CORRECTION
        )
        NoticeMailing.objects.create(notice=notice, mailing=mailing)
        people = counted(mailing.audience, "recipient", "recipients")
        record_decision(
            mailing,
            Decision.Act.PLAN,
            decided_by=notice.sent_by,
            sentence=f"Planned to send an email about a correction to {people}. {remark}".strip(),
        )
        total += mailing.audience
    if not total:
        raise Invalid(NOBODY)
    if credits_left is not None:
        credits_left.require(total)
    notice.left_out = {str(reason): count for reason, count in readers.left_out().items()}
    notice.state, notice.planned_at = State.PLANNED, timezone.now()
    notice.save(update_fields=["left_out", "state", "planned_at"])


NOBODY = (
    "Nobody would receive this email: everybody who received the article has left the list, is suppressed, or has "
    "already received the correction."
)


def _why_changed(notice: CorrectionNotice) -> str:
    """Return why the approved email is not what would be approved now, or an empty string if it is."""
    day = timezone.localtime(notice.approved_at, notice.publication.tzinfo).date()
    lists = CorrectionReaders(notice.correction, notice.publication).lists
    if render_emails(notice.issue, notice.correction, lists, day).digest == notice.digest:
        return ""
    return (
        "The article or the newsletter’s details have changed since this email was approved. "
        "Withdraw the approval, read the email again and approve it."
    )


def _why_too_late(notice: CorrectionNotice) -> str:
    """Return that an email is late by more than the grace of issues, or an empty string."""
    assert notice.due_at is not None
    if timezone.now() <= notice.due_at + grace():
        return ""
    late = why_late("This email", notice.due_at, notice.publication)
    return f"{late} Select “Send” again, or withdraw the approval."


def _why_nobody(readers: CorrectionReaders) -> str:
    return NOBODY if readers.is_empty() else ""


def block_notice(notice: CorrectionNotice, because: str) -> None:
    """Block an email whose “Send” was selected, until a person decides. Everybody concerned is notified of it."""
    with transaction.atomic():
        now = lock_notice(notice)
        if now.state == State.SCHEDULED:
            now.state, now.blocked_reason, now.due_at = State.BLOCKED, because, timezone.now()
            now.save(update_fields=["state", "blocked_reason", "due_at"])
            record_about(now, f"Blocked: {because}", changes={"state": [State.SCHEDULED, State.BLOCKED]})
