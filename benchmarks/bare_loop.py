"""The bare loop that sending is measured against: it claims, reads, signs, posts and updates, and does nothing else.

It makes the two commits without which nobody could promise that an email is sent once: that a batch is being posted,
on the disk before the first byte leaves, and what came of it.
"""

import hmac
import http.client
import time
from base64 import urlsafe_b64encode
from typing import Any

import orjson

from benchmarks.cpu_seconds import Spent, spending

BATCH = 1_000


BARE_PLAN = """
INSERT INTO newsletter_recipient (mailing_id, issue_id, batch_id, subscriber_id, state, reason)
SELECT %s, %s, %s + (ROW_NUMBER() OVER (ORDER BY subscriber_id) - 1) / %s, subscriber_id, 'waiting', ''
FROM subscribers_subscription WHERE list_id = %s AND state = 'active'
"""
BARE_READ = """
SELECT r.id, p.id, s.id, p.address, p.first_name, p.last_name
FROM newsletter_recipient r
JOIN subscribers_subscriber p ON p.id = r.subscriber_id
JOIN subscribers_subscription s ON s.subscriber_id = p.id AND s.list_id = %s
WHERE r.batch_id = %s AND r.state = 'waiting' AND s.state = 'active'
"""
BARE_CLAIM = "UPDATE newsletter_batch SET state = 'posting' WHERE id = %s AND state = 'waiting'"
BARE_WRITE = (
    "UPDATE newsletter_recipient SET state = 'accepted' WHERE batch_id = %s",
    "UPDATE newsletter_batch SET state = 'answered' WHERE id = %s",
)
KEY = b"k" * 32
PAGE = "https://press.example.org"


def bare_loop(issue: Any, people: int, port: int) -> tuple[float, Spent]:
    """Do the minimum; return the seconds of planning, and what sending took."""
    from django.db import connection, transaction
    from django.utils import timezone

    from newsletter.durable_commits import durable_commits
    from newsletter.rendering.render_email import render_email
    from newsletter.sending.models import Batch, Mailing, Variant

    email = render_email(issue)
    readers = issue.publication.mailing_list_id
    mailing = Mailing.objects.create(issue=issue, mailing_list_id=readers, planned_at=timezone.now())
    variant = Variant.objects.create(mailing=mailing, number=1, email={})
    numbers = range(1, people // BATCH + 1)
    batches = [Batch(mailing=mailing, variant=variant, number=number) for number in numbers]
    first = Batch.objects.bulk_create(batches)[0].pk
    with connection.cursor() as cursor:
        started = time.perf_counter()
        with transaction.atomic():
            cursor.execute(BARE_PLAN, [mailing.pk, issue.pk, first, BATCH, readers])
        planned = time.perf_counter()
        line = http.client.HTTPConnection("127.0.0.1", port)
        with spending() as spent:
            for batch in range(first, first + len(batches)):
                with durable_commits():
                    cursor.execute(BARE_CLAIM, [batch])
                cursor.execute(BARE_READ, [readers, batch])
                request = {
                    "personalizations": [bare_personalization(row) for row in cursor.fetchall()],
                    "from": {"email": email.sender_address, "name": email.sender_name},
                    "subject": email.subject,
                    "content": [
                        {"type": "text/plain", "value": email.text},
                        {"type": "text/html", "value": email.html},
                    ],
                }
                headers = {"Authorization": "Bearer SG.benchmark", "Content-Type": "application/json"}
                line.request("POST", "/v3/mail/send", orjson.dumps(request), headers)
                response = line.getresponse()
                response.read()
                assert response.status == 202
                with transaction.atomic():
                    for statement in BARE_WRITE:
                        cursor.execute(statement, [batch])
        return planned - started, spent


def bare_personalization(row: tuple[Any, ...]) -> dict[str, Any]:
    """Return one recipient of a request, with three signed links."""
    recipient, subscriber, subscription, address, first_name, last_name = row
    leave = f"{PAGE}/leave/{bare_token(subscription)}"
    preferences = f"{PAGE}/preferences/{bare_token(subscriber)}"
    online = f"{PAGE}/harbour/1/?reader={bare_token(subscriber)}"
    return {
        "to": [{"email": address, "name": f"{first_name} {last_name}"}],
        "substitutions": {
            "*|FIRST_NAME|*": first_name,
            "*|FIRST_NAME_TEXT|*": first_name,
            "*|UNSUBSCRIBE_URL|*": leave,
            "*|UNSUBSCRIBE_URL_TEXT|*": leave,
            "*|PREFERENCES_URL|*": preferences,
            "*|PREFERENCES_URL_TEXT|*": preferences,
            "*|READ_ONLINE_URL|*": online,
            "*|READ_ONLINE_URL_TEXT|*": online,
        },
        "headers": {"List-Unsubscribe": f"<{leave}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        "custom_args": {"press_recipient": str(recipient)},
    }


def bare_token(number: int) -> str:
    """Return a signed number."""
    payload = number.to_bytes(8)
    return urlsafe_b64encode(payload + hmac.digest(KEY, payload, "sha256")[:16]).decode()
