"""Publications, standing blocks, issues and their items, approvals, audiences, and the audit log."""

from newsletter.issues.models.approval_record import Approval
from newsletter.issues.models.approval_refusal import ApprovalRefusal
from newsletter.issues.models.audit_entry import LONGEST_SHOWN, AuditEntry
from newsletter.issues.models.issue import Issue, Item
from newsletter.issues.models.issue_block import IssueBlock
from newsletter.issues.models.notice_translation import NoticeTranslation
from newsletter.issues.models.preflight_run import PreflightRun
from newsletter.issues.models.publication import (
    MAX_UNDO_MINUTES,
    SERIF,
    Nation,
    Publication,
    colour,
    font_list,
)
from newsletter.issues.models.segments_and_pasted_lists import PastedAddress, PastedList, SavedSegment
from newsletter.issues.models.standing_block import StandingBlock
from newsletter.issues.models.topic_rule import TopicRule

__all__ = (
    "LONGEST_SHOWN",
    "MAX_UNDO_MINUTES",
    "SERIF",
    "Approval",
    "ApprovalRefusal",
    "AuditEntry",
    "Issue",
    "IssueBlock",
    "Item",
    "Nation",
    "NoticeTranslation",
    "PastedAddress",
    "PastedList",
    "PreflightRun",
    "Publication",
    "SavedSegment",
    "StandingBlock",
    "TopicRule",
    "colour",
    "font_list",
)
