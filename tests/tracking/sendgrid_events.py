"""What SendGrid posts: events about a mailing, and signatures made as it makes them."""

import itertools
import time
from base64 import b64encode

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from newsletter.sending.models import Recipient


class Signer:
    """One who signs posts with a key pair of their own."""

    def __init__(self):
        self._key = generate_private_key(SECP256R1())
        der = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.public_key = b64encode(der).decode()

    def headers(self, body, timestamp=None):
        stamp = str(int(time.time()) if timestamp is None else timestamp)
        signature = self._key.sign(stamp.encode() + body, ECDSA(SHA256()))
        return {
            "X-Twilio-Email-Event-Webhook-Signature": b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
        }


class Teller:
    """Makes events about people of a mailing, `after` seconds after it went out."""

    def __init__(self, mailing, start):
        self.mailing, self.start = mailing, start
        self._numbers = itertools.count(1)
        self._people = {
            row.subscriber.address.partition("@")[0]: row
            for row in Recipient.objects.filter(issue=mailing.issue).select_related("subscriber")
        }

    def __call__(self, name, event, *, after=0, attempt=1, **fields):
        row = self._people[name]
        return {
            "email": f"{name}@example.org",
            "timestamp": self.start + after,
            "event": event,
            "sg_event_id": f"event-{next(self._numbers)}",
            "sg_message_id": f"message-{row.batch_id}.filter0001.{row.pk}",
            "category": ["press harbour", "press harbour 1"],
            "ip": "203.0.113.7",
            "useragent": "Mozilla/5.0",
            "press_mailing": str(self.mailing.key),
            "press_batch": str(row.batch_id),
            "press_attempt": str(attempt),
            "press_recipient": str(row.pk),
            **fields,
        }

    def click(self, name, link, **fields):
        return self(
            name,
            "click",
            url=f"https://harbour.example.org/{link}",
            url_offset={"index": 0, "type": "html"},
            **fields,
        )
