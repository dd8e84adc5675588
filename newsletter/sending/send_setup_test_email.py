"""Sends a short test email to one address, to see whether the transport works. It belongs to no issue."""

import uuid
from html import escape

from django.utils import timezone

from newsletter.accounts import audit_log
from newsletter.accounts.actor import Role, require_role
from newsletter.errors import Refused, Unreachable
from newsletter.issues.models import Publication
from newsletter.rendering.email import Email
from newsletter.rendering.merge_tags import MergeValues
from newsletter.sending.build_message import domain_of
from newsletter.sending.outcomes import Accepted, RejectedWhole, Unknown
from newsletter.sending.send_test_emails import checked_addresses, where_test_emails_are
from newsletter.sending.transport import BatchReference, Envelope, Post
from newsletter.sending.transports import transport_named
from newsletter.sending_settings.change import ACT
from newsletter.sending_settings.current import sending_settings
from subscribers.encode_headers import list_id_value

SENTENCE = "This is a test email. If you can read it, your sending setup works."

# What was done with a transport, for the audit log.
DONE = {
    "sendgrid": "Sent a test email through SendGrid.",
    "smtp": "Sent a test email through the SMTP server.",
    "maildir": "Saved a test email in the folder on this server.",
}


def send_setup_test(publication: Publication, address: str) -> str:
    """Send a test email from the sender of a publication; return where to look for it.

    Raises Invalid for a wrong address, and Refused, with the reason, if the email was not accepted.
    """
    require_role(Role.ADMINISTRATOR, ACT)
    [found] = checked_addresses([address])
    environment = sending_settings()
    post = _post(publication, found.address, environment.root_url)
    outcomes = [
        each.answer for each in transport_named(environment.transport).deliver(post) if each.recipients
    ]
    answer = outcomes[-1] if outcomes else Unknown("The transport did not report the outcome.")
    audit_log.write("sending", DONE[environment.transport], thing="sending")
    match answer:
        case Accepted():
            return where_test_emails_are(environment)
        case Unknown(reason=reason):
            raise Unreachable(f"We do not know whether the test email was sent. {reason}")
        case RejectedWhole(reason=reason, named=named):
            raise Refused(f"The test email was not accepted. {next(iter(named.values()), reason)}")
        case _:
            raise Refused(f"The test email was not sent. {answer.reason}")


def _post(publication: Publication, address: str, root: str) -> Post:
    email = Email(
        subject=f"Test email from {publication.name}",
        preheader="",
        html=f'<!doctype html><html lang="en"><body><p>{escape(SENTENCE)}</p></body></html>',
        text=f"{SENTENCE}\n",
        language="en",
        sender_name=publication.sender_name,
        sender_name_ascii=publication.sender_name_ascii,
        sender_address=publication.sender_address,
        reply_to=publication.reply_to,
        list_id=list_id_value("Test", f"test.{domain_of(publication.sender_address)}"),
        links_to=root,
    )
    trace = BatchReference(
        mailing=uuid.uuid4(),
        batch=0,
        attempt=1,
        publication=publication.slug,
        issue=0,
        posted_at=timezone.now(),
    )
    person = MergeValues(unsubscribe_url=root, preferences_url=root, read_online_url=root)
    return Post(trace=trace, email=email, envelopes=[Envelope(0, address, "", person, {})])
