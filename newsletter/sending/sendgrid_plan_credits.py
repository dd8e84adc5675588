"""How many emails the SendGrid plan still includes. A mailing that needs more is not started, resumed or retried.

The account says it, if the API key may ask (`user.credits.read`). Otherwise the number counts that an administrator
entered, less the mailings of this calendar month.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db.models import Sum
from django.utils import timezone

from newsletter.environment import Environment
from newsletter.errors import NewsletterError, Refused
from newsletter.sending.models import Mailing, Recipient
from newsletter.sending_settings.current import sending_settings
from subscribers.phrases import counted

WHAT_TO_DO = (
    "Get a larger plan, wait until the plan renews, or ask an administrator to allow more emails in the "
    "sending settings."
)


@dataclass(frozen=True, slots=True)
class PlanCredits:
    """How many emails a new mailing may still need, of how many, and until which day.

    `reserved` is how many of them the mailings that are being sent will still need; they are not in `left`.
    `is_entered` says that an administrator entered the number, because SendGrid does not say it.
    """

    left: int
    total: int
    until: date | None = None
    reserved: int = 0
    is_entered: bool = False

    def require(self, wanted: int) -> None:
        """Raise Refused, naming both numbers, if a mailing would need more emails than are left."""
        if wanted > self.left:
            raise Refused(
                f"This mailing needs {self._too_few_for(wanted)}. We did not start it, so nobody has "
                f"received it. {WHAT_TO_DO} Then send the issue again."
            )

    def require_for_rest(self, wanted: int) -> None:
        """Raise Refused, naming both numbers, if the rest of a mailing would need more emails than are left."""
        if wanted > self.left:
            raise Refused(
                f"The rest of this mailing needs {self._too_few_for(wanted)}. We did not send any of it. "
                f"{WHAT_TO_DO} Then "
                "try again."
            )

    def _too_few_for(self, wanted: int) -> str:
        until = f" until {self.until.day} {self.until:%B}" if self.until else ""
        total = counted(self.total, "email", "emails")
        where = (
            (
                f"the sending settings allow {total} a month, of which only {counted(self.left, 'is', 'are')} "
                f"left{until}"
            )
            if self.is_entered
            else f"your SendGrid plan has only {self.left:,} of {total} left{until}"
        )
        others = f" (current mailings need another {self.reserved:,})" if self.reserved else ""
        return f"{counted(wanted, 'email', 'emails')}, but {where}{others}"


def plan_credits(rest: int = 0) -> PlanCredits | None:
    """Return how many emails a new mailing may need, or None if there is no limit or it is unknown.

    `rest` is how many emails of mailings of this month were planned but not sent, and are still wanted. The entered
    number counts every planned email as sent, so they are added again. It may ask SendGrid, so call this outside
    transactions.
    """
    environment = sending_settings()
    if (
        environment.transport != "sendgrid"
        or environment.sendgrid_sandbox
        or environment.sendgrid_allow_overage
    ):
        return None
    return credits_of_account(environment) or _entered_credits(environment.sendgrid_monthly_emails, rest)


def require_credits_for_rest(mailing: Mailing, wanted: int) -> None:
    """Raise Refused if the SendGrid plan has too few emails left for a number of a planned mailing's recipients.

    It may ask SendGrid, so call this outside transactions.
    """
    if mailing.transport != "sendgrid" or not wanted:
        return
    credits_left = plan_credits(wanted if mailing.planned_at >= _month_begins() else 0)
    if credits_left is not None:
        credits_left.require_for_rest(wanted)


def credits_of_account(environment: Environment) -> PlanCredits | None:
    """Return what SendGrid says is left, less what mailings that are being sent still need; None if it does not say.

    A paused mailing does not count: nobody knows whether it will be resumed.
    """
    # The SendGrid client takes longer to import than most commands to run.
    from newsletter.sending.transports.sendgrid_account import Account

    if not environment.sendgrid_api_key.get_secret_value():
        return None
    account = Account(environment)
    try:
        found = account.credits()
    except NewsletterError:
        return None
    finally:
        account.close()
    waiting = Recipient.objects.filter(
        state=Recipient.State.WAITING,
        batch__mailing__transport="sendgrid",
        batch__mailing__state=Mailing.State.SENDING,
    ).count()
    reserved = min(waiting, found.left)
    return PlanCredits(found.left - reserved, found.total, _day(found.next_reset), reserved)


def _entered_credits(total: int, rest: int) -> PlanCredits | None:
    if not total:
        return None
    sent = Mailing.objects.filter(transport="sendgrid", planned_at__gte=_month_begins())
    used = (sent.aggregate(used=Sum("audience"))["used"] or 0) - rest
    return PlanCredits(
        max(total - used, 0),
        total,
        _first_of_next_month(timezone.now().astimezone(UTC).date()),
        is_entered=True,
    )


def _month_begins() -> datetime:
    today = timezone.now().astimezone(UTC)
    return datetime(today.year, today.month, 1, tzinfo=UTC)


def _first_of_next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
