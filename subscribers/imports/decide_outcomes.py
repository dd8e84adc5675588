"""Decides what becomes of the people of one piece of an import, before anything is written of them."""

from typing import Any

from subscribers import raw_sql
from subscribers.database import is_postgres
from subscribers.imports.merge_sql import (
    SUBSCRIBER,
    TEXTS,
    merged_attributes,
    not_own,
    subscription_of,
)
from subscribers.imports.staging_tables import (
    EVERYBODY,
    LEFT_OUT,
    PEOPLE,
    SUPPRESSED,
    add_missing_digests,
    find_suppressed_under_older_keys,
)
from subscribers.imports.status_at_other_service import ImportStatus
from subscribers.models import Basis, ConsentEntry, Subscriber, Subscription, Suppression, Topic

SUPPRESSIONS = ", ".join(f"'{standing.value}'" for standing in ImportStatus if standing.is_suppression)


def decide(words: dict[str, Any], *, has_topics: bool) -> None:
    """Make the table of the people whose numbers are after `after` and up to `last`, each with an outcome.

    `words` are the values that the statements name, as MergePiece has them.
    """
    add_missing_digests(words["after"], words["last"])
    find_suppressed_under_older_keys(words["after"], words["last"])
    _find_people(words, has_topics=has_topics)


def known_and_leaving() -> tuple[int, int]:
    """Return how many people of the piece we know already, and how many the file does not call active.

    Most pieces have none of either, and a piece takes longer by each statement that finds nobody.
    """
    ((known, leaving),) = raw_sql.rows(f"SELECT count(known), count(standing) FROM {PEOPLE}")
    return int(known), int(leaving)


def take_outcomes() -> dict[str, int]:
    """Count the people of the piece by outcome, note those left out, and forget the piece."""
    found = dict(raw_sql.rows(f"SELECT outcome, count(*) FROM {PEOPLE} GROUP BY outcome"))
    raw_sql.execute(
        f"INSERT INTO {LEFT_OUT} SELECT row_number, outcome FROM {PEOPLE} WHERE outcome IN ('suppressed', 'left')"
    )
    raw_sql.execute(f"DROP TABLE {PEOPLE}")
    return found


def _find_people(words: dict[str, Any], *, has_topics: bool) -> None:
    """List every person of the piece, with what we know about them and what becomes of them."""
    number, number_words = raw_sql.next_number(Subscriber, "s.id")
    topics_differ = _topics_differ("last", "s.id", "u.id") if has_topics else "false"
    raw_sql.execute(
        f"""CREATE TEMPORARY TABLE {PEOPLE} AS
        SELECT found.*, CASE WHEN is_suppressed OR standing IN ({SUPPRESSIONS}) THEN 'suppressed'
            WHEN standing = 'left' OR state = {raw_sql.UNSUBSCRIBED} THEN 'left'
            WHEN subscription IS NULL THEN 'added'
            WHEN state = {raw_sql.PENDING} OR consents OR other_topics OR other_details THEN 'changed'
            ELSE 'unchanged' END AS outcome
        FROM (
            SELECT last.*, s.id AS known, u.id AS subscription, u.state AS state, {number} AS person,
                {_is_suppressed()} AS is_suppressed, {topics_differ} AS other_topics,
                {_person_differs()} AS other_details, {_consents()} AS consents
            FROM {EVERYBODY} last
            LEFT JOIN {SUBSCRIBER} s ON s.address_key = last.key
            LEFT JOIN {subscription_of("s.id")}
            WHERE last.number > %(after)s AND last.number <= %(last)s ORDER BY last.number
        ) found""",
        {**words, **number_words},
    )


def _consents() -> str:
    """Whether somebody who gets the emails on another lawful basis has now consented, as `becomes_consent` says."""
    says = f"coalesce(last.basis, '{Basis.CONSENT}') = '{Basis.CONSENT}' AND u.basis <> '{Basis.CONSENT}'"
    return f"coalesce(u.state = {raw_sql.ACTIVE} AND {says}, false)"


def _is_suppressed() -> str:
    in_force = (
        f"SELECT 1 FROM {raw_sql.table(Suppression)} x WHERE x.digest = last.digest AND x.lifted_at IS NULL"
    )
    under_older_keys = f"last.key IN (SELECT key FROM {SUPPRESSED})"
    return f"(last.digest IS NOT NULL AND EXISTS ({in_force}) OR {under_older_keys})"


def _person_differs(person: str = "last") -> str:
    texts = " OR ".join(
        f"({person}.{name} <> '' AND {person}.{name} <> s.{name} AND {not_own(name)})" for name in TEXTS
    )
    kept = "s.attributes" if is_postgres() else "json(s.attributes)"
    attributes = f"{person}.attributes IS NOT NULL AND {merged_attributes(person)} <> {kept}"
    return f"({texts} OR ({attributes}))"


def _topics_differ(person: str, known: str, subscription: str) -> str:
    """Whether the file says other topics than somebody has who never chose for themselves."""
    through, topic, log = (
        raw_sql.table(Subscription.topics.through),
        raw_sql.table(Topic),
        raw_sql.table(ConsentEntry),
    )
    slugs = f"SELECT t.slug FROM {through} c JOIN {topic} t ON t.id = c.topic_id"
    slugs += f" WHERE c.subscription_id = {subscription}"
    if is_postgres():
        now = f"""(SELECT string_agg(slug, ',' ORDER BY slug COLLATE "C") FROM ({slugs}) slugs)"""
        distinct = "IS DISTINCT FROM"
    else:
        now, distinct = f"(SELECT group_concat(slug, ',') FROM ({slugs} ORDER BY t.slug))", "IS NOT"
    # By LIMIT instead of EXISTS: PostgreSQL else reads the whole log once for each piece.
    own_choice = f"SELECT 1 FROM {log} e WHERE e.subscriber_id = {known} AND e.list_id = %(list)s"
    own_choice += " AND e.source IN ('form', 'link') LIMIT 1"
    return f"({person}.topics IS NOT NULL AND {now} {distinct} {person}.topics AND ({own_choice}) IS NULL)"
