"""Adds a person's answers to their own export. Erasing the person deletes the answers with them (models.py)."""

from typing import Any

from django.dispatch import receiver

from newsletter.feedback.models import UsefulAnswer
from subscribers.models import Subscriber
from subscribers.signals import exporting


@receiver(exporting)
def answers_of(subscriber: Subscriber, **_signal: Any) -> dict[str, Any]:
    """Return what a person answered, for their export."""
    answers = UsefulAnswer.objects.filter(subscriber=subscriber).select_related(
        "article", "issue__publication"
    )
    return {
        "answers": [
            {
                "email": str(each.issue),
                "article": each.article.title,
                "useful": each.useful,
                "at": each.answered_at.isoformat(),
            }
            for each in answers.order_by("answered_at", "pk")
        ]
    }
