"""The review board hands a question or complaint over to somebody without the board role, who then decides it.

The board still sees the case and can decide it too. Only the board marks cases as junk and erases them.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from newsletter.accounts.actor import current_actor
from newsletter.accounts.role_assignments import reachable_users
from newsletter.accounts.users import actor_of
from newsletter.errors import Invalid, Refused, refuse_if
from newsletter.feedback.board_acts import locked_case
from newsletter.feedback.find_cases import why_not_for_board
from newsletter.feedback.models import ReaderCase
from newsletter.issues.issue_audit import record
from subscribers.transactions import one_transaction


def people_to_hand_over_to(case: ReaderCase) -> list[Any]:
    """Return the users to whom a case can be handed over: those who can log in and have a role for the newsletter."""
    me = current_actor().account
    everybody = [user for user in reachable_users() if user.pk != me]
    return [user for user in everybody if actor_of(user).may_see(case.publication_id)]


@one_transaction
def hand_over(number: int, name: str, *, seen: str | None = None) -> ReaderCase:
    """Hand an open case over to the user with this name, or take it back if the name is empty.

    `seen` is the name of the user who had the case on the page that a form started from, or empty. Only the board can
    do this. Raises Refused, also if somebody else has the case now, NotFound, and Invalid for somebody who cannot get
    the case.
    """
    # Their roles cannot change meanwhile: who changes these locks the account first, too, and then its cases.
    get_user_model().objects.select_for_update().filter(username=name).first()
    case = locked_case(number, *ReaderCase.OPEN)
    refuse_if(why_not_for_board(case))
    holder = case.assigned_to.username if case.assigned_to else ""
    if seen is not None and seen != holder:
        raise Refused(
            f"Somebody else has handed this over to {holder} since you opened the page. Check who answers it now."
            if holder
            else "Somebody else has taken this back since you opened the page. Check who answers it now."
        )
    chosen = None
    if name:
        chosen = next((user for user in people_to_hand_over_to(case) if user.username == name), None)
        if chosen is None:
            raise Invalid(
                f"You cannot hand this over to “{name[:150]}”. Choose somebody else who has a role for "
                f"{case.publication.name} and can log in."
            )
    before = case.assigned_to
    if before == chosen:
        return case
    case.assigned_to, case.assigned_at = chosen, timezone.now() if chosen else None
    case.save(update_fields=("assigned_to", "assigned_at"))
    did = (
        f"Handed over {case} from a reader to {chosen.username}."
        if chosen
        else f"Took back {case} from a reader."
    )
    record(
        "question",
        did,
        publication=case.publication,
        thing=f"case {case.pk}",
        changes={
            "handed over to": [before.username if before else None, chosen.username if chosen else None]
        },
    )
    return case
