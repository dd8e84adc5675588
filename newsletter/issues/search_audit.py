"""Searches the audit log by person, kind of act, publication and days, one page at a time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from django.db.models import QuerySet

from newsletter.issues.issue_audit import entries
from newsletter.issues.models import AuditEntry, Publication

ENTRIES_PER_PAGE = 50


class Topic(StrEnum):
    """What entries of the log are about."""

    ISSUES = "issues"
    SENDING = "sending"
    ARTICLES = "articles"
    SUBSCRIBERS = "subscribers"
    SETTINGS = "settings"
    INSTALLATION = "installation"
    ACCOUNTS = "accounts"


# Every act belongs to one topic. What is not named here belongs to the accounts, which have the most acts.
ACTS = {
    Topic.ISSUES: (
        "approve",
        "ask-approval",
        "block",
        "cancel",
        "checklist",
        "comment",
        "compose",
        "edit",
        "overrule",
        "proof-link",
        "refuse",
        "rehearse",
        "reopen",
        "sign",
        "web-page",
    ),
    Topic.SENDING: (
        *("date", "draft", "drafted", "mailing-pause", "mailing-plan", "mailing-resume", "mailing-retry"),
        *("mailing-settle", "mailing-stop", "missed", "release", "schedule", "send", "series", "skipped"),
        "unschedule",
    ),
    Topic.ARTICLES: ("article", "correction", "correction-email", "fetch", "source"),
    Topic.SUBSCRIBERS: (
        *(
            "audience",
            "erase",
            "export",
            "import",
            "list",
            "question",
            "segment",
            "subscriber",
            "suppression",
            "topic",
        ),
        "undo-import",
    ),
    Topic.SETTINGS: (
        *(
            "checks",
            "proof-group",
            "publication",
            "sending",
            "signature-demands",
            "topic-rules",
            "webhook-add",
            "webhook-on",
            "webhook-remove",
            "webhook-secret",
        ),
        "webhook-send-again",
    ),
    Topic.INSTALLATION: (
        *("backup", "backup-download", "backup-remove", "backup-settings", "instance", "restore"),
        "secret key",
    ),
}


@dataclass(frozen=True, slots=True)
class AuditSearch:
    """What to look for. `person` is a name as the log has it, and `after` the cursor of the page before."""

    person: str = ""
    topic: Topic | None = None
    publication: Publication | None = None
    first_day: date | None = None
    last_day: date | None = None
    zone: tzinfo = UTC
    after: int | None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """One page of the log, newest entries first. `next_cursor` is None on the last page."""

    entries: list[AuditEntry]
    next_cursor: int | None


def search_audit(wanted: AuditSearch) -> AuditPage:
    """Return the page of entries that the actor may see and that match. Days last as long as they do in their zone."""
    found = _of_topic(entries(publication=wanted.publication), wanted.topic)
    if wanted.person:
        found = found.filter(actor=wanted.person)
    if wanted.first_day is not None:
        found = found.filter(at__gte=datetime.combine(wanted.first_day, time(), wanted.zone))
    if wanted.last_day is not None:
        ends = datetime.combine(wanted.last_day + timedelta(days=1), time(), wanted.zone)
        found = found.filter(at__lt=ends)
    if wanted.after is not None:
        found = found.filter(pk__lt=wanted.after)
    page = list(found.select_related("issue__publication", "publication")[: ENTRIES_PER_PAGE + 1])
    shown = page[:ENTRIES_PER_PAGE]
    return AuditPage(shown, shown[-1].pk if len(page) > ENTRIES_PER_PAGE else None)


def _of_topic(found: QuerySet[AuditEntry], topic: Topic | None) -> QuerySet[AuditEntry]:
    if topic is None:
        return found
    if topic is Topic.ACCOUNTS:
        return found.exclude(act__in=[act for acts in ACTS.values() for act in acts])
    return found.filter(act__in=ACTS[topic])
