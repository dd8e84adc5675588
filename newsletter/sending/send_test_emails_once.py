"""Sends the test emails of one form once, however often the form arrives, and keeps what came of each for the page."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from newsletter.accounts.actor import require_role
from newsletter.issues.models import Issue
from newsletter.sending.models import TestRequest
from newsletter.sending.outcomes import Accepted, Outcome, Unknown
from newsletter.sending.saved_not_sent import only_saves
from newsletter.sending.send_test_emails import (
    MAY_SEND_TESTS,
    TestSend,
    checked_addresses,
    current_emails,
    send_tests,
)
from newsletter.sending.transports import transport_named
from newsletter.sending_settings.current import sending_settings

KEPT_FOR = timedelta(days=1)
ACCEPTED, SAVED, UNKNOWN, FAILED = "accepted", "saved", "unknown", "failed"


@dataclass(frozen=True, slots=True)
class TestResult:
    """What came of one test email: `outcome` is accepted, saved, failed or unknown. `sentence` says it to an editor."""

    __test__ = False

    address: str
    subject: str
    outcome: str
    sentence: str


def request_test_emails(issue: Issue, addresses: Iterable[str], *, key: UUID) -> TestRequest:
    """Send the test emails of a form, unless a form with this key was sent before; return the request.

    A second form with the same key sends nothing, also while the first one is being sent. Raises as
    `send_test_emails`; then nothing was sent, and the same form can be corrected and sent again.
    """
    actor = require_role(MAY_SEND_TESTS, "Sending a test email", publication=issue.publication_id)
    found, emails, now = checked_addresses(addresses), current_emails(issue), timezone.now()
    transport_named(sending_settings().transport)  # raises if we cannot send anything
    TestRequest.objects.filter(requested_at__lt=now - KEPT_FOR).delete()
    # The row is committed before anything is sent, so that a second form finds it.
    request, is_new = TestRequest.objects.get_or_create(
        key=key,
        defaults={
            "issue": issue,
            "digest": emails.digest,
            "requested_by": actor.name,
            "requested_at": now,
        },
    )
    if is_new:
        request.results = [asdict(_result(each)) for each in send_tests(issue, found, emails)]
        request.save(update_fields=["results"])
    return request


def results_of(request: TestRequest) -> list[TestResult]:
    """Return what came of each email of a request. The list is empty while they are being sent."""
    return [TestResult(**each) for each in request.results or ()]


def latest_request(issue: Issue) -> TestRequest | None:
    """Return the latest request for test emails of an issue, of at most a day ago."""
    since = timezone.now() - KEPT_FOR
    return TestRequest.objects.filter(issue=issue, requested_at__gte=since).first()


def request_with(issue: Issue, key: str) -> TestRequest | None:
    """Return the request for test emails of an issue with this key, or None if there is none."""
    try:
        return TestRequest.objects.filter(issue=issue, key=UUID(key)).first()
    except ValueError:
        return None


def request_sentence(request: TestRequest) -> str:
    """Say how many of the test emails were accepted, and how many were not, or that they were only saved."""
    results = results_of(request)
    if not results:
        return (
            "We do not know whether these test emails were sent, because the server is still sending them "
            "or stopped while it was sending. Check the inboxes before you send them again."
        )
    failed = [each for each in results if each.outcome not in {ACCEPTED, SAVED}]
    if not failed:
        to = results[0].address if len(results) == 1 else f"{len(results)} addresses"
        if results[0].outcome == SAVED:
            return (
                f"The test email to {to} was saved in the server’s “outbox” folder. Nobody received it, because "
                "sending was not set up."
            )
        return f"The test email was sent to {to}."
    if len(results) == 1:
        return f"{failed[0].address}: {failed[0].sentence}"
    return f"{len(failed)} of {len(results)} test emails were not accepted. We will not send them again."


def _result(test: TestSend) -> TestResult:
    return TestResult(test.address, test.subject, *_outcome(test.answer))


def _outcome(answer: Outcome) -> tuple[str, str]:
    match answer:
        case Accepted() if only_saves():
            return SAVED, "Saved."
        case Accepted():
            return ACCEPTED, "Sent."
        case Unknown():
            return UNKNOWN, f"We do not know whether the test email was sent. {answer.reason}"
        case _:
            return FAILED, f"Not sent. {answer.reason}"
