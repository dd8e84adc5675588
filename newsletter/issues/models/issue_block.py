"""The blocks of one issue."""

from typing import Any

from django.db import models

from newsletter.issues.models.issue import Issue
from newsletter.issues.models.standing_block import StandingBlock


class IssueBlock(models.Model):
    """What one issue changes about a standing block, or a block that only this issue has (then `block` is empty).

    `position` counts in the same sequence as the positions of items; without one, the block has its usual place after
    the articles. `content` has the title, body and data of this issue; what is missing is that of the standing block.
    """

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="blocks")
    block = models.ForeignKey(
        StandingBlock, on_delete=models.CASCADE, null=True, blank=True, related_name="in_issues"
    )
    kind = models.CharField(max_length=20, choices=StandingBlock.Kind, blank=True)
    position = models.PositiveIntegerField(null=True, blank=True)
    hidden = models.BooleanField(default=False)
    content = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(fields=("issue", "block"), name="block_once_an_issue"),
            models.CheckConstraint(
                condition=models.Q(block__isnull=False) | ~models.Q(kind=""), name="own_block_has_a_kind"
            ),
        )

    def __str__(self) -> str:
        return self.title or (self.block.name if self.block else self.get_kind_display())

    @property
    def shown_kind(self) -> str:
        """The kind of the standing block, or of a block that only this issue has."""
        return self.block.kind if self.block else self.kind

    @property
    def title(self) -> str:
        """The title in this issue."""
        return str(self.content.get("title", self.block.title if self.block else ""))

    @property
    def body(self) -> str:
        """The text in this issue, in Markdown."""
        return str(self.content.get("body", self.block.body if self.block else ""))

    @property
    def data(self) -> dict[str, Any]:
        """What the kind of block needs, in this issue (block_data.py)."""
        return dict(self.content.get("data", self.block.data if self.block else {}))
