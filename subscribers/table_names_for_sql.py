"""The parts of the subscribers' tables that other apps use in their own SQL, so that they need not know the
names.
"""

from subscribers import raw_sql
from subscribers.models import ConsentEntry, SourceKind, Subscriber, Subscription

SUBSCRIBER, SUBSCRIPTION, CONSENT = map(raw_sql.table, (Subscriber, Subscription, ConsentEntry))

# How a person stands to a list now, from what `join_person` joins. All are NULL for an erased person.
PERSON_COLUMNS = """subscription.id, subscription.state, subscription.paused_until,
       person.address, person.first_name, person.last_name, person.link_nonce, subscription.link_nonce,
       person.address_key, subscription.basis"""


def join_person(subscriber: str) -> str:
    """Return the joins of a person and their subscription to a list, for the column `subscriber` of another table.

    Parameters: the number of the list.
    """
    return f"""LEFT JOIN {SUBSCRIBER} AS person ON person.id = {subscriber}
LEFT JOIN {SUBSCRIPTION} AS subscription
  ON subscription.subscriber_id = {subscriber} AND subscription.list_id = %s"""


def left_by_email(alias: str) -> str:
    """Return the condition for rows of the consent log, under an alias, of people who unsubscribed by a link in
    an email.
    """
    return f"{alias}.act = '{ConsentEntry.Act.LEFT}' AND {alias}.source = '{SourceKind.EMAIL_LINK}'"
