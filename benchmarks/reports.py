"""Makes the data for the webhook benchmark: a mailing with recipients, and signed posts about it as from SendGrid."""

import itertools
import random
import time
from base64 import b64encode
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

if TYPE_CHECKING:
    from newsletter.issues.models import Issue
    from newsletter.sending.models import Mailing

Post = tuple[bytes, dict[str, str]]

SIGNATURE, TIMESTAMP = (
    "X-Twilio-Email-Event-Webhook-Signature",
    "X-Twilio-Email-Event-Webhook-Timestamp",
)


def signed_posts(
    mailing: "Mailing", key: EllipticCurvePrivateKey, events: int, events_a_post: int, *, seed: int
) -> Iterator[Post]:
    from newsletter.sending.models import Recipient

    people = list(
        Recipient.objects.filter(issue=mailing.issue).values_list("pk", "batch_id", "subscriber__address")
    )
    chance = random.Random(seed)
    stamp = str(int(time.time()))
    stream = _events(str(mailing.key), people, chance, int(stamp) - 7_200 + seed * 600)
    for _ in range(0, events, events_a_post):
        body = orjson.dumps(list(itertools.islice(stream, events_a_post)))
        signature = key.sign(stamp.encode() + body, ECDSA(SHA256()))
        yield body, {SIGNATURE: b64encode(signature).decode(), TIMESTAMP: stamp}


def _events(
    mailing: str, people: list[tuple[int, int, str]], chance: random.Random, start: int
) -> Iterator[dict[str, Any]]:
    """Yield events with all of SendGrid's fields: each email is processed, delivered, opened and clicked."""
    for turn in itertools.count():
        for place, (recipient, batch, address) in enumerate(people):
            opened = chance.choice(({"event": "open", "sg_machine_open": True}, {"event": "open"}))
            clicked = {"event": "click", "url": f"https://example.org/{chance.randrange(30)}"}
            for told in (
                {"event": "processed"},
                {"event": "delivered", "response": "250 OK"},
                opened,
                clicked,
            ):
                yield {
                    "email": address,
                    "timestamp": start + turn * 600 + place // 100 + chance.randrange(30),
                    "smtp-id": f"<{chance.getrandbits(64):x}@geopod-ismtpd-1>",
                    "category": ["press news", "press news 1", f"press batch {mailing} {batch} 1"],
                    "sg_event_id": b64encode(chance.randbytes(16)).decode(),
                    "sg_message_id": f"{chance.getrandbits(64):x}.recvd-59d9-abcde-1-{recipient}.0",
                    "useragent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",
                    "ip": "203.0.113.7",
                    "press_mailing": mailing,
                    "press_batch": str(batch),
                    "press_attempt": "1",
                    "press_recipient": str(recipient),
                    **told,
                }


def planned(people: int) -> "Mailing":
    """Return a mailing that was sent to a number of people, without its emails."""
    from newsletter.sending.models import Batch, Recipient

    mailing = plan_to_go("sent", people)
    Batch.objects.filter(mailing=mailing).update(state=Batch.State.ANSWERED, attempts=1)
    Recipient.objects.filter(batch__mailing=mailing).update(state=Recipient.State.ACCEPTED)
    return mailing


def plan_to_go(slug: str, people: int) -> "Mailing":
    """Return a mailing that is waiting to be sent."""
    from newsletter.scheduling.approval import approve
    from newsletter.sending.models import Mailing
    from newsletter.sending.send_now import send_now

    issue = _issue(slug, people)
    approve(issue)
    send_now(issue, without_undo=True)
    return Mailing.objects.get(issue=issue)


def planned_before() -> "Mailing":
    from newsletter.sending.models import Mailing

    return Mailing.objects.select_related("issue").earliest("pk")


def _issue(slug: str, people: int) -> "Issue":
    from django.utils import timezone

    from newsletter.articles.models import Article, Source
    from newsletter.issues.models import Issue, Item, Publication
    from subscribers.models import List, Subscriber, Subscription

    now = timezone.now()
    mailing_list = List.objects.create(slug=slug, name=slug)
    readers = Subscriber.objects.bulk_create(
        Subscriber(address=(address := f"{slug}{n}@example{n % 500}.org"), address_key=address)
        for n in range(people)
    )
    Subscription.objects.bulk_create(
        Subscription(subscriber=reader, list=mailing_list, state=Subscription.State.ACTIVE)
        for reader in readers
    )
    publication = Publication.objects.create(
        slug=slug,
        name="News",
        organisation="Trust",
        website="https://example.org/",
        mailing_list=mailing_list,
        sender_name="News",
        sender_address="news@example.org",
        postal_address="1 Example Street, London",
    )
    source = Source.objects.create(name=slug, location=f"https://example.org/{slug}")
    article = Article.objects.create(
        source=source, identity=slug, url=f"https://example.org/{slug}/a", title="Tides", found_at=now
    )
    issue = Issue.objects.create(publication=publication, number=1, subject="Tides", composed_at=now)
    Item.objects.create(issue=issue, article=article, lead=True)
    return issue
