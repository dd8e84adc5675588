"""Records changes to a publication and its standing blocks in the audit log, for every door."""

from collections.abc import Iterable, Mapping
from typing import Any

from newsletter.accounts.audit_log import changes_between, values_of
from newsletter.issues.issue_audit import record
from newsletter.issues.models import AuditEntry, Publication, StandingBlock


def record_publication(publication: Publication, before: Mapping[str, Any], did: str) -> AuditEntry | None:
    """Record which fields of a publication differ from before, if any do, and return the entry.

    `did` is empty for a new publication.
    """
    changes = changes_between(before, values_of(publication))
    if not changes:
        return None
    return record(
        "publication",
        f"{did} {_in_words(changes)}." if did else f"Added the publication {publication.name}.",
        publication=publication,
        thing=f"publication {publication.pk}",
        changes=changes,
    )


def record_block(block: StandingBlock, before: Mapping[str, Any]) -> None:
    """Record which fields of a standing block differ from before, if any do. `before` is empty for a new block."""
    changes = changes_between(before, values_of(block))
    if changes:
        did = "Changed" if before else "Added"
        record(
            "block",
            f"{did} the block {block.name}: {_in_words(changes)}.",
            publication=block.publication,
            thing=f"block {block.pk}",
            changes=changes,
        )


def _in_words(names: Iterable[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names)
