"""What a page shows of an entry in the audit log."""

from newsletter.issues.models import AuditEntry


def test_a_value_that_was_and_stays_empty_is_not_a_change():
    changes = {"text": [None, "25 weeks"], "why": [None, ""], "wrong_since": ["2026-01-31", None]}
    assert AuditEntry(changes=changes).described_changes == [
        "text: nothing → 25 weeks",
        "wrong since: 2026-01-31 → nothing",
    ]
