"""A disk that is full: the reason is said, and nothing half-written stays."""

import resource
from contextlib import contextmanager

import pytest

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.backups.make_backup import make_backup
from newsletter.errors import Invalid

ROOM = 40_000


@contextmanager
def files_no_larger_than(size):
    """The operating system lets this process, and the programs it starts, write no larger file."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


@pytest.mark.sqlite
def test_a_backup_that_does_not_fit_names_its_folder_and_leaves_nothing(home, transactional_db):
    folder = home / "backups"
    with (
        acting_as(Actor("ada", frozenset({Role.ADMINISTRATOR}))),
        files_no_larger_than(ROOM),
        pytest.raises(Invalid) as said,
    ):
        make_backup(folder / "full.tar.gz")
    assert str(folder) in str(said.value)
    assert not folder.exists() or not list(folder.iterdir())
