"""An issue's email as somebody would receive it, for reading before it is sent. A preview changes no row.

It is the email that a test, an approval and sending use, byte for byte, except for the personal links: those of a
preview work, but belong to nobody, because anyone who reads the preview could otherwise unsubscribe a reader.
"""

from dataclasses import dataclass

from newsletter.issues.models import Issue
from newsletter.rendering.delivered_html_size import delivered_bytes
from newsletter.rendering.email import Email
from newsletter.rendering.email_set import EmailSet
from newsletter.rendering.inbox_preview import InboxLine, inbox_line
from newsletter.rendering.merge_tags import fill_tags
from newsletter.sending.mark_empty_fields import FIELDS, marked
from newsletter.sending.personalise_email import Personalizer
from newsletter.sending.preview_readers import PreviewReader
from newsletter.sending.preview_recipient import SAMPLE
from newsletter.sending.send_test_emails import current_emails, url_of_test_email
from newsletter.sending.variant_of_reader import email_for, email_in
from subscribers.models import Subscription


@dataclass(frozen=True, slots=True)
class Preview:
    """One email as a reader sees it. `digest` is that of all variants, which an approval compares.

    `unfilled` says in sentences which fields have no value for this reader, and what the email says instead. `marked`
    is the email with these fields marked. `languages` are those whose readers get a variant of their own.
    """

    email: Email
    marked: Email
    digest: str
    kilobytes: int
    inbox: InboxLine
    reader: str
    unfilled: tuple[str, ...]
    languages: tuple[str, ...] = ()


def preview_of(issue: Issue, reader: PreviewReader | Subscription | None = None) -> Preview:
    """Return the email of an issue for a reader on its list, for somebody made up, or for a sample person.

    Raises as `render_email` does if the email cannot be created.
    """
    if isinstance(reader, Subscription):
        reader = PreviewReader.of(reader)
    emails = current_emails(issue)
    email = _email_for(emails, reader)
    person = SAMPLE
    if reader is not None:
        person = person._replace(first_name=reader.first_name, last_name=reader.last_name)
    values = Personalizer.of_issue(issue).envelope(person).person
    values = values._replace(read_online_url=url_of_test_email(issue))
    filled = fill_tags(email, values)
    unfilled = _unfilled(email, reader) if reader else ()
    return Preview(
        email=filled,
        marked=marked(email, filled, values) if unfilled else filled,
        digest=emails.digest,
        kilobytes=delivered_bytes(email) // 1_000,
        inbox=inbox_line(filled),
        reader=reader.called if reader else "",
        unfilled=unfilled,
        languages=tuple(each.language for each in emails.variants if each.language),
    )


def _email_for(emails: EmailSet, reader: PreviewReader | None) -> Email:
    if reader is None:
        return emails.main
    if reader.subscription is None:
        return email_in(emails, reader.language)
    return email_for(emails, reader.subscription.pk, reader.subscription.list)


def _unfilled(email: Email, reader: PreviewReader) -> tuple[str, ...]:
    uses_name = any(tag in each for tag in FIELDS for each in (email.subject, email.html, email.text))
    if reader.first_name.strip() or not uses_name:
        return ()
    instead = email.first_name_fallback.strip()
    said = f"the email says “{instead}” instead" if instead else "the email leaves the name out"
    return (
        f"First name: missing. We do not know this person’s first name, so {said}. The place is marked in the email.",
    )
