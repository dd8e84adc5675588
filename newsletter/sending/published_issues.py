"""Returns published issues: those that were sent, and their emails for reading online."""

from collections.abc import Iterable
from dataclasses import replace

from django.db.models import Exists, OuterRef, Q, QuerySet

from newsletter.errors import Invalid, NewsletterError, NotFound, Refused
from newsletter.issues.models import Issue, Item, Publication
from newsletter.issues.page_urls import read_online_url
from newsletter.rendering.email import Email
from newsletter.rendering.merge_tags import MergeValues, fill_page, fill_tags
from newsletter.sending.models import Mailing
from newsletter.sending.plan import find_mailing
from newsletter.sending.send_test_emails import email_by_test_link
from newsletter.sending.stored_variants import emails_of
from newsletter.sending.variant_of_reader import email_sent_to
from newsletter.sending.web_page_changes import (
    PUBLISHED,
    corrected_email,
    corrections_of,
    not_withdrawn,
    with_corrected_texts,
    withdrawal_of,
)
from newsletter.sending.web_page_models import WebPageChange
from subscribers import signed_links
from subscribers.lists import sign_up_url
from subscribers.models import Subscriber, Subscription
from subscribers.signed_links import Purpose

MAX_WORDS = 8


class ForSubscribers(Refused):
    """The issue can be read only with a link from the email."""


class Withdrawn(NotFound):
    """The web page of the issue was withdrawn. The sentence is the reason for readers."""

    def __init__(self, change: WebPageChange) -> None:
        super().__init__(change.note)
        self.issue, self.withdrawn_at = change.issue, change.changed_at


def publications() -> Iterable[Publication]:
    """Return every publication, for the front page."""
    return Publication.objects.select_related("mailing_list").order_by("name")


def publication_at(slug: str) -> Publication:
    """Return the publication with a slug. Raises NotFound."""
    found = Publication.objects.select_related("mailing_list").filter(slug=slug).first()
    if found is None:
        raise NotFound(f"We could not find the publication “{slug}”.")
    return found


def published_issues(publication: Publication) -> QuerySet[Issue]:
    """Return the issues that were sent, or are being sent now, newest first, without those that were withdrawn."""
    return not_withdrawn(_sent_issues(publication))


def _sent_issues(publication: Publication) -> QuerySet[Issue]:
    sends_it = Mailing.objects.filter(issue=OuterRef("pk"), purpose=Mailing.Purpose.ISSUE)
    return publication.issues.filter(Exists(sends_it), state__in=PUBLISHED).order_by("-number")


def found_issues(publication: Publication, words: str) -> QuerySet[Issue]:
    """Return the published issues that contain every word in their subject, texts or headlines, newest first."""
    found = published_issues(publication)
    for word in words.split()[:MAX_WORDS]:
        headlines = Item.objects.filter(issue=OuterRef("pk"), dropped=False).filter(
            Q(headline__icontains=word) | Q(article__title__icontains=word)
        )
        found = found.filter(
            Q(subject__icontains=word)
            | Q(preheader__icontains=word)
            | Q(opening__icontains=word)
            | Exists(headlines)
        )
    return found


def neighbours(issue: Issue) -> tuple[Issue | None, Issue | None]:
    """Return the published issues before and after an issue."""
    others = published_issues(issue.publication).only("number", "subject", "preheader", "publication_id")
    previous = others.filter(number__lt=issue.number).first()
    following = others.filter(number__gt=issue.number).order_by("number").first()
    with_corrected_texts([each for each in (previous, following) if each])
    return previous, following


def may_read(publication: Publication, reader: str) -> bool:
    """Return whether somebody with this signed token, or with none, may read the issues of a publication."""
    if publication.archive != Publication.Archive.SUBSCRIBERS:
        return True
    return is_reader(publication, reader)


def is_reader(publication: Publication, reader: str) -> bool:
    """Return whether this signed token belongs to somebody on the publication's list."""
    return _subscription_of(publication, reader) is not None


def published_issue(publication: Publication, number: int) -> Issue | None:
    """Return a published issue by its number."""
    return published_issues(publication).filter(number=number).first()


def email_online(publication: Publication, number: int, reader: str = "", *, trial: str = "") -> Email:
    """Return the email of a published issue, with its tags filled for the reader of a signed token, or for nobody.

    The reader of a token sees the variant that they were sent. Its page, subject and preheader are corrected
    (web_page_changes.py). Anyone who has the link of a test email can read the issue before it is published. Raises
    NotFound for an issue that was not sent, or whose email cannot be read or is not the one that was approved,
    Withdrawn if its web page was withdrawn, and ForSubscribers if this reader may not read it.
    """
    issue = _sent_issues(publication).filter(number=number).first()
    if issue is not None and not may_read(publication, reader):
        # Readers see this, and the catalogues of their languages have it.
        raise ForSubscribers("Only subscribers can read the issues, using the link in each email.")
    withdrawal = withdrawal_of(issue) if issue else None
    if withdrawal is not None:
        raise Withdrawn(withdrawal)
    if issue is None and trial:
        draft = publication.issues.filter(number=number).first()
        email = email_by_test_link(draft, trial) if draft else None
        if email is not None:
            return email
    mailing = find_mailing(issue) if issue else None
    if issue is None or mailing is None:
        raise NotFound(f"We could not find issue {number} of {publication.name}.")
    address = read_online_url(publication, number)
    try:
        sent = email_sent_to(mailing, emails_of(mailing), _subscriber_of(publication, reader))
        email = corrected_email(sent, corrections_of(issue))
    except Invalid as error:
        raise NotFound(f"We cannot show issue {number} of {publication.name}. {error}") from error
    person = person_online(publication, address, reader)
    return replace(fill_tags(email, person), page=fill_page(email, person) if email.page else "")


def person_online(publication: Publication, address: str, reader: str) -> MergeValues:
    """Return the links and the first name of the reader of a signed token, or those of nobody."""
    subscription = _subscription_of(publication, reader)
    if subscription is None:
        sign_up = sign_up_url(publication.mailing_list.slug)
        return MergeValues(unsubscribe_url=sign_up, preferences_url=sign_up, read_online_url=address)
    return MergeValues(
        first_name=subscription.subscriber.first_name,
        unsubscribe_url=signed_links.make_url(Purpose.LEAVE, subscription),
        preferences_url=signed_links.make_url(Purpose.PREFERENCES, subscription.subscriber),
        read_online_url=address,
    )


def _subscriber_of(publication: Publication, reader: str) -> int | None:
    subscription = _subscription_of(publication, reader)
    return subscription.subscriber_id if subscription else None


def _subscription_of(publication: Publication, reader: str) -> Subscription | None:
    if not reader:
        return None
    try:
        row = signed_links.read_token(Purpose.READ_ONLINE, reader)
    except NewsletterError:
        return None
    known = Subscriber.objects.filter(pk=row.number, link_nonce=row.nonce)
    return (
        Subscription.objects.filter(subscriber__in=known, list=publication.mailing_list)
        .select_related("subscriber")
        .first()
    )
