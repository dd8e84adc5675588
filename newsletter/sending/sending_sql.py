"""What the ledger asks of the database that the ORM cannot say, or not fast enough. For SQLite and PostgreSQL alike.

The states are those of the models' enumerations, so that a renamed one cannot go unnoticed here.
"""

from newsletter.sending.models import Batch, Mailing, Recipient
from subscribers.tables import PERSON_COLUMNS, join_person

# Whether a batch may be claimed now: it and its mailing have waited for long enough, it is not too late for its wave
# and the mailing, and while the first share of a mailing has not gone, it is of the first share. Before anything of a
# variant was accepted one post of it goes at a time, so that few meet a refusal of its content; while a refusal is
# narrowed down (narrowing.py), the batch that is suspected goes alone. Asked for every batch: put together by the ORM
# each time, it would cost more than to read the thousand recipients. A wait that was written down in the future counts
# no more: the clock was set back since, and by it the wait could last for days.
# Parameters: now, what counts as the future, the earliest wave that is not too late, now, the future again, now.
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

# The audience in one statement, divided among the batches in the order of their numbers. Should the list have
# grown since the batches were counted, the last batch takes the rest: nobody is left out, and whoever does not
# fit one post is given a batch of their own when it goes.
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

_CANDIDATES = f"""
SELECT recipient.id, recipient.subscriber_id, {PERSON_COLUMNS}
FROM newsletter_recipient AS recipient
{join_person("recipient.subscriber_id")}
WHERE recipient.batch_id = %s AND recipient.state = %s
"""  # noqa: S608 - our own text

# The waiting recipients of a batch, as they stand to the list now; nothing but the number is left of the erased.
# Parameters: list, batch, state.
READ_CANDIDATES = f"{_CANDIDATES} ORDER BY recipient.id"

# One of them. Parameters: list, batch, state, recipient.
READ_CANDIDATE = f"{_CANDIDATES} AND recipient.id = %s"

# The three below are asked for each message of its own; the ORM would take longer for them than the message takes.

# Whose message begins to leave, while the batch is still this process's. Parameters: recipient, lease, batch, attempts.
BEGIN_MESSAGE = f"""
UPDATE newsletter_batch SET current_recipient = %s, lease_until = %s
WHERE id = %s AND attempts = %s AND state = '{Batch.State.POSTING}'
"""  # noqa: S608 - our own text

# It was accepted, and nobody ever was by a post that had been given up, which is nearly always so.
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

# Both in one statement, for PostgreSQL. Parameters: those of the first, then that of the second.
END_AND_ACCEPT = f"""
WITH ended AS ({END_MESSAGE} RETURNING 1) {ACCEPT_RECIPIENT} AND EXISTS (SELECT 1 FROM ended)
"""  # noqa: S608 - our own text
