"""Notices that this database is older than the emails already sent, as after a machine was reset to a snapshot.

Before the first post of a mailing, a process asks the provider in one query for posts that were not made yet: the next
attempts of the open batches and of the next new batches and, while nobody is known to have received the mailing, any
post of its issue (posts_not_yet_made.py). If the provider knows such a post, this database has forgotten it, so it is
quarantined. When an administrator adopts it, we ask the provider who received what (adopt_after_rollback.py), so that
nobody is mailed twice. See docs/decisions/0022-rollback.md.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from threading import Lock

from django.utils import timezone

from newsletter.errors import Unreachable
from newsletter.instance import guard
from newsletter.sending import sending_sql
from newsletter.sending.defer_mailing import defer_mailing
from newsletter.sending.models import Mailing
from newsletter.sending.posts_not_yet_made import not_made_posts, unposted_issue
from newsletter.sending.transport import BatchReference, Transport
from subscribers import raw_sql

log = logging.getLogger(__name__)
CHECKS = 3
ASK_AGAIN = timedelta(seconds=15)
NO_ANSWER = (
    "SendGrid's Email Logs did not respond, so we could not check whether this database was restored to an "
    "earlier state. We will try again."
)
CANNOT_ASK = (
    "This API key cannot read SendGrid's Email Logs, so we cannot check whether this database was "
    "restored to an earlier state. Run `newsletter doctor` to see which permissions the key lacks."
)

_asking = Lock()
_cleared, _warned = set[tuple[object, ...]](), set[str]()


def may_post(batch_id: int, transport: Transport) -> bool:
    """Return whether this installation may post the mailing of a batch, as far as the provider knows.

    Each process asks the provider once for each mailing. Call outside any transaction. If the provider does not answer,
    the mailing is deferred for a short time. Also returns False if the batch does not exist.
    """
    found = raw_sql.directly(sending_sql.FIND_MAILING_OF_BATCH, [batch_id]).fetchone()
    if found is None:
        return False
    known = (*found, guard.status_version())
    if known in _cleared:
        return True
    with _asking:
        if known in _cleared:
            return True
        mailing = Mailing.objects.select_related("issue__publication").get(pk=found[0])
        try:
            is_newest = _is_newest(mailing, transport)
        except Unreachable:
            defer_mailing(mailing.pk, timezone.now() + ASK_AGAIN, NO_ANSWER)
            return False
        if is_newest:
            _cleared.add(known)
        return is_newest


def clear_cached_answers() -> None:
    """Forget the answers, so that we ask again for every mailing."""
    _cleared.clear()
    _warned.clear()


def _is_newest(mailing: Mailing, transport: Transport) -> bool:
    for _ in range(CHECKS):
        unmade, issue = not_made_posts(mailing), unposted_issue(mailing)
        found = transport.accepted_addresses(unmade, issue=issue, at_most=1)
        if found is None:
            _warn(CANNOT_ASK)
            return True
        if not found:
            return True
        if (_names(not_made_posts(mailing)), unposted_issue(mailing)) == (_names(unmade), issue):
            guard.quarantine(_why(mailing))
            return False
    # Each time, another process posted part of the mailing meanwhile, after it had asked the same question.
    return True


def _why(mailing: Mailing) -> str:
    issue = mailing.issue
    return (
        f"SendGrid has already accepted emails for {issue} that are not recorded in this database. Either "
        "this database was restored to an earlier state, or another publication called "
        f"“{issue.publication.slug}” sent its issue {issue.number} through the same account in the last 30 "
        "days."
    )


def _names(traces: Iterable[BatchReference]) -> list[tuple[int, int]]:
    return [(trace.number, trace.attempt) for trace in traces]


def _warn(sentence: str) -> None:
    if sentence not in _warned:
        _warned.add(sentence)
        log.warning("%s", sentence)
