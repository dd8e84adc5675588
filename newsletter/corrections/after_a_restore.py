"""What happens to emails about corrections in a database that was restored, copied or moved.

“Send” waits only for the undo window, so such an email has almost certainly been sent since the copy was made, and the
copy does not know that. So it is not sent from here until a person decides.
"""

from newsletter.accounts.actor import Role, require_role
from newsletter.corrections.models import CorrectionNotice
from newsletter.corrections.readers import CorrectionReaders
from newsletter.corrections.send_notice import block_notice
from newsletter.instance.guard import instance_status
from newsletter.instance.models import Instance
from newsletter.sending.adopt_after_rollback import adopt_after_rollback
from newsletter.sending.pending_sends import PendingSend, pending_sends

HELD = (
    "“Send” was selected before this database was restored, copied or moved, so the email could have been sent since "
    "then. Check whether readers have received it. If not, select “Send” again. Otherwise, withdraw the approval."
)


def adopt_installation() -> tuple[Instance, int]:
    """Allow this installation to send, as `adopt_after_rollback` does, and hold the emails about corrections.

    Every door allows it by this function. Raises Refused and Unreachable.
    """
    require_role(Role.ADMINISTRATOR, "Allowing this database to send")
    if instance_status().problem:
        for notice in _waiting():
            block_notice(notice, HELD)
    return adopt_after_rollback()


def pending_emails() -> list[PendingSend]:
    """Return everything that would be sent from here, emails about corrections first."""
    is_held = bool(instance_status().problem)
    corrections = [
        PendingSend(
            f"Correction to “{each.correction.article.title[:200]}” for {each.publication.name}",
            each.due_at,
            CorrectionReaders(each.correction, each.publication).count(),
            is_held=is_held,
        )
        for each in _waiting()
    ]
    return [*corrections, *pending_sends()]


def _waiting() -> list[CorrectionNotice]:
    found = CorrectionNotice.objects.filter(state=CorrectionNotice.State.SCHEDULED)
    return list(
        found.select_related("correction__article", "publication__mailing_list").order_by("due_at", "pk")
    )
