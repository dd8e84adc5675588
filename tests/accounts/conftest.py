"""Who has an account here: Ada and Adele are administrators, Ruth is an editor."""

from dataclasses import replace

import pytest

from newsletter.accounts.actor import SYSTEM, Role, acting_as
from newsletter.accounts.users import actor_of, add_user
from tests.sending.conftest import publication  # noqa: F401 - a fixture of that stage

PASSWORD = "ebb and flow at the quay"


@pytest.fixture
def ada(db):
    with acting_as(SYSTEM):
        return add_user("ada", password=PASSWORD, address="ada@example.org")


@pytest.fixture
def adele(db):
    with acting_as(SYSTEM):
        return add_user("adele", password=PASSWORD, address="adele@example.org")


@pytest.fixture
def ruth(db):
    with acting_as(SYSTEM):
        return add_user("ruth", password=PASSWORD, address="ruth@example.org", roles=[Role.EDITOR])


@pytest.fixture
def as_ada(ada):
    """Everything in the test is done by Ada."""
    with acting_as(actor_of(ada)):
        yield ada


def confirmed(user):
    """A user who has just proved who they are."""
    return acting_as(replace(actor_of(user), confirmed=True))
