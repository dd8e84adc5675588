"""The recipient of a preview: a reader on the list, or a sample person whose links lead to nobody."""

from newsletter.issues.models import Issue
from newsletter.sending.recheck_recipients import Candidate
from subscribers.email_addresses import fold
from subscribers.models import Subscription
from subscribers.signed_links import NOBODY

SAMPLE = Candidate(
    recipient=0,
    subscriber=NOBODY.number,
    subscription=NOBODY.number,
    state=Subscription.State.ACTIVE,
    paused_until=None,
    address="reader@example.org",
    first_name="Sam",
    last_name="Sample",
    subscriber_nonce=NOBODY.nonce,
    subscription_nonce=NOBODY.nonce,
)


def reader_at(issue: Issue, address: str) -> Candidate | None:
    """Return the person with an address as a candidate, whatever their state on the list. None if there is none."""
    found = Subscription.objects.filter(
        list=issue.publication.mailing_list_id, subscriber__address_key=fold(address)
    ).select_related("subscriber")
    subscription = found.first()
    if subscription is None:
        return None
    person = subscription.subscriber
    return Candidate(
        recipient=0,
        subscriber=person.pk,
        subscription=subscription.pk,
        state=subscription.state,
        paused_until=subscription.paused_until,
        address=person.address,
        first_name=person.first_name,
        last_name=person.last_name,
        subscriber_nonce=person.link_nonce,
        subscription_nonce=subscription.link_nonce,
    )
