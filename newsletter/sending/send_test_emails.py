"""Sends test emails: an issue as it would be sent, to any address, outside the ledger and without changing the issue.

People on the list get their own links. Other people's links work but belong to nobody, and the page says so if they
unsubscribe. A draft can only be read online through the link in its test emails.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from django.core import signing
from django.utils import timezone

from newsletter.accounts.actor import Role, require_role
from newsletter.articles.pictures.store_pictures import keep_pictures_in
from newsletter.environment import Environment
from newsletter.errors import Invalid, Refused
from newsletter.issues.approvals import current_approval
from newsletter.issues.models import Issue
from newsletter.issues.page_urls import read_online_url
from newsletter.rendering.email import Email
from newsletter.rendering.email_set import EmailSet, stored_emails
from newsletter.rendering.merge_tags import fill_tags
from newsletter.rendering.render_email import render_emails
from newsletter.scheduling.changes_since_approval import changes_since
from newsletter.scheduling.dateline import dateline_day, schedule_of
from newsletter.sending.outcomes import Outcome, RejectedWhole, Unknown
from newsletter.sending.outcomes import Rejected as RefusedLetter
from newsletter.sending.personalise_email import Personalizer
from newsletter.sending.plan import find_mailing
from newsletter.sending.preview_recipient import SAMPLE, reader_at
from newsletter.sending.recheck_recipients import Candidate
from newsletter.sending.stored_variants import emails_of
from newsletter.sending.transport import BatchReference, Envelope, Post, Transport
from newsletter.sending.transports import transport_named
from newsletter.sending.variant_of_reader import email_for
from newsletter.sending_settings.current import sending_settings
from subscribers import suppression
from subscribers.email_addresses import Address, NotAnAddress, parse

MARK = "[Test]"
MAY_SEND_TESTS = (Role.EDITOR, Role.APPROVER, Role.SENDER)
# More would be a mailing that no ledger counts.
MAX_ADDRESSES = 20
READABLE_FOR = timedelta(days=30)
_SALT = "newsletter.sending.trial"


@dataclass(frozen=True, slots=True)
class TestSend:
    """One test email and its outcome."""

    __test__ = False

    address: str
    subject: str
    answer: Outcome


def send_test_emails(issue: Issue, addresses: Iterable[str]) -> list[TestSend]:
    """Send the issue to each address once, marked as a test in the subject; return the outcomes.

    People on the list get the variant that is theirs. Raises Invalid for a wrong address or too many addresses, and
    Refused for a suppressed address, or unless an editor sends them. Then nothing was sent.
    """
    require_role(MAY_SEND_TESTS, "Sending a test email", publication=issue.publication_id)
    return send_tests(issue, checked_addresses(addresses), current_emails(issue))


def send_tests(issue: Issue, found: Iterable[Address], emails: EmailSet) -> list[TestSend]:
    """Send these emails of an issue to each address once, marked as a test, each the variant that is theirs."""
    emails = emails.each_email(_marked)
    keep_pictures_in((variant.email.html for variant in emails.variants), timezone.now())
    transport = transport_named(sending_settings().transport)
    posts = [_post(issue, emails, address) for address in found]
    return [
        TestSend(post.envelopes[0].address, fill_tags(post.email, post.envelopes[0].person).subject, answer)
        for post in posts
        for answer in [_answer(transport, post)]
    ]


def current_emails(issue: Issue) -> EmailSet:
    """Return the emails that were sent, or whose approval is still valid, or that an approval would freeze now."""
    mailing, approval = find_mailing(issue), current_approval(issue)
    if mailing is not None:
        return emails_of(mailing)
    if approval is not None and not changes_since(approval, approval.day):
        return stored_emails(approval.emails, approval.digest)
    return render_emails(issue, dateline_day(issue, schedule_of(issue)))


def preview_for_anyone(email: Email, issue: Issue) -> Email:
    """Fill the tags of an email for nobody: the links work, but change nothing."""
    person = Personalizer.of_issue(issue).envelope(SAMPLE).person
    return fill_tags(email, person._replace(read_online_url=url_of_test_email(issue)))


def where_test_emails_are(environment: Environment) -> str:
    """Say where to look for accepted test emails."""
    if environment.transport == "maildir":
        return f"Check the Maildir {environment.home / 'outbox'}."
    if environment.transport == "sendgrid" and environment.sendgrid_sandbox:
        return "NEWSLETTER_SENDGRID_SANDBOX is on, so SendGrid checked the email but will not deliver it."
    return "Check the inbox and the spam folder."


def url_of_test_email(issue: Issue) -> str:
    """Return the URL at which an issue can be read before it is published, for 30 days."""
    token = signing.TimestampSigner(salt=_SALT).sign(str(issue.pk))
    return read_online_url(issue.publication, issue.number, f"trial={token}")


def email_by_test_link(issue: Issue, token: str) -> Email | None:
    """Return the email of an issue for anyone with the link of its test email; None if the link is not valid."""
    try:
        number = signing.TimestampSigner(salt=_SALT).unsign(token, max_age=READABLE_FOR)
    except signing.BadSignature:
        return None
    if number != str(issue.pk):
        return None
    return preview_for_anyone(current_emails(issue).main, issue)


def _marked(email: Email) -> Email:
    return replace(email, subject=f"{MARK} {email.subject}")


def checked_addresses(addresses: Iterable[str]) -> list[Address]:
    """Return the addresses, each once. Raises Invalid or Refused, as `send_test_emails` does."""
    found = {address.key: address for address in map(_parsed, addresses)}
    if not found:
        raise Invalid("Enter at least one address to send the test email to.")
    if len(found) > MAX_ADDRESSES:
        raise Invalid(
            f"You can send a test email to at most {MAX_ADDRESSES} addresses. You entered {len(found)}."
        )
    for key, address in found.items():
        if reasons := suppression.reasons(key):
            raise Refused(
                f"{address.address} is suppressed ({', '.join(sorted(reasons))}), so we cannot send email to it. Use "
                "another address, or ask an administrator to remove the suppression."
            )
    return list(found.values())


def _parsed(text: str) -> Address:
    try:
        return parse(text)
    except NotAnAddress as error:
        raise Invalid(error.naming(text)) from None


def _post(issue: Issue, emails: EmailSet, address: Address) -> Post:
    """Make a post outside the ledger: batch 0 of a mailing that does not exist."""
    trace = BatchReference(
        mailing=uuid.uuid4(),
        batch=0,
        attempt=1,
        publication=issue.publication.slug,
        issue=issue.number,
        posted_at=timezone.now(),
    )
    reader = reader_at(issue, address.address)
    email = email_for(emails, reader.subscription if reader else None, issue.publication.mailing_list)
    return Post(trace=trace, email=email, envelopes=[_envelope(issue, reader or _stranger(address))])


def _envelope(issue: Issue, reader: Candidate) -> Envelope:
    envelope = Personalizer.of_issue(issue).envelope(reader)
    return envelope._replace(person=envelope.person._replace(read_online_url=url_of_test_email(issue)))


def _stranger(address: Address) -> Candidate:
    return SAMPLE._replace(address=address.address, first_name="", last_name=address.name)


def _answer(transport: Transport, post: Post) -> Outcome:
    answers = [outcome.answer for outcome in transport.deliver(post) if outcome.recipients]
    answer = answers[-1] if answers else Unknown("The transport did not report whether this email was sent.")
    return RefusedLetter(answer.reason) if isinstance(answer, RejectedWhole) else answer
