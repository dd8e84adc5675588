"""Writes the people of one piece of an import, after their outcomes were decided: details, subscriptions, topics, log.

Each function is a few statements about all people of the piece. The caller's transaction holds the app's lock alone.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as _

from subscribers import raw_sql, suppression_keys
from subscribers.imports.decide_outcomes import SUPPRESSIONS
from subscribers.imports.merge_sql import (
    SUBSCRIBER,
    SUBSCRIPTION,
    TEXTS,
    in_order,
    merged_attributes,
    not_own,
    position,
    subscription_of,
)
from subscribers.imports.staging_tables import PEOPLE
from subscribers.imports.write_import_to_consent_log import LogEntrySql, log_entries
from subscribers.models import Basis, ConsentEntry, Subscriber, Subscription, Suppression, Topic

BASIS = "coalesce(p.basis, 'consent')"
BASIS_IN_LOG = "CASE WHEN p.basis IS NULL OR p.basis = 'consent' THEN '' ELSE p.basis END"
DETAILS = _("Name, language, time zone or other details, according to the imported file.")


@dataclass(frozen=True, slots=True)
class MergedPeople:
    """The people of a piece. `words` are the parameters of every statement."""

    words: dict[str, Any]
    has_topics: bool

    def add_subscribers(self) -> None:
        """Add people who are new, also those who unsubscribed elsewhere, so that no later import makes them active."""
        texts = {name: f"p.{name}" for name in TEXTS}
        raw_sql.insert_select(
            Subscriber,
            {
                "id": "p.person",
                "address": "coalesce(p.address, p.key)",
                "address_key": "p.key",
                **texts,
                "attributes": raw_sql.json("coalesce(p.attributes, '{}')"),
                "created_at": "%(now)s",
                "link_nonce": raw_sql.random_nonce(),
            },
            f"FROM {PEOPLE} p WHERE p.known IS NULL AND p.outcome IN ('added', 'left') {in_order()}",
            self.words,
        )

    def change_subscribers(self) -> None:
        """Replace what we knew by what the file says, except if its cell is empty or the person filled in the field."""
        texts = ", ".join(
            f"{name} = CASE WHEN p.{name} <> '' AND {not_own(name)} THEN p.{name} ELSE s.{name} END"
            for name in TEXTS
        )
        whose = "p.outcome IN ('added', 'changed') AND p.other_details"
        self._log(
            ConsentEntry.Act.CHANGED, f"{PEOPLE} p WHERE {whose}", LogEntrySql(on_list="NULL", note=DETAILS)
        )
        raw_sql.execute(
            f"""UPDATE {SUBSCRIBER} AS s SET {texts}, attributes = {merged_attributes()}
            FROM {PEOPLE} p WHERE p.known = s.id AND {whose}"""
        )

    def add_subscriptions(self) -> None:
        """Add everyone who is not on the list yet as active."""
        self._subscribe("added", {"state": raw_sql.ACTIVE, "basis": BASIS})
        self._log_new("added", ConsentEntry.Act.IMPORTED, state=raw_sql.ACTIVE, moved="1")

    def add_unsubscribed(self) -> None:
        """Add those who are not on the list and unsubscribed elsewhere, so that nothing makes them active later."""
        self._subscribe("left", {"state": raw_sql.UNSUBSCRIBED, "left_at": "%(now)s"})
        # They never were on this list, so they cannot unsubscribe from it.
        self._log_new("left", ConsentEntry.Act.CHANGED, state=raw_sql.UNSUBSCRIBED, moved="0")

    def _subscribe(self, outcome: str, state: dict[str, str]) -> None:
        values = {
            "subscriber_id": "p.person",
            "list_id": "%(list)s",
            "source": "%(source)s",
            "joined_at": "coalesce(p.joined, %(now)s)",
            "paused_until": "p.paused",
            "link_nonce": raw_sql.random_nonce(),
            **state,
        }
        source = f"FROM {PEOPLE} p WHERE p.subscription IS NULL AND p.outcome = '{outcome}' {in_order()}"
        raw_sql.insert_select(Subscription, values, source, self.words)

    def _log_new(self, outcome: str, act: ConsentEntry.Act, *, state: str, moved: str) -> None:
        self._log(
            act,
            f"{PEOPLE} p WHERE p.subscription IS NULL AND p.outcome = '{outcome}'",
            LogEntrySql(
                topics=_said_topics() if self.has_topics else "'[]'",
                state=state,
                moved=moved,
                basis=BASIS_IN_LOG if act is ConsentEntry.Act.IMPORTED else "''",
            ),
        )

    def activate_pending(self) -> None:
        """Make those active who had asked but not confirmed, on the consent that the import states."""
        waiting = f"{PEOPLE} p WHERE p.state = {raw_sql.PENDING} AND p.outcome = 'changed'"
        self._log(
            ConsentEntry.Act.IMPORTED,
            waiting,
            LogEntrySql(
                topics=raw_sql.topics_of("p.subscription"),
                state=raw_sql.ACTIVE,
                moved="1",
                basis=BASIS_IN_LOG,
            ),
        )
        raw_sql.execute(
            f"""UPDATE {SUBSCRIPTION} AS u SET state = {raw_sql.ACTIVE}, joined_at = %(now)s, asked_at = NULL,
            basis = {BASIS} FROM {PEOPLE} p
            WHERE p.subscription = u.id AND p.state = {raw_sql.PENDING} AND p.outcome = 'changed'""",
            self.words,
        )

    def record_consent(self) -> None:
        """Make consent the basis of people on another one, if the file says that they have consented."""
        consenting = f"{PEOPLE} p WHERE p.consents AND p.outcome = 'changed'"
        self._log(
            ConsentEntry.Act.BASIS,
            consenting,
            LogEntrySql(
                topics=raw_sql.topics_of("p.subscription"), state=raw_sql.ACTIVE, basis=f"'{Basis.CONSENT}'"
            ),
        )
        raw_sql.execute(
            f"UPDATE {SUBSCRIPTION} SET basis = '{Basis.CONSENT}' WHERE id IN (SELECT p.subscription FROM {consenting})"
        )

    def end_subscriptions(self) -> None:
        """Unsubscribe people who unsubscribed elsewhere from this list, and who bounced or complained from all."""
        left = f"{PEOPLE} p WHERE p.outcome = 'left' AND p.standing = 'left'"
        left += f" AND p.state IN ({raw_sql.ACTIVE}, {raw_sql.PENDING})"
        self._log(
            ConsentEntry.Act.LEFT,
            left,
            LogEntrySql(
                topics=raw_sql.topics_of("p.subscription"), state=raw_sql.UNSUBSCRIBED, moved=_lost("p.state")
            ),
        )
        self._unsubscribe(f"id IN (SELECT p.subscription FROM {left})")
        gone = f"{PEOPLE} p JOIN {SUBSCRIPTION} u ON u.subscriber_id = p.known"
        gone += f" WHERE p.standing IN ({SUPPRESSIONS}) AND u.state <> {raw_sql.UNSUBSCRIBED}"
        self._log(
            ConsentEntry.Act.SUPPRESSED,
            gone,
            LogEntrySql(
                on_list="u.list_id",
                topics=raw_sql.topics_of("u.id"),
                state=raw_sql.UNSUBSCRIBED,
                moved=_lost("u.state"),
            ),
        )
        self._unsubscribe(f"id IN (SELECT u.id FROM {gone})")

    def _unsubscribe(self, which: str) -> None:
        raw_sql.execute(
            f"UPDATE {SUBSCRIPTION} SET state = {raw_sql.UNSUBSCRIBED}, left_at = %(now)s, asked_at = NULL "
            f"WHERE {which}",
            self.words,
        )

    def suppress(self) -> int:
        """Suppress the addresses that the file calls bounced, complained or blocked, and return how many were new."""
        in_force = (
            f"SELECT 1 FROM {raw_sql.table(Suppression)} x WHERE x.digest = p.digest AND x.lifted_at IS NULL"
        )
        return raw_sql.insert_select(
            Suppression,
            {
                "digest": "p.digest",
                "key_id": "%(key_id)s",
                "subscriber_id": "CASE WHEN p.outcome IN ('added', 'left') THEN p.person ELSE p.known END",
                "reason": "p.standing",
                "suppressed_at": "%(now)s",
                "suppressed_by": "%(source_name)s",
            },
            f"""FROM {PEOPLE} p WHERE p.standing IN ({SUPPRESSIONS})
            AND NOT EXISTS ({in_force} AND x.reason = p.standing)""",
            {**self.words, "key_id": suppression_keys.current_key().id},
        )

    def choose_topics(self) -> None:
        """Set the topics of the file for new people, and for those who changed and never chose topics themselves."""
        changed = f"p.topics IS NOT NULL AND p.outcome = 'changed' AND p.state = {raw_sql.ACTIVE} AND p.other_topics"
        new = "p.subscription IS NULL AND p.outcome IN ('added', 'left')"
        asked = f"p.outcome = 'changed' AND p.state = {raw_sql.PENDING} AND p.other_topics"
        choosing = f"(p.topics IS NOT NULL AND ({new} OR {asked}) OR {changed})"
        self._log(
            ConsentEntry.Act.CHANGED,
            f"{PEOPLE} p WHERE {changed}",
            LogEntrySql(topics=_said_topics(), state=raw_sql.ACTIVE),
        )
        through, topic = raw_sql.table(Subscription.topics.through), raw_sql.table(Topic)
        raw_sql.execute(
            f"""DELETE FROM {through} WHERE subscription_id IN
            (SELECT p.subscription FROM {PEOPLE} p WHERE p.subscription IS NOT NULL AND {choosing})"""
        )
        raw_sql.execute(
            f"""INSERT INTO {through} (subscription_id, topic_id) SELECT u.id, t.id FROM {PEOPLE} p
            JOIN {subscription_of("p.person")}
            JOIN {topic} t ON t.list_id = %(list)s
            AND {position()}(',' || p.topics || ',', ',' || t.slug || ',') > 0 WHERE {choosing}""",
            self.words,
        )

    def _log(self, act: ConsentEntry.Act, about: str, logged: LogEntrySql) -> None:
        log_entries(act, about, logged, self.words)


def _said_topics() -> str:
    """The topics that the file says, as JSON."""
    return """CASE WHEN p.topics IS NULL THEN '[]' ELSE '["' || replace(p.topics, ',', '","') || '"]' END"""


def _lost(state: str) -> str:
    """Whether the list loses an active reader whose state was this."""
    return f"CASE WHEN {state} = {raw_sql.ACTIVE} THEN -1 ELSE 0 END"
