"""An issue that could go, people who may or may not let it, and a clock that a test sets."""

from datetime import UTC, datetime

import pytest
import time_machine

from newsletter.accounts.actor import Actor, Role, acting_as
from tests.sending.conftest import (  # noqa: F401 - fixtures of the stage after
    crowd,
    issue,
    join,
    publication,
    states,
    way_out,
)

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def clock():
    """It is Monday, 30 November 2026, noon in London; `clock.shift` moves it."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ruth():
    """An editor."""
    return Actor("ruth", frozenset({Role.EDITOR}), 1)


@pytest.fixture
def ann():
    """An approver."""
    return Actor("ann", frozenset({Role.EDITOR, Role.APPROVER, Role.SENDER}), 2)


@pytest.fixture
def by():
    """Let somebody act: `by(ruth, pin, issue, 3)`."""

    def act(actor, function, *arguments, **named):
        with acting_as(actor):
            return function(*arguments, **named)

    return act


@pytest.fixture
def state_of():
    """The state that an issue is in now."""

    def now(issue):  # noqa: F811
        issue.refresh_from_db()
        return issue.state

    return now
