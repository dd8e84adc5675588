"""All commands, and how their errors become sentences and exit codes."""

import logging
import re
import sys
from functools import cache
from importlib import import_module
from typing import Annotated, Any

import typer
from django.db.utils import DatabaseError

from newsletter import __version__
from newsletter.accounts.actor import act_as, acting_as
from newsletter.cli.actor import at_the_machine, prove_user
from newsletter.errors import Invalid, PressError
from newsletter.schema import NO_ANSWER, why_not_usable
from subscribers.errors import Invalid as InvalidSubscriber
from subscribers.errors import SubscribersError

log = logging.getLogger(__name__)

# Each command by the module and the name that it is found at. Only what is asked for is imported: all of them take a
# second, and a press starts many commands.
COMMANDS = {
    "init": "init:init",
    "doctor": "doctor:doctor",
    "bounces": "bounces:bounces",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "residence": "instance:residence",
    "rotate-key": "rotate_key:rotate",
    "serve": "serve:serve",
    "web": "serve:web",
    "clock": "serve:clock",
    "worker": "worker:worker",
    "hooks": "webhooks:app",
    "notices": "notifications:app",
    "articles": "articles:app",
    "sources": "sources:app",
    "audit": "approvals:audit",
    "issues": "issues:app",
    "publications": "publications:app",
    "series": "series:app",
    "lists": "lists:app",
    "mailings": "mailings:app",
    "subscribers": "subscribers:app",
    "suppressions": "suppressions:app",
    "users": "users:app",
}
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
    app = typer.Typer(
        name="newsletter",
        help="Latest articles in, a finished e-news issue out.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
    )
    app.callback()(options)
    for name in COMMANDS if word is None else [word]:
        found = _command(name)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


@cache
def _command(name: str) -> Any:
    found = _at(COMMANDS[name])
    for word, place in IN_GROUPS.get(name, {}).items():
        found.command(word)(_at(place))
    return found


def _at(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(f"newsletter.cli.{module}"), name)


def _word_of(arguments: list[str]) -> str | None:
    """The command that these words surely ask for; None where all of them must be known, say for their help."""
    words = arguments[2:] if arguments[:1] == ["--as"] else arguments
    return words[0] if words and words[0] in COMMANDS else None


def print_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        print(__version__)
        raise typer.Exit


def options(
    version: Annotated[  # noqa: ARG001 - its callback has done it
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=print_version)
    ] = False,
    as_: Annotated[
        str, typer.Option("--as", metavar="NAME", help="Act as this user; the password is asked for.")
    ] = "",
) -> None:
    """Latest articles in, a finished e-news issue out."""
    if as_:
        act_as(prove_user(as_))


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code; every error that a person can mend is one sentence."""
    try:
        with acting_as(at_the_machine()):
            program(_word_of(arguments))(args=arguments, prog_name="newsletter")
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
