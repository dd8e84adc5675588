"""Migrations are append-only: what was released is never changed, for databases have run it."""

import pytest

from tests.upgrades.make_dumps import ROOT, migrations, pinned_migrations

PINNED = pinned_migrations()


def test_every_app_has_released_migrations():
    assert {name.partition("/")[0] for name in PINNED} == {"newsletter", "subscribers"}


@pytest.mark.parametrize("name", sorted(PINNED))
def test_a_released_migration_stays_as_it_was(name):
    assert migrations().get(name) == PINNED[name], (
        f"{name} was released, so databases have run it as it was. Put it back (git checkout -- {name}), and add a new "
        "migration for what you want to change."
    )


def test_a_change_of_a_released_migration_is_noticed(tmp_path, monkeypatch):
    name = min(PINNED)
    folder = tmp_path / name.rpartition("/")[0]
    folder.mkdir(parents=True)
    (tmp_path / name).write_bytes((ROOT / name).read_bytes() + b"\n")
    monkeypatch.setattr("tests.upgrades.make_dumps.ROOT", tmp_path)
    with pytest.raises(AssertionError, match=r"was released.*add a new migration"):
        test_a_released_migration_stays_as_it_was(name)
