"""A restore says what it repeated, and how many people need to give their new address again."""

from newsletter.backups.restore_backup import describe_repeated
from subscribers.repeat_refusals import Repeated


def test_people_who_changed_their_address_are_named_only_if_there_are_any():
    assert "address after" not in describe_repeated(Repeated(erased=1))
    assert "2 people changed their address after the backup was made" in describe_repeated(Repeated(moved=2))


def test_pauses_that_were_applied_and_ended_are_counted_apart():
    said = describe_repeated(Repeated(paused=2, resumed=1))
    assert "We also reapplied 2 pauses and 0 topic choices, and ended 1 pause again." in said
