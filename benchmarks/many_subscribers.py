"""Fills the list of a big installation with subscribers, of whom one in twenty has unsubscribed."""

from typing import TYPE_CHECKING

from benchmarks.copy_rows import ago, copy_rows

if TYPE_CHECKING:
    from newsletter.issues.models import Publication

COUNTRIES = ("France", "Germany", "Spain", "Japan")


def _details_of_row() -> str:
    """Return SQL for the attributes of a person, as a file with twelve more columns gives them."""
    from subscribers import raw_sql

    countries = " ".join(f"WHEN {at} THEN '{country}'" for at, country in enumerate(COUNTRIES))
    return raw_sql.json_object(
        {
            "Country": f"CASE n % {len(COUNTRIES)} {countries} END",
            "company": "'Firm ' || (n % 977)",
            "member_since": "CAST(1990 + n % 30 AS text)",
            "age": "n % 80",
            "note": "'Some words about this person ' || n",
            "city": "'City ' || (n % 499)",
            "job title": "'Job ' || (n % 41)",
            "membership": "CASE n % 5 WHEN 0 THEN 'Gold' WHEN 1 THEN 'Silver' ELSE 'none' END",
            "score": "(n % 1000) / 10.0",
            "renewed": "CAST(2000 + n % 26 AS text) || '-01-31'",
            "referred_by": "'reader.' || (n % 9973)",
            "is_volunteer": "CASE n % 7 WHEN 0 THEN 'yes' ELSE 'no' END",
        }
    )


def add_subscribers(publication: "Publication", count: int) -> None:
    """Add this many subscribers to the list of a publication."""
    from subscribers.models import Subscriber, Subscription
    from subscribers.search.keep_search_index import index_people

    first = Subscriber.objects.create(
        address="reader@example.org", address_key="reader@example.org", first_name="Name"
    )
    address = "'reader.' || n || '@example' || (n % 500) || '.org'"
    copy_rows(
        first,
        count - 1,
        address=address,
        address_key=address,
        last_name="'Family' || (n % 4999)",
        attributes=_details_of_row(),
        created_at=ago("n % 700", "day"),
        link_nonce="n",
    )
    subscription = Subscription.objects.create(
        subscriber=first, list=publication.mailing_list, state=Subscription.State.ACTIVE
    )
    copy_rows(
        subscription,
        count - 1,
        subscriber_id=f"{first.pk} + n",
        joined_at=ago("n % 700", "day"),
        state="CASE n % 20 WHEN 0 THEN 'unsubscribed' ELSE 'active' END",
        left_at=f"CASE n % 20 WHEN 0 THEN {ago('0', 'day')} END",
        link_nonce="n",
    )
    index_people()


def unsubscribe_some() -> None:
    """End the subscriptions of one reader in a thousand, so that a correction has readers who can no longer be told."""
    from django.db.models import F
    from django.utils import timezone

    from subscribers.models import Subscription

    readers = Subscription.objects.alias(rest=F("subscriber") % 997)
    readers.filter(state=Subscription.State.ACTIVE, rest=0).update(
        state=Subscription.State.UNSUBSCRIBED, left_at=timezone.now()
    )
