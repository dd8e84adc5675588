"""All commands, and how their errors become sentences and exit codes."""

import logging
import re
import sys
from functools import cache
from importlib import import_module
from typing import Any

import typer
from django.db.utils import DatabaseError

from newsletter.accounts.actor import acting_as
from newsletter.cli.actor import at_the_machine
from newsletter.cli.overview import COMMANDS, command_in, empty_program
from newsletter.errors import Invalid, PressError
from newsletter.schema import NO_ANSWER, why_not_usable
from subscribers.errors import Invalid as InvalidSubscriber
from subscribers.errors import SubscribersError

log = logging.getLogger(__name__)

# Commands of a group that stand in another module than the group.
IN_GROUPS = {
    "issues": {
        "approve": "approvals:approve",
        "withdraw": "approvals:withdraw",
        "schedule": "approvals:schedule",
        "unschedule": "approvals:unschedule",
        "export": "issue_sending:export",
        "send": "issue_sending:send",
        "test": "issue_sending:send_test",
    },
    "lists": {"growth": "subscriber_imports:show_growth"},
    "subscribers": {
        "import": "subscriber_imports:import_",
        "export": "subscriber_imports:export",
        "count": "subscriber_imports:count",
        "verify": "subscriber_imports:verify",
    },
    "users": {"tell": "notifications:tell"},
}


@cache
def program(word: str | None = None) -> typer.Typer:
    """The command line with every command, or with one of them alone."""
    app = empty_program()
    for name in COMMANDS if word is None else [word]:
        found = _command(name)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


@cache
def _command(name: str) -> Any:
    found = _at(COMMANDS[name].place)
    for word, place in IN_GROUPS.get(name, {}).items():
        found.command(word)(_at(place))
    return found


def _at(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(f"newsletter.cli.{module}"), name)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code; every error that a person can mend is one sentence."""
    try:
        with acting_as(at_the_machine()):
            program(command_in(arguments))(args=arguments, prog_name="newsletter")
    except (Invalid, InvalidSubscriber) as error:
        return _say(error, 2)
    except (PressError, SubscribersError) as error:
        return _say(error, 1)
    except DatabaseError as error:
        log.debug("database", exc_info=error)
        return _say(_database_sentence(error), 1)
    except OSError as error:
        log.debug("machine", exc_info=error)
        return _say(f"The machine refused: {error.strerror or error}.", 1)
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 1
    return 0


def _database_sentence(error: DatabaseError) -> str:
    said = str(error).strip().partition("\n")[0]
    if re.search(r"no such (?:table|column)|does not exist|unable to open", said):
        problem = why_not_usable()
        if problem and problem != NO_ANSWER:
            return problem
    return f"The database cannot be used. Check NEWSLETTER_HOME, DATABASE_URL and the disk. It says: {said}"


def _say(sentence: object, code: int) -> int:
    print(f"newsletter: {sentence}", file=sys.stderr)
    return code
