"""Emails a new link to a reader whose link has expired, because they did not confirm their address in time.

The question itself is still with the review board. Only the address was deleted, so the reader types it again.
"""

import secrets

from newsletter.errors import Invalid, InvalidFields
from newsletter.feedback.case_limits import may_renew_link, require_within_limits
from newsletter.feedback.case_links import EndedLinkError
from newsletter.feedback.case_mails import queue_case_mail
from newsletter.feedback.models import CONFIRM, ReaderCase
from subscribers.email_addresses import parse
from subscribers.transactions import one_transaction


def renew_case_link(case: ReaderCase, typed: str, network: str) -> None:
    """Email a new link for a case to the address that was typed. The old link then no longer works.

    Each expired link is renewed once. So nobody can use it to email other people more than the forms allow anyway.
    Raises InvalidFields, TooManyCasesError, or EndedLinkError if the link was renewed in the meantime.
    """
    try:
        found = parse(typed)
    except Invalid as error:
        raise InvalidFields({"address": str(error)}) from None
    require_within_limits(network, found.key)
    _renew(case, found.address, found.key)


@one_transaction
def _renew(case: ReaderCase, address: str, address_key: str) -> None:
    expired = ReaderCase.objects.filter(
        pk=case.pk, nonce=case.nonce, address_key="", erased_at=None, confirmed_at=None
    )
    nonce = secrets.token_hex(8)
    if not expired.update(address=address, address_key=address_key, nonce=nonce):
        raise EndedLinkError
    case.refresh_from_db()
    if may_renew_link(case):
        queue_case_mail(case, CONFIRM)
