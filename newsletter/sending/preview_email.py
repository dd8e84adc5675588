"""An issue's email as somebody would receive it, for reading before it is sent. A preview changes no row.

It is the email that a test, an approval and sending use, byte for byte, except for the personal links: those of a
preview work, but belong to nobody, because anyone who reads the preview could otherwise unsubscribe a reader.
"""

from dataclasses import dataclass

from django.db import connection

from newsletter.errors import NotFound, refuse_if
from newsletter.issues.models import Issue
from newsletter.rendering.delivered_html_size import delivered_bytes
from newsletter.rendering.email import Email
from newsletter.rendering.email_set import EmailSet
from newsletter.rendering.inbox_preview import InboxLine, inbox_line
from newsletter.rendering.merge_tags import fill_tags
from newsletter.sending.audience import chosen_people
from newsletter.sending.personalise_email import Personalizer
from newsletter.sending.preview_recipient import SAMPLE
from newsletter.sending.send_test_emails import current_emails, url_of_test_email
from newsletter.sending.who_may_see_recipients import why_not_see_people
from subscribers.models import Subscription

FIRST_NAME_TAGS = ("*|FIRST_NAME|*", "*|FIRST_NAME_TEXT|*")
SUGGESTIONS = 8
# The character after the last that an address can contain.
_END = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Preview:
    """One email as a reader sees it. `digest` is that of all variants, which an approval compares.

    `unfilled` says in sentences which fields have no value for this reader, and what the email says instead.
    """

    email: Email
    digest: str
    kilobytes: int
    inbox: InboxLine
    reader: str
    unfilled: tuple[str, ...]


def preview_of(issue: Issue, reader: Subscription | None = None) -> Preview:
    """Return the email of an issue for a reader on its list, or for a sample person.

    Raises as `render_email` does if the email cannot be created.
    """
    emails = current_emails(issue)
    email = emails.main if reader is None else _variant_for(emails, reader)
    person = SAMPLE
    if reader is not None:
        names = reader.subscriber.first_name, reader.subscriber.last_name
        person = person._replace(first_name=names[0], last_name=names[1])
    values = Personalizer.of_issue(issue).envelope(person).person
    filled = fill_tags(email, values._replace(read_online_url=url_of_test_email(issue)))
    return Preview(
        email=filled,
        digest=emails.digest,
        kilobytes=delivered_bytes(email) // 1_000,
        inbox=inbox_line(filled),
        reader=_name_of(reader) if reader else "",
        unfilled=_unfilled(email, reader) if reader else (),
    )


def reader_numbered(issue: Issue, subscription: int) -> Subscription:
    """Return somebody on the list of an issue by the number of their subscription. Raises NotFound or Refused."""
    refuse_if(why_not_see_people(issue))
    found = Subscription.objects.filter(list=issue.publication.mailing_list_id, pk=subscription)
    reader = found.select_related("subscriber").first()
    if reader is None:
        raise NotFound("This person is no longer on the list. Choose somebody else.")
    return reader


def readers_like(issue: Issue, beginning: str) -> list[Subscription]:
    """Return a few people on the list of an issue whose address begins with this text, by address.

    Raises Refused with the sentence of `why_not_see_people`.
    """
    refuse_if(why_not_see_people(issue))
    key = beginning.strip().lower()
    if not key:
        return []
    # Only a range lets SQLite use its index; PostgreSQL orders text by a language, so a range would be another one.
    within = {"subscriber__address_key__gte": key, "subscriber__address_key__lt": key + _END}
    if connection.vendor != "sqlite":
        within = {"subscriber__address_key__startswith": key}
    found = Subscription.objects.filter(list=issue.publication.mailing_list_id, **within)
    rows = found.select_related("subscriber").order_by("subscriber__address_key")
    return list(rows[:SUGGESTIONS])


def _variant_for(emails: EmailSet, reader: Subscription) -> Email:
    for variant in emails.variants:
        if not variant.readers or chosen_people(variant.readers, reader.list).filter(pk=reader.pk).exists():
            return variant.email
    return emails.main


def _name_of(reader: Subscription) -> str:
    person = reader.subscriber
    return f"{person.first_name} {person.last_name}".strip() or person.address


def _unfilled(email: Email, reader: Subscription) -> tuple[str, ...]:
    uses_name = any(
        tag in each for tag in FIRST_NAME_TAGS for each in (email.subject, email.html, email.text)
    )
    if reader.subscriber.first_name.strip() or not uses_name:
        return ()
    instead = email.first_name_fallback.strip()
    said = f"the email says “{instead}” instead" if instead else "the email leaves the name out"
    return (f"First name: missing. We do not know this person’s first name, so {said}.",)
