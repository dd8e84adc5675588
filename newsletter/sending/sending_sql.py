"""The ledger's SQL that the ORM cannot express, or not fast enough. For SQLite and PostgreSQL.

The states come from the models' enumerations, so that renaming one changes it here too.
"""

from newsletter.sending.models import Batch, Mailing, Recipient
from subscribers.table_names_for_sql import PERSON_COLUMNS, SUBSCRIBER, SUBSCRIPTION, join_person

# Whether a batch may be claimed now: neither it nor its mailing is deferred, it is not too late for its send window and
# the mailing, and it is in the canary share as long as that was not sent. Before a request of a variant was accepted,
# its requests are made one at a time, so that few recipients are in one whose content is rejected. While we look for
# the cause of a rejection (bisect_rejections.py), only the suspected batch is sent. We ask this for every batch: if the
# ORM built the query each time, that would cost more than reading the thousand recipients. A deferral recorded in the
# future no longer counts: the clock was set back since, and the deferral could last for days.
# Parameters: now, what counts as the future, the earliest send window that is not too late, now, the future again, now.
IS_DUE = f"""
newsletter_batch.state = '{Batch.State.WAITING}'
AND (newsletter_batch.not_before IS NULL OR newsletter_batch.not_before <= %s OR newsletter_batch.posted_at > %s)
AND (newsletter_batch.send_window = '' OR newsletter_batch.send_window >= %s)
AND EXISTS (
    SELECT 1 FROM newsletter_mailing AS mailing
    JOIN newsletter_variant AS variant ON variant.id = newsletter_batch.variant_id
    WHERE mailing.id = newsletter_batch.mailing_id AND mailing.state = '{Mailing.State.SENDING}'
      AND (mailing.not_before IS NULL OR mailing.not_before <= %s OR mailing.deferred_at > %s)
      AND (mailing.late_after IS NULL OR mailing.late_after >= %s)
      AND (newsletter_batch.first OR NOT mailing.canary_pending)
      AND (mailing.suspect IS NULL OR mailing.suspect = newsletter_batch.number)
      AND (variant.content_accepted OR NOT EXISTS (
          SELECT 1 FROM newsletter_batch AS other
          WHERE other.mailing_id = mailing.id AND other.state = '{Batch.State.POSTING}'
            AND other.variant_id = variant.id
      ))
)
"""  # noqa: S608 - our own text

_NEXT_DUE = f"""
SELECT newsletter_batch.id, newsletter_batch.mailing_id, sent.transport
FROM newsletter_batch JOIN newsletter_mailing AS sent ON sent.id = newsletter_batch.mailing_id
WHERE {IS_DUE}
"""  # noqa: S608 - our own text
_IN_ORDER = "ORDER BY newsletter_batch.mailing_id, newsletter_batch.number LIMIT %s"

# The batches to send next. Parameters: those of IS_DUE, then the mailing for the second one, and how many at most.
NEXT_DUE = f"{_NEXT_DUE} {_IN_ORDER}"
NEXT_DUE_OF_MAILING = f"{_NEXT_DUE} AND newsletter_batch.mailing_id = %s {_IN_ORDER}"

# The audience in one statement, divided among the batches in the order of their numbers. If the list has grown since
# the batches were counted, the last batch takes the rest, so that nobody is left out. Recipients who do not fit into
# one request are moved to another batch when the batch is sent.
# Parameters: mailing, issue (empty for another purpose), state, batch size, number before the first batch, number of
# the last, those of {members}, mailing.
WRITE_RECIPIENTS = """
INSERT INTO newsletter_recipient (mailing_id, issue_id, batch_id, subscriber_id, state, reason)
SELECT %s, %s, batch.id, member.subscriber_id, %s, ''
FROM (
    SELECT subscriber_id, (ROW_NUMBER() OVER (ORDER BY subscriber_id) - 1) / %s + 1 + %s AS turn, %s AS last_one
    FROM ({members}) AS audience
) AS member
JOIN newsletter_batch AS batch
  ON batch.mailing_id = %s
 AND batch.number = CASE WHEN member.turn > member.last_one THEN member.last_one ELSE member.turn END
ORDER BY member.subscriber_id
"""

# The mailing of a batch, locked, if it may post only one batch at a time. For PostgreSQL. Parameters: batch.
LOCK_CAREFUL_MAILING = """
SELECT mailing.id FROM newsletter_batch AS batch
JOIN newsletter_variant AS variant ON variant.id = batch.variant_id
JOIN newsletter_mailing AS mailing ON mailing.id = batch.mailing_id
WHERE batch.id = %s AND (NOT variant.content_accepted OR mailing.suspect IS NOT NULL)
FOR UPDATE OF mailing
"""

# Claims a batch if it is due: a compare-and-set, as in leases.py.
# Parameters: lease, owner, now, current recipient, boot, batch, those of IS_DUE.
CLAIM_BATCH = f"""
UPDATE newsletter_batch
SET state = '{Batch.State.POSTING}', attempts = attempts + 1, lease_until = %s, owner = %s, posted_at = %s,
    current_recipient = %s, boot = %s, not_before = NULL, untraced_since = NULL, reason = ''
WHERE newsletter_batch.id = %s AND {IS_DUE}
"""  # noqa: S608 - our own text

# A batch, with the key of its mailing. Parameters: batch.
READ_BATCH = """
SELECT batch.*, mailing.key AS mailing_key FROM newsletter_batch AS batch
JOIN newsletter_mailing AS mailing ON mailing.id = batch.mailing_id WHERE batch.id = %s
"""
# A variant without its email. Parameters: variant.
READ_VARIANT = "SELECT id, mailing_id, number, digest, content_accepted FROM newsletter_variant WHERE id = %s"

_CANDIDATES = f"""
SELECT recipient.id, recipient.subscriber_id, {PERSON_COLUMNS}, FALSE, {{is_sending}}
FROM newsletter_recipient AS recipient
{join_person("recipient.subscriber_id")}
WHERE recipient.batch_id = %s AND recipient.state = %s
"""  # noqa: S608 - our own text

# The waiting recipients of a batch with their present status on the list; only the ID is left of erased people. The
# last column but one stands for what suppressions say (recheck_recipients.py).
# Parameters: list, batch, state.
READ_CANDIDATES = f"{_CANDIDATES.format(is_sending='TRUE')} ORDER BY recipient.id"

# One waiting recipient, and whether the mailing is still being sent.
# Parameters: mailing, list, batch, state, recipient.
_IS_SENDING = f"(SELECT state = '{Mailing.State.SENDING}' FROM newsletter_mailing WHERE id = %s)"  # noqa: S608 - our own text
READ_CANDIDATE = f"{_CANDIDATES.format(is_sending=_IS_SENDING)} AND recipient.id = %s"

# People with their present status on a list, as for sending, and their language, without a ledger. The first column is
# their own number. Parameters: list, the numbers.
READ_PEOPLE = f"""
SELECT person.id, person.id, {PERSON_COLUMNS}, FALSE, TRUE, person.locale
FROM {SUBSCRIBER} AS person
LEFT JOIN {SUBSCRIPTION} AS subscription ON subscription.subscriber_id = person.id AND subscription.list_id = %s
WHERE person.id IN ({{numbers}}) ORDER BY person.id
"""  # noqa: S608 - our own text

# The three statements below run for each separate message. The ORM would take longer than the message itself.

# A message is started, if this process still owns the batch and the mailing was neither paused nor stopped.
# Parameters: recipient, lease, batch, attempts, mailing.
BEGIN_MESSAGE = f"""
UPDATE newsletter_batch SET current_recipient = %s, lease_until = %s
WHERE id = %s AND attempts = %s AND state = '{Batch.State.POSTING}'
  AND EXISTS (SELECT 1 FROM newsletter_mailing WHERE id = %s AND state = '{Mailing.State.SENDING}')
"""  # noqa: S608 - our own text

# A message was accepted, and no earlier post that was given up was ever accepted, which is nearly always so.
# Parameters: recipient, lease, message id, batch, attempts.
END_MESSAGE = f"""
UPDATE newsletter_batch
SET current_recipient = CASE WHEN current_recipient = %s THEN 0 ELSE current_recipient END,
    lease_until = %s, message_id = %s, reason = ''
WHERE id = %s AND attempts = %s AND state = '{Batch.State.POSTING}'
  AND NOT EXISTS (SELECT 1 FROM newsletter_earlieracceptance)
"""  # noqa: S608 - our own text

# Parameters: recipient.
ACCEPT_RECIPIENT = f"""
UPDATE newsletter_recipient SET state = '{Recipient.State.ACCEPTED}', reason = '', rejected_for = '' WHERE id = %s
"""  # noqa: S608 - our own text

# Both in one statement, for PostgreSQL. Parameters: those of END_MESSAGE, then that of ACCEPT_RECIPIENT.
END_AND_ACCEPT = f"""
WITH ended AS ({END_MESSAGE} RETURNING 1) {ACCEPT_RECIPIENT} AND EXISTS (SELECT 1 FROM ended)
"""  # noqa: S608 - our own text

# The three statements below run for each batch whose only request was accepted.

# A mailing of which an accepted batch changes nothing: it was started, nothing failed, and nobody is suspected.
# Parameters: mailing.
FIND_PLAIN_MAILING = """
SELECT 1 FROM newsletter_mailing WHERE id = %s AND failures = 0 AND suspect IS NULL AND late_after IS NULL
"""
LOCK_PLAIN_MAILING = f"{FIND_PLAIN_MAILING} FOR UPDATE"

# A batch is answered, if this process still owns it, it is not part of the canary batch, and no earlier post that was
# given up was ever accepted. Parameters: now, message id, batch, attempts.
END_BATCH = f"""
UPDATE newsletter_batch
SET state = '{Batch.State.ANSWERED}', answered_at = %s, message_id = COALESCE(NULLIF(%s, ''), message_id),
    reason = '', owner = '', lease_until = NULL, current_recipient = NULL
WHERE id = %s AND attempts = %s AND state = '{Batch.State.POSTING}' AND NOT first
  AND NOT EXISTS (SELECT 1 FROM newsletter_earlieracceptance)
"""  # noqa: S608 - our own text

# Parameters: batch.
ACCEPT_BATCH = f"""
UPDATE newsletter_recipient SET state = '{Recipient.State.ACCEPTED}', reason = '', rejected_for = ''
WHERE batch_id = %s AND state IN ('{Recipient.State.WAITING}', '{Recipient.State.UNKNOWN}')
"""  # noqa: S608 - our own text

# Whether a mailing has an open batch. An index finds one, however many are answered. Parameters: mailing.
FIND_OPEN_BATCH = f"""
SELECT 1 FROM newsletter_batch
WHERE state IN ('{Batch.State.WAITING}', '{Batch.State.POSTING}', '{Batch.State.UNKNOWN}') AND mailing_id = %s LIMIT 1
"""  # noqa: S608 - our own text

# The mailing of a batch, and the key that distinguishes it from another one that had the same number.
# Parameters: batch.
FIND_MAILING_OF_BATCH = """
SELECT mailing.id, mailing.key FROM newsletter_batch AS batch
JOIN newsletter_mailing AS mailing ON mailing.id = batch.mailing_id WHERE batch.id = %s
"""
