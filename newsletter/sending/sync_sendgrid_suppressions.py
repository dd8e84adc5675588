"""Pulls SendGrid's suppressions into our own, and pushes ours to SendGrid on request.

Each of SendGrid's lists is read in closed windows. Each window starts somewhat before the end of the last one, so that
late entries are not missed; reading an entry again changes nothing. Nothing is ever deleted at SendGrid.
Source: https://www.twilio.com/docs/sendgrid/api-reference/bounces-api (and the pages beside it)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from newsletter.accounts import audit_log
from newsletter.accounts.actor import Role, require_role
from newsletter.environment import Environment
from newsletter.errors import Invalid, NewsletterError, Refused, refuse_if
from newsletter.sending.models import SuppressionSync
from newsletter.sending_settings.current import sending_settings
from subscribers import suppression
from subscribers.consent_log import ConsentSource
from subscribers.email_addresses import fold
from subscribers.models import SourceKind, Subscriber, Subscription, Suppression

if TYPE_CHECKING:
    from newsletter.sending.transports.sendgrid_account import Account

Reason = Suppression.Reason
KINDS = {
    "bounces": Reason.HARD_BOUNCE,
    "spam_reports": Reason.COMPLAINT,
    "invalid_emails": Reason.HARD_BOUNCE,
    "unsubscribes": Reason.LEFT_ALL,
}
SENDGRID = ConsentSource(SourceKind.PROVIDER, "SendGrid")
PAGE = 500
OVERLAP = timedelta(hours=1)
# Recent events may not be in SendGrid's lists yet.
SETTLING = timedelta(seconds=30)
FRESH = timedelta(minutes=10)
AT_ONCE = 1_000
DAY = timedelta(days=1)
# The row of our own list: `until` is when somebody last asked to give it to SendGrid, `pulled_at` when we last did.
PUSH = "push"
BEGINNING = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class PullResult:
    """How many entries of a list were read, and how many of them were new to us."""

    kind: str
    read: int
    new: int


def pull_suppressions() -> list[PullResult]:
    """Pull the new entries of each of SendGrid's lists. Entries pulled before an error are kept.

    Raises Invalid without an API key, and Unreachable or Refused depending on SendGrid's response.
    """
    with _account() as account:
        pulled = [_pull(account, kind) for kind in KINDS]
    if audit_log.is_person_acting():
        new = sum(each.new for each in pulled)
        audit_log.write("suppression", "Copied the suppressions from SendGrid.", changes={"new": [0, new]})
    return pulled


def pull_next_suppressions(*, older_than: timedelta = timedelta(hours=1)) -> bool:
    """Pull the list that was not pulled for longest, if longer than `older_than`; return whether there was one.

    The scheduler calls this until it returns False. Raises the same errors as `pull_suppressions`.
    """
    if not _can_pull(sending_settings()):
        return False
    pulled = dict(SuppressionSync.objects.values_list("kind", "pulled_at"))
    now = timezone.now()
    # A pull in the future was made before the clock was set back.
    due = [kind for kind in KINDS if kind not in pulled or not now - older_than < pulled[kind] <= now]
    if not due:
        return False
    with _account() as account:
        _pull(account, min(due, key=lambda kind: pulled.get(kind, BEGINNING)))
    return True


def pull_before_mailing() -> str:
    """Pull new suppressions unless we just did; return a sentence if that fails.

    The mailing continues all the same: the suppressions we know apply, and SendGrid itself mails nobody on its lists.
    """
    if not _can_pull(sending_settings()) or _is_fresh():
        return ""
    try:
        pull_suppressions()
    except NewsletterError as error:
        return f"We could not copy the suppressions from SendGrid, so we used the last copy. {error}"
    return ""


def ask_for_sync() -> None:
    """Let the scheduler copy the suppressions from SendGrid, and give it ours, as soon as it looks."""
    require_role(Role.SENDER, "Exchanging suppressions")
    refuse_if("" if _can_pull(sending_settings()) else "This installation does not send through SendGrid.")
    now = timezone.now()
    with transaction.atomic():
        SuppressionSync.objects.filter(kind__in=KINDS).update(pulled_at=BEGINNING)
        SuppressionSync.objects.update_or_create(
            kind=PUSH, defaults={"until": now}, create_defaults={"until": now, "pulled_at": BEGINNING}
        )
        audit_log.write("suppression", "Asked us to exchange suppressions with SendGrid.")


@dataclass(frozen=True, slots=True)
class SyncState:
    """When our and SendGrid's suppressions were last exchanged. None: never. `is_asked_for` says that it is due now."""

    pulled_at: datetime | None
    pushed_at: datetime | None
    is_asked_for: bool


def sync_state() -> SyncState:
    """Return when the suppressions were last exchanged. Of SendGrid's lists, the one copied longest ago counts."""
    rows = {each.kind: each for each in SuppressionSync.objects.all()}
    pulls = [rows[kind].pulled_at if kind in rows else BEGINNING for kind in KINDS]
    push = rows.get(PUSH)
    pulled, pushed = min(pulls), push.pulled_at if push else BEGINNING
    return SyncState(
        pulled_at=None if pulled == BEGINNING else pulled,
        pushed_at=None if pushed == BEGINNING else pushed,
        is_asked_for=bool(push and push.pulled_at < push.until),
    )


def push_next_suppressions() -> bool:
    """Push our suppressions to SendGrid if somebody asked for it, or if a day has passed and it is to happen daily.

    The scheduler calls this. Returns False, because there is nothing more to do at once. Raises the same errors as
    `pull_suppressions`; then it is tried again a day later, or when somebody asks again.
    """
    environment, now = sending_settings(), timezone.now()
    if not _can_pull(environment):
        return False
    push = SuppressionSync.objects.filter(kind=PUSH).first()
    pushed_at = push.pulled_at if push else BEGINNING
    is_asked_for = bool(push and pushed_at < push.until)
    is_due = environment.sendgrid_push_suppressions and not now - DAY < pushed_at <= now
    if is_asked_for or is_due:
        # Noted before it is tried, so that a key that may not does not try all day.
        SuppressionSync.objects.update_or_create(
            kind=PUSH, defaults={"pulled_at": now}, create_defaults={"pulled_at": now, "until": BEGINNING}
        )
        push_suppressions()
    return False


def push_suppressions() -> int:
    """Push the suppressed addresses that we know to SendGrid; return how many.

    Of erased people we only store a hash, which SendGrid cannot use. Raises the same errors as `pull_suppressions`.
    """
    pushed = 0
    with _account() as account:
        for addresses in _suppressed_addresses():
            account.suppress(addresses)
            pushed += len(addresses)
    if audit_log.is_person_acting():
        audit_log.write("suppression", "Sent our suppressions to SendGrid.", changes={"given": [0, pushed]})
    return pushed


@contextmanager
def _account() -> "Iterator[Account]":
    # The SendGrid client takes longer to import than most commands to run.
    from newsletter.sending.transports.sendgrid_account import Account

    account = Account(sending_settings())
    try:
        yield account
    finally:
        account.close()


def _can_pull(environment: Environment) -> bool:
    return environment.transport == "sendgrid" and bool(environment.sendgrid_api_key.get_secret_value())


def _is_fresh() -> bool:
    now = timezone.now()
    recent = SuppressionSync.objects.filter(kind__in=KINDS, pulled_at__gt=now - FRESH, pulled_at__lte=now)
    return recent.count() == len(KINDS)


def _pull(account: "Account", kind: str) -> PullResult:
    last = SuppressionSync.objects.filter(kind=kind).first()
    until = timezone.now() - SETTLING
    # A window that ends in the future was read while the clock was wrong, so it may have missed entries.
    since = last.until - OVERLAP if last and last.until <= until else BEGINNING
    read = new = 0
    for entry in _entries(account, kind, since, until):
        read += 1
        new += _take_over(kind, entry)
    SuppressionSync.objects.update_or_create(
        kind=kind, defaults={"until": until, "pulled_at": timezone.now()}
    )
    return PullResult(kind, read, new)


def _entries(account: "Account", kind: str, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    offset, before = 0, list[dict[str, Any]]()
    while True:
        page = account.suppressed(
            kind, since=int(since.timestamp()), until=int(until.timestamp()), limit=PAGE, offset=offset
        )
        if page and page == before:
            raise Refused(f"SendGrid keeps returning the same page of {kind}. Try again later.")
        yield from page
        if len(page) < PAGE:
            return
        offset, before = offset + PAGE, page


def _take_over(kind: str, entry: dict[str, Any]) -> bool:
    """Add an entry to our suppressions; return whether it is new. Entries without a valid address are ignored."""
    address, created = entry.get("email"), entry.get("created")
    try:
        key = fold(str(address))
    except Invalid:
        return False
    made = _moment(created)
    if _was_undone(key, KINDS[kind], made) or (kind == "unsubscribes" and _is_settled(key, made)):
        return False
    return suppression.suppress(str(address), KINDS[kind], SENDGRID, note=f"Listed in SendGrid under {kind}.")


def _moment(created: object) -> datetime:
    """Return when an entry was made; now, if the entry has no valid time."""
    try:
        return datetime.fromtimestamp(created, UTC) if isinstance(created, int) else timezone.now()
    except (OverflowError, ValueError, OSError):
        return timezone.now()


def _was_undone(key: str, reason: Suppression.Reason, made: datetime) -> bool:
    """Return whether the suppression was lifted here after SendGrid made its entry."""
    return suppression.suppressions_of(key).filter(reason=reason, lifted_at__gte=made).exists()


def _is_settled(key: str, made: datetime) -> bool:
    """Return whether somebody who unsubscribed at SendGrid is suppressed anyway or has subscribed again since."""
    if suppression.reasons(key):
        return True
    return Subscription.objects.filter(
        subscriber__address_key=key, state=Subscription.State.ACTIVE, joined_at__gt=made
    ).exists()


def _suppressed_addresses() -> Iterator[list[str]]:
    """Yield the suppressed addresses in portions, without keeping all of them in memory."""
    last = 0
    while True:
        people = Subscriber.objects.filter(pk__gt=last).order_by("pk")
        some = list(people.values_list("pk", "address_key", "address")[:AT_ONCE])
        if not some:
            return
        last = some[-1][0]
        held = suppression.suppressed_among(key for _number, key, _address in some)
        if addresses := [address for _number, key, address in some if key in held]:
            yield addresses
