"""Answers of readers. They belong to a person and are erased with them."""

from django.db import models

from newsletter.articles.models import Article
from newsletter.issues.models import Issue
from subscribers.models import Subscriber


class UsefulAnswer(models.Model):
    """Whether a reader of an issue found one of its articles useful: one answer a person, which they can change."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="+", db_index=False)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="+")
    useful = models.BooleanField()
    answered_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("issue", "article", "subscriber"), name="useful_answer_once"),
        )

    def __str__(self) -> str:
        return f"{'Useful' if self.useful else 'Not useful'}: article {self.article_id}"
