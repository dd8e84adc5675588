"""Turns a notification into the JSON event for webhooks: figures and names of issues, never a person's address."""

from typing import Any

import orjson
from django.utils import timezone

from newsletter.issues.page_urls import absolute_url
from newsletter.notifications.models import Notification

TEST = "webhook.test"


def event_of(notification: Notification) -> str:
    """Return the event for a notification, as text whose bytes are signed."""
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
    """Return a test event."""
    text = "This is a test event. Nothing has happened, and you do not need to do anything."
    return _event(TEST, timezone.now().isoformat(), {"text": text})


def _event(kind: str, at: str, data: dict[str, Any]) -> str:
    return orjson.dumps({"type": kind, "timestamp": at, "data": data}).decode()
