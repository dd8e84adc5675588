"""The SQL behind the statistics, on SQLite and on PostgreSQL.

Everything is counted from the content of the events, never from the order in which they came.
"""

from django.db import connection

from newsletter.sending.models import Recipient
from newsletter.tracking.models import Event
from subscribers.table_names_for_sql import CONSENT, SUBSCRIBER, left_by_email

# Clicks that follow each other within this many seconds are one burst.
BURST_PAUSE = 2
# A scanner opens many links at once, or a few just when the email is delivered.
LINKS_OF_A_SCANNER = 3
LINKS_ON_DELIVERY = 2
DELIVERY_SECONDS = 60
# An unsubscribe by a link in an email counts for the person's latest email, if that is not older than this.
UNSUBSCRIBE_SECONDS = 30 * 24 * 3_600

# One row for each thing that somebody did, in our own terms: clicks of scanners are separate, and unsubscribes by our
# links are counted with those through the provider. Parameters: {mailing}, {list}.
ACTS = """
WITH steps AS (
    SELECT id, recipient_id, link_id, at, {epoch} AS second,
           {epoch} - lag({epoch}) OVER (PARTITION BY recipient_id ORDER BY at, id) AS pause
    FROM newsletter_event
    WHERE mailing_id = %(mailing)s AND recipient_id IS NOT NULL AND kind = '{kind_clicked}'
),
clicks AS (
    SELECT id, recipient_id, link_id, at, second,
           sum(CASE WHEN pause <= {burst_pause} THEN 0 ELSE 1 END)
               OVER (PARTITION BY recipient_id ORDER BY at, id) AS burst
    FROM steps
),
deliveries AS (
    SELECT recipient_id, min({epoch}) AS second
    FROM newsletter_event
    WHERE mailing_id = %(mailing)s AND kind = '{kind_delivered}' AND recipient_id IN (SELECT recipient_id FROM steps)
    GROUP BY recipient_id
),
scans AS (
    SELECT clicks.recipient_id, clicks.burst
    FROM clicks LEFT JOIN deliveries ON deliveries.recipient_id = clicks.recipient_id
    GROUP BY clicks.recipient_id, clicks.burst
    HAVING count(DISTINCT clicks.link_id) >= {links_of_a_scanner}
        OR (count(DISTINCT clicks.link_id) >= {links_on_delivery}
            AND min(clicks.second) <= min(deliveries.second) + {delivery_seconds})
),
clicked AS (
    SELECT clicks.id, clicks.recipient_id, clicks.link_id, clicks.at,
           CASE WHEN scans.burst IS NULL THEN '{kind_clicked}' ELSE 'scanned' END AS kind
    FROM clicks LEFT JOIN scans ON scans.recipient_id = clicks.recipient_id AND scans.burst = clicks.burst
),
departures AS (
    SELECT recipient.id AS recipient_id, min(entry.at) AS at
    FROM {consent_log} AS entry
    JOIN newsletter_recipient AS recipient ON recipient.subscriber_id = entry.subscriber_id
    JOIN newsletter_batch AS batch ON batch.id = recipient.batch_id AND batch.mailing_id = %(mailing)s
    WHERE entry.list_id = %(list)s AND {left_by_email}
      AND recipient.state IN ({reached}) AND batch.posted_at <= entry.at
      AND {left_second} - {posted_second} < {departure_seconds}
      AND NOT EXISTS (
        SELECT 1 FROM newsletter_recipient AS later
        JOIN newsletter_batch AS its_batch ON its_batch.id = later.batch_id
        JOIN newsletter_mailing AS its_mailing ON its_mailing.id = later.mailing_id
        WHERE later.subscriber_id = recipient.subscriber_id AND later.state IN ({reached})
          AND its_mailing.mailing_list_id = %(list)s AND its_batch.posted_at <= entry.at
          AND (its_batch.posted_at > batch.posted_at
            OR (its_batch.posted_at = batch.posted_at AND later.id > recipient.id))
      )
    GROUP BY recipient.id
),
acts AS (
    SELECT recipient_id, kind, {event_key} AS name FROM newsletter_event AS event
    WHERE mailing_id = %(mailing)s AND recipient_id IS NOT NULL AND kind <> '{kind_clicked}'
    UNION ALL SELECT recipient_id, kind, {event_key} FROM clicked AS event
    UNION ALL SELECT recipient_id, '{kind_unsubscribed}', {event_key} FROM departures AS event
)
"""

# What each person did, once; then the number of people, in all or by {name}.
PEOPLE = """,
people AS (
    SELECT recipient_id, name,
        max(CASE kind WHEN '{kind_processed}' THEN 1 ELSE 0 END) AS processed,
        max(CASE kind WHEN '{kind_delivered}' THEN 1 ELSE 0 END) AS delivered,
        max(CASE kind WHEN '{kind_deferred}' THEN 1 ELSE 0 END) AS deferred,
        max(CASE kind WHEN '{kind_bounced}' THEN 1 ELSE 0 END) AS bounced,
        max(CASE kind WHEN '{kind_blocked}' THEN 1 ELSE 0 END) AS blocked,
        max(CASE kind WHEN '{kind_dropped}' THEN 1 ELSE 0 END) AS dropped,
        max(CASE kind WHEN '{kind_opened}' THEN 1 ELSE 0 END) AS opened,
        max(CASE kind WHEN '{kind_machine_opened}' THEN 1 ELSE 0 END) AS machine_opened,
        max(CASE kind WHEN '{kind_clicked}' THEN 1 ELSE 0 END) AS clicked,
        max(CASE kind WHEN 'scanned' THEN 1 ELSE 0 END) AS scanned,
        max(CASE kind WHEN '{kind_unsubscribed}' THEN 1 ELSE 0 END) AS unsubscribed,
        max(CASE kind WHEN '{kind_complained}' THEN 1 ELSE 0 END) AS complained
    FROM acts GROUP BY recipient_id, name
)
"""
SUMS = """
SELECT {name}, sum(processed), sum(delivered), sum(deferred), sum(bounced), sum(blocked), sum(dropped),
    sum(opened), sum(CASE WHEN machine_opened > opened THEN 1 ELSE 0 END),
    sum(clicked), sum(CASE WHEN scanned > clicked THEN 1 ELSE 0 END),
    sum(unsubscribed), sum(complained)
FROM people {joined}
GROUP BY 1 ORDER BY 1
"""

EACH_PERSON = """
SELECT recipient_id, delivered, opened, machine_opened, clicked, scanned, unsubscribed, complained, bounced
FROM people ORDER BY recipient_id
"""

LINKS = """,
people AS (
    SELECT link_id, recipient_id,
        sum(CASE kind WHEN '{kind_clicked}' THEN 1 ELSE 0 END) AS clicks, count(*) AS all_clicks
    FROM clicked WHERE link_id IS NOT NULL GROUP BY link_id, recipient_id
)
SELECT link.url, sum(CASE WHEN clicks > 0 THEN 1 ELSE 0 END), sum(CASE WHEN clicks = 0 THEN 1 ELSE 0 END),
    sum(clicks), sum(all_clicks - clicks)
FROM people JOIN newsletter_link AS link ON link.id = people.link_id
GROUP BY link.url ORDER BY 2 DESC, 3 DESC, 1
"""

CLASSES = """
SELECT kind, detail, count(DISTINCT recipient_id) FROM newsletter_event
WHERE mailing_id = %(mailing)s AND recipient_id IS NOT NULL
  AND kind IN ('{kind_bounced}', '{kind_blocked}', '{kind_dropped}')
GROUP BY kind, detail ORDER BY kind, 3 DESC, detail
"""

# The people whom a mailing reached, by the domain of their address. Erased people have none.
ACCEPTED_BY_DOMAIN = """
SELECT {domain}, count(*)
FROM newsletter_recipient AS recipient
JOIN newsletter_batch AS batch ON batch.id = recipient.batch_id
LEFT JOIN {subscriber_table} AS subscriber ON subscriber.id = recipient.subscriber_id
WHERE batch.mailing_id = %(mailing)s AND recipient.state = '{accepted}'
GROUP BY 1
"""
WITH_DOMAIN = """
JOIN newsletter_recipient AS recipient ON recipient.id = people.recipient_id
LEFT JOIN {subscriber_table} AS subscriber ON subscriber.id = recipient.subscriber_id
"""

# The states and kinds of the models' enumerations, and the tables of the subscribers.
_NAMES = {
    **{f"kind_{kind.replace(' ', '_')}": kind.value for kind in Event.Kind},
    "accepted": Recipient.State.ACCEPTED.value,
    "reached": f"'{Recipient.State.ACCEPTED}', '{Recipient.State.UNKNOWN}'",
    "consent_log": CONSENT,
    "subscriber_table": SUBSCRIBER,
    "left_by_email": left_by_email("entry"),
}
DIALECTS = {
    "sqlite": {
        "epoch": "CAST(strftime('%%s', {at}) AS INTEGER)",
        "hour": "strftime('%%Y-%%m-%%d %%H:00', event.at)",
        "domain": "coalesce(substr(subscriber.address_key, instr(subscriber.address_key, '@') + 1), '')",
    },
    "postgresql": {
        "epoch": "CAST(floor(extract(epoch FROM {at})) AS bigint)",
        "hour": "to_char(event.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:00')",
        "domain": "coalesce(split_part(subscriber.address_key, '@', 2), '')",
    },
}


def total() -> str:
    """Return the query for the whole mailing: one row, whose first column is empty."""
    return _query(PEOPLE + SUMS, event_key="''", name="''", joined="")


def by_hour() -> str:
    """Return the query by hour in UTC."""
    return _query(PEOPLE + SUMS, event_key=_words()["hour"], name="name", joined="")


def by_domain() -> str:
    """Return the query by domain of the address."""
    joined = WITH_DOMAIN.format(**_NAMES)
    return _query(PEOPLE + SUMS, event_key="''", name=_words()["domain"], joined=joined)


def by_person() -> str:
    """Return the query for what each person did, who did anything, by the recipient's ID: 0 or 1 for each act."""
    return _query(PEOPLE + EACH_PERSON, event_key="''")


def by_link() -> str:
    """Return the query by clicked link."""
    return _query(LINKS, event_key="''", name="", joined="")


def accepted_by_domain() -> str:
    """Return the query for the number of accepted recipients of each domain."""
    return ACCEPTED_BY_DOMAIN.format(domain=_words()["domain"], **_NAMES)


def classes() -> str:
    """Return the query for why people were not reached: kind, reason, number."""
    return CLASSES.format(**_NAMES)


def _query(rest: str, **words: str) -> str:
    return (ACTS + rest).format(
        **_NAMES,
        epoch=_second("at"),
        left_second=_second("entry.at"),
        posted_second=_second("batch.posted_at"),
        burst_pause=BURST_PAUSE,
        links_of_a_scanner=LINKS_OF_A_SCANNER,
        links_on_delivery=LINKS_ON_DELIVERY,
        delivery_seconds=DELIVERY_SECONDS,
        departure_seconds=UNSUBSCRIBE_SECONDS,
        **words,
    )


def _second(column: str) -> str:
    return _words()["epoch"].format(at=column)


def _words() -> dict[str, str]:
    return DIALECTS[connection.vendor]
