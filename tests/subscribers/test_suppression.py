import pytest

from subscribers import suppression
from subscribers.errors import Invalid, NotFound
from subscribers.models import Suppression
from tests.subscribers.conftest import EDITOR


def test_suppressing_ends_every_subscription_and_is_in_the_history(ada, state_of, history_of):
    assert suppression.suppress(" ADA@example.org ", "hard bounce", EDITOR)
    assert state_of("ada@example.org") == "unsubscribed"
    assert history_of("ada@example.org") == ["added", "suppressed"]
    assert not suppression.suppress("ada@example.org", "hard bounce", EDITOR)
    assert history_of("ada@example.org") == ["added", "suppressed"]


def test_the_address_can_not_be_read_from_its_suppression(db, settings):
    suppression.suppress("ada@example.org", "manual", EDITOR)
    kept = Suppression.objects.get()
    assert "ada" not in str(vars(kept))
    settings.SUBSCRIBERS_SUPPRESSION_KEY = "another key"
    assert suppression.digest_of("ada@example.org") != kept.digest


def test_many_are_looked_up_at_once(db):
    suppression.suppress("ada@example.org", "manual", EDITOR)
    suppression.suppress("ada@example.org", "complaint", EDITOR)
    keys = ["ada@example.org", "bob@example.org", *(f"p{n}@example.org" for n in range(2_000))]
    assert suppression.in_force(keys) == {"ada@example.org"}
    assert suppression.reasons("ada@example.org") == {"manual", "complaint"}


def test_lifting_is_deliberate_and_logged(ada, state_of, history_of):
    suppression.suppress("ada@example.org", "hard bounce", EDITOR)
    with pytest.raises(Invalid, match="why"):
        suppression.lift("ada@example.org", EDITOR, why=" ")
    assert suppression.reasons("ada@example.org")
    suppression.lift("ada@example.org", EDITOR, why="Her mailbox was full")
    assert suppression.reasons("ada@example.org") == set()
    assert state_of("ada@example.org") == "unsubscribed"
    assert history_of("ada@example.org")[-1] == "lifted"
    kept = Suppression.objects.get()
    assert (kept.lifted_by, kept.lifted_why) == ("Edith", "Her mailbox was full")


def test_there_may_be_nothing_to_lift(ada):
    with pytest.raises(NotFound, match="nothing to lift"):
        suppression.lift("ada@example.org", EDITOR, why="?")


def test_a_lifted_address_can_be_suppressed_again(db):
    for _time in range(2):
        assert suppression.suppress("ada@example.org", "hard bounce", EDITOR)
        suppression.lift("ada@example.org", EDITOR, why="mended")
    assert Suppression.objects.count() == 2
