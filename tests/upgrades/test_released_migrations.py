"""Migrations are append-only: what was released is never changed, for databases have run it."""

import pytest

from tests.upgrades.released_migrations import ROOT, hash_of, hashes_of, pinned_hashes

PINNED = pinned_hashes()
SOME = """import newsletter.issues.validators
models.CharField(max_length=9, validators=[newsletter.issues.validators.one_line]), to='newsletter.issue'
"""


def check_unchanged(name, root):
    assert hashes_of(root).get(name) == PINNED[name], (
        f"{name} was released, so databases have run it as it was. Put it back (git checkout -- {name}), and add a new "
        "migration for what you want to change."
    )


def test_every_app_has_released_migrations():
    assert {name.partition("/")[0] for name in PINNED} == {"newsletter", "subscribers"}


@pytest.mark.parametrize("name", sorted(PINNED))
def test_a_released_migration_stays_as_it_was(name):
    check_unchanged(name, ROOT)


def test_a_change_of_a_released_migration_is_noticed_with_what_to_do(tmp_path):
    name = min(PINNED)
    changed = tmp_path / name
    changed.parent.mkdir(parents=True)
    changed.write_bytes((ROOT / name).read_bytes() + b"# more\n")
    with pytest.raises(AssertionError, match=r"was released.*add a new migration"):
        check_unchanged(name, tmp_path)
    changed.unlink()
    with pytest.raises(AssertionError, match=r"was released"):
        check_unchanged(name, tmp_path)


def test_only_the_path_of_a_function_may_follow_it():
    assert hash_of(SOME) == hash_of(
        SOME.replace("newsletter.issues.validators", "newsletter.field_validators")
    )
    assert hash_of(SOME) != hash_of(SOME.replace("one_line", "one_word"))
    assert hash_of(SOME) != hash_of(SOME.replace("newsletter.issue'", "newsletter.mailing'"))
    assert hash_of(SOME) != hash_of(SOME.replace("9", "8"))
