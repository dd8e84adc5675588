"""Asks the URLs of an email in parallel, and keeps what came of each for a day.

The page of the review shows what is known; only an approval, and the job that the page asks for, wait for the network.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from newsletter.http.deadline_socket import Deadline
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.known_links import key_of, known_results
from newsletter.preflight.models import CheckedLink
from newsletter.preflight.reach_url import BROKEN, NO_HOST, PRIVATE, SLOW, Reached, reach
from subscribers.phrases import written_moment

SECONDS = 10.0
SECONDS_EACH = 3.0
AT_ONCE = 20
_BAD_FROM = 400
# What every request gives if this machine has no network.
_WITHOUT_NETWORK = frozenset({NO_HOST, SLOW, BROKEN, PRIVATE})


def known_in_words(checked: CheckedIssue) -> str:
    """Say how many links and pictures of an email have been opened, and since when that is known."""
    urls = checked.urls_elsewhere
    if not urls:
        return "The email has no links or pictures on other sites."
    known = checked.known_links
    if not known and len(urls) == 1:
        return (
            "We have not opened the link or picture yet, so we do not know whether it works. We will open it when "
            "the issue is approved."
        )
    if not known:
        return (
            f"We have not opened the {len(urls):,} links and pictures yet, so we do not know whether they work. We "
            "will open them when the issue is approved."
        )
    oldest = min(row.checked_at for row in known.values()).astimezone(checked.publication.tzinfo)
    since = written_moment(oldest)
    if len(urls) == 1:
        return f"We opened the link or picture on {since}."
    if len(known) == len(urls):
        return f"We have opened all {len(urls):,} links and pictures, the first on {since}. {_how_many_work(known)}"
    unknown = len(urls) - len(known)
    others = "one" if unknown == 1 else f"{unknown:,}"
    return (
        f"We have opened {len(known):,} of the {len(urls):,} links and pictures, the first on {since}. "
        "We have not opened "
        f"the other {others} yet."
    )


def _how_many_work(known: Mapping[str, CheckedLink]) -> str:
    """Say how many of the links and pictures gave a page or a picture."""
    others = sum(bool(row.problem) or row.status >= _BAD_FROM for row in known.values())
    if not others:
        return "All of them work."
    return (
        f"{others:,} of them did not show what readers expect."
        if others < len(known)
        else "None of them works."
    )


def ask_unknown(checked: CheckedIssue, *, seconds: float = SECONDS) -> int:
    """Ask the URLs of an email of which nothing is known, for some seconds at most. Return how many were asked.

    Must not be called in a transaction. If nobody answers at all, this machine seems to have no network: then it is not
    stored that a link does not work.
    """
    if not settings.NEWSLETTER.check_links:
        return 0
    urls = checked.urls_elsewhere
    known = known_results(urls)
    results = _asked([url for url in urls if url not in known], seconds)
    now = timezone.now()
    if not (any(each.problem not in _WITHOUT_NETWORK for each in results) or _somebody_answered(now)):
        return 0
    for each in results:
        _keep(each, now)
    return len(results)


def _somebody_answered(now: datetime) -> bool:
    return CheckedLink.objects.filter(checked_at__gte=now - timedelta(hours=1), status__gt=0).exists()


def prune_checked_links(now: datetime) -> int:
    """Delete what is known of links that were asked over a month ago. Return how many."""
    return CheckedLink.objects.filter(checked_at__lt=now - timedelta(days=31)).delete()[0]


def _asked(urls: Sequence[str], seconds: float) -> list[Reached]:
    """Ask in parallel. URLs whose turn does not come in time have no result."""
    if not urls:
        return []
    deadline = Deadline(seconds)

    def ask(url: str) -> Reached | None:
        left = min(SECONDS_EACH, deadline.left - 0.1)
        return reach(url, left) if left > 0 else None

    with ThreadPoolExecutor(min(AT_ONCE, len(urls)), thread_name_prefix="link") as pool:
        return [each for each in pool.map(ask, urls) if each is not None]


def _keep(found: Reached, now: datetime) -> None:
    CheckedLink.objects.update_or_create(
        key=key_of(found.url),
        defaults={
            "url": found.url,
            "checked_at": now,
            "status": found.status,
            "problem": found.problem,
            "moved_to": found.moved_to,
            "moved_for_good": found.moved_for_good,
            "bytes": found.bytes,
        },
    )
