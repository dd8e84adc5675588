"""Returns published issues: those that were sent, and their emails for reading online."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet

from newsletter.errors import Invalid, NewsletterError, NotFound
from newsletter.issues.models import Issue, Publication
from newsletter.issues.page_urls import read_online_url
from newsletter.rendering.email import Email
from newsletter.rendering.merge_tags import MergeValues, fill_tags
from newsletter.sending.models import Mailing
from newsletter.sending.plan import find_mailing
from newsletter.sending.test_send import email_by_test_link
from newsletter.sending.variants import emails_of
from subscribers import signed_links
from subscribers.lists import sign_up_url
from subscribers.models import Subscriber, Subscription
from subscribers.signed_links import Purpose

PUBLISHED = (Issue.State.SENDING, Issue.State.SENT)


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
    """Return the issues that were sent, or are being sent now, newest first."""
    sends_it = Mailing.objects.filter(issue=OuterRef("pk"), purpose=Mailing.Purpose.ISSUE)
    return publication.issues.filter(Exists(sends_it), state__in=PUBLISHED).order_by("-number")


def email_online(publication: Publication, number: int, reader: str = "", *, trial: str = "") -> Email:
    """Return the email of a published issue, with its tags filled for the reader of a signed token, or for nobody.

    Anyone who has the link of a test email can read the issue before it is published. Raises NotFound for an issue that
    was not sent, or whose email cannot be read or is not the one that was approved.
    """
    issue = published_issues(publication).filter(number=number).first()
    if issue is None and trial:
        draft = publication.issues.filter(number=number).first()
        email = email_by_test_link(draft, trial) if draft else None
        if email is not None:
            return email
    mailing = find_mailing(issue) if issue else None
    if mailing is None:
        raise NotFound(f"We could not find issue {number} of {publication.name}.")
    address = read_online_url(publication, number)
    try:
        email = emails_of(mailing).main
    except Invalid as error:
        raise NotFound(f"We cannot show issue {number} of {publication.name}. {error}") from error
    return fill_tags(email, _person(publication, address, reader))


def _person(publication: Publication, address: str, reader: str) -> MergeValues:
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
