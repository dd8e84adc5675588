"""A notice as the JSON event that hooks are posted: figures and names of issues, never an address of a person."""

from typing import Any

import orjson
from django.utils import timezone

from newsletter.issues.page_urls import absolute_url
from newsletter.notifications.models import EditorNotice

TEST = "hook.test"


def event_of(notice: EditorNotice) -> str:
    """The event of a notice, as text whose bytes are signed."""
    publication = notice.publication.slug if notice.publication else None
    return _event(
        notice.kind,
        notice.made_at.isoformat(),
        {
            "publication": publication,
            **notice.facts,
            "title": notice.subject,
            "text": notice.text,
            "url": absolute_url(notice.link),
        },
    )


def trial_event() -> str:
    """An event that says nothing but that it came."""
    text = "This is a test: nothing has happened."
    return _event(TEST, timezone.now().isoformat(), {"text": text})


def _event(kind: str, at: str, data: dict[str, Any]) -> str:
    return orjson.dumps({"type": kind, "timestamp": at, "data": data}).decode()
