"""What a publication asks of every article on a topic, and tells the readers of an email that has one."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from newsletter.issues.models.publication import Publication

MAX_REVIEW_MONTHS = 120


class TopicRule(models.Model):
    """A publication's rule for one topic. `key` is the topic without capital letters.

    `notice` has a text of the publication's own by language.
    """

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="topic_rules")
    topic = models.CharField(max_length=200)
    key = models.CharField(max_length=200)
    needs_reference = models.BooleanField(default=False)
    review_months = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MAX_REVIEW_MONTHS)]
    )
    says_not_advice = models.BooleanField(default=False)
    emergency_numbers = models.CharField(max_length=100, blank=True)
    notice = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("topic", "id")
        constraints = (models.UniqueConstraint(fields=("publication", "key"), name="one_rule_per_topic"),)

    def __str__(self) -> str:
        return self.topic
