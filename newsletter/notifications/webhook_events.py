"""A notice as the JSON event that hooks are posted: figures and names of issues, never an address of a person."""

from typing import Any

import orjson
from django.utils import timezone

from newsletter.issues.page_urls import absolute_url
from newsletter.notifications.models import Notification

TEST = "webhook.test"


def event_of(notification: Notification) -> str:
    """The event of a notice, as text whose bytes are signed."""
    publication = notification.publication.slug if notification.publication else None
    return _event(
        notification.kind,
        notification.made_at.isoformat(),
        {
            "publication": publication,
            **notification.data,
            "title": notification.subject,
            "text": notification.text,
            "url": absolute_url(notification.link),
        },
    )


def example_event() -> str:
    """An event that says nothing but that it came."""
    text = "This is a test: nothing has happened."
    return _event(TEST, timezone.now().isoformat(), {"text": text})


def _event(kind: str, at: str, data: dict[str, Any]) -> str:
    return orjson.dumps({"type": kind, "timestamp": at, "data": data}).decode()
