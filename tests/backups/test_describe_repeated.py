"""A restore says what it repeated, and how many people need to give their new address again."""

from newsletter.backups.restore_backup import describe_repeated
from subscribers.repeat_refusals import Repeated


def test_people_who_changed_their_address_are_named_only_if_there_are_any():
    assert "address after" not in describe_repeated(Repeated(erased=1))
    assert "2 people changed their address after the backup was made" in describe_repeated(Repeated(moved=2))
