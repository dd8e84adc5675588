"""What commands print about a mailing: its state, its figures, and how to continue it."""

from typing import TYPE_CHECKING

from newsletter.cli.output import print_fields, print_json
from newsletter.issues.find_publication_or_issue import issue_full_name
from newsletter.sending.models import Mailing, Recipient

if TYPE_CHECKING:
    from newsletter.sending.recipient_counts import RecipientCounts


def mailing_document(mailing: Mailing, counted: "RecipientCounts") -> dict[str, object]:
    """Return a mailing and its figures for programs. `key` identifies it in Message-IDs and file names."""
    from newsletter.sending.defer_mailing import deferred_until, why_deferred
    from newsletter.sending.proven_duplicates import count_duplicates

    names = {
        "mailing": mailing.pk,
        "purpose": mailing.purpose,
        "issue": issue_full_name(mailing.issue),
        "key": str(mailing.key),
    }
    waits = {"waits_until": deferred_until(mailing), "waits_because": mailing.defer_reason}
    return {
        **names,
        "state": mailing.state,
        "pause_reason": mailing.pause_reason,
        **(waits if why_deferred(mailing) else {}),
        **counted.to_dict(),
        "twice": count_duplicates(mailing),
    }


def state_document(mailing: Mailing) -> dict[str, object]:
    """Return the same facts with the reasons, and the people who got the email twice."""
    from newsletter.sending.proven_duplicates import duplicates_of
    from newsletter.sending.recipient_counts import count_reasons, count_recipients

    counted = count_recipients(mailing)
    return {
        **mailing_document(mailing, counted),
        "reasons": count_reasons(mailing, counted),
        "got_it_twice": [each.to_dict() for each in duplicates_of(mailing)],
    }


def print_state(mailing: Mailing, *, as_json: bool) -> None:
    """Print a mailing and its figures, with the reasons."""
    from newsletter.sending.proven_duplicates import count_duplicates
    from newsletter.sending.recipient_counts import count_reasons, count_recipients
    from newsletter.sending.status_sentences import mailing_status, recipient_status

    if as_json:
        print_json(state_document(mailing))
        return
    counted = count_recipients(mailing)
    why = count_reasons(mailing, counted)
    facts: dict[str, object] = {
        str(mailing): mailing_status(mailing, counted).label.lower(),
        "audience": counted.audience,
    }
    for state in Recipient.State:
        facts[recipient_status(state).label.lower()] = _with_reasons(
            getattr(counted, state.value), why.get(state.value, {})
        )
    if twice := count_duplicates(mailing):
        facts["received the email twice"] = twice
    print_fields(facts)


def what_is_open(mailing: Mailing) -> str:
    """Say why a mailing is not finished, and which command continues it. Empty if it is finished."""
    from newsletter.sending.recipient_counts import count_recipients
    from newsletter.sending.status_sentences import mailing_status

    if mailing.finished_at is not None:
        return ""
    counted = count_recipients(mailing)
    status = mailing_status(mailing, counted)
    return f"{mailing} {mailing.state_predicate}. {status.sentence} {_how_to_go_on(mailing, counted)}"


def _how_to_go_on(mailing: Mailing, counted: "RecipientCounts") -> str:
    from newsletter.sending.defer_mailing import why_deferred

    if mailing.state == Mailing.State.PAUSED:
        return f"To continue, run `newsletter mailings resume {mailing.pk}`."
    if counted.waiting and why_deferred(mailing):
        return "`newsletter worker` will continue the mailing automatically."
    if counted.waiting and mailing.state != Mailing.State.STOPPED:
        return "To send to everyone who is still waiting, run this command again."
    return (
        f"To see what we know about the remaining recipients, run `newsletter mailings show {mailing.pk}`. To record "
        "whether they got the email, run `newsletter mailings settle`."
    )


def _with_reasons(count: int, why: dict[str, int]) -> str:
    if not why:
        return str(count)
    return f"{count}  ({'; '.join(f'{reason}: {number}' for reason, number in why.items())})"
