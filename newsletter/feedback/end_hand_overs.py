"""Takes cases back from somebody who can no longer answer them, because they lost their role or their account.

If they get a role again later, the board decides whether to hand a case over to them again.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.dispatch import receiver

from newsletter.accounts.access_changed import access_changed
from newsletter.accounts.users import actor_of
from newsletter.feedback.models import ReaderCase
from newsletter.issues.issue_audit import record


@receiver(access_changed)
def end_hand_overs(*, user: Any, **_signal: object) -> None:
    """Take back every case of a user who has no role for its newsletter any more, or cannot log in."""
    held = ReaderCase.objects.filter(assigned_to=user.pk).select_related("publication")
    cases = list(held.select_for_update(of=("self",)).order_by("pk"))
    if not cases:
        return
    # As stored now, without roles that were read before.
    actor = actor_of(get_user_model().objects.get(pk=user.pk))
    for case in cases:
        if actor.may_see(case.publication_id):
            continue
        case.assigned_to = case.assigned_at = None
        case.save(update_fields=("assigned_to", "assigned_at"))
        name = user.get_username()
        record(
            "question",
            f"Took back {case} from a reader, because {name} can no longer answer it.",
            publication=case.publication,
            thing=f"case {case.pk}",
            changes={"handed over to": [name, None]},
        )
