"""Load all commands, and turn their errors into sentences and exit codes."""

import logging
import re
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

import typer
from django.db.utils import DatabaseError
from typer.models import CommandInfo

from newsletter.accounts.actor import acting_as
from newsletter.cli.command_actor import at_the_machine
from newsletter.cli.overview import COMMANDS, empty_program, words_in
from newsletter.errors import Invalid, NewsletterError, refuse_if
from newsletter.logs import logs_uncaught_errors
from newsletter.schema_check import NO_ANSWER, why_not_usable, why_restore_unfinished

log = logging.getLogger(__name__)

# What can be run after a restore was interrupted: repeating it, and looking at the installation. None stands for help.
DURING_A_RESTORE = frozenset({"restore", "doctor", None})
FORESEEN = (NewsletterError, DatabaseError, OSError)

# Commands of a group that are defined in a different module from the group.
IN_GROUPS = {
    "articles": {
        "cite": "article_evidence:cite",
        "review": "article_evidence:review",
        "reviews-due": "article_evidence:reviews_due",
    },
    "issues": {
        "approve": "issue_approval:approve",
        "audience": "issue_audience:audience",
        "check": "issue_check:check",
        "rehearse": "issue_rehearsal:rehearse",
        "withdraw-approval": "issue_approval:withdraw_approval_of",
        "schedule": "issue_approval:schedule",
        "unschedule": "issue_approval:unschedule",
        "preview": "issue_sending:preview",
        "send": "issue_sending:send",
        "test": "issue_sending:send_test",
        "correct-page": "issue_web_pages:correct_page",
        "withdraw-page": "issue_web_pages:withdraw_page",
        "undo-page-change": "issue_web_pages:undo_page_change",
    },
    "corrections": {
        "approve": "correction_email_commands:approve",
        "withdraw-approval": "correction_email_commands:withdraw_approval",
        "send": "correction_email_commands:send",
        "undo": "correction_email_commands:undo",
    },
    "publications": {
        "notices": "topic_notice_commands:notices",
        "translate-notice": "topic_notice_commands:translate_notice",
    },
    "lists": {"growth": "subscriber_exports:show_growth"},
    "subscribers": {
        "suppress": "suppress_and_erase:suppress",
        "unsuppress": "suppress_and_erase:unsuppress",
        "erase": "suppress_and_erase:erase",
        "basis": "subscriber_basis:basis",
        "import": "subscriber_imports:import_",
        "imports": "undo_imports:imports",
        "undo-import": "undo_imports:undo",
        "export": "subscriber_exports:export",
        "count": "subscriber_exports:count",
        "verify": "subscriber_exports:verify",
    },
    "users": {"notify": "notifications:notify"},
}


@cache
def program(word: str | None = None, second: str | None = None) -> typer.Typer:
    """Return the command line with every command, or only with `word` (if this is a group, at least its `second`)."""
    app = empty_program()
    for name in COMMANDS if word is None else [word]:
        found = _command(name, second)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


@cache
def _command(name: str, second: str | None) -> Any:
    found = _at(COMMANDS[name].place)
    if isinstance(found, typer.Typer) and second in [*map(_name_of, found.registered_commands)]:
        # What other commands of the group import is not waited for.
        return found
    for word, place in IN_GROUPS.get(name, {}).items():
        found.command(word)(_at(place))
    return found


def _name_of(command: CommandInfo) -> str:
    return command.name or (command.callback.__name__ if command.callback else "").replace("_", "-")


def _at(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(f"newsletter.cli.{module}"), name)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code. Every error becomes one sentence, never a traceback."""

    def command() -> None:
        word, second = words_in(arguments)
        if word not in DURING_A_RESTORE and "--help" not in arguments:
            refuse_if(why_restore_unfinished())
        program(word, second)(args=arguments, prog_name="newsletter")

    return run_command(command)


def run_command(command: Callable[[], object]) -> int:
    """Call a command whose arguments have been read, with errors and exit code as by `run`."""
    try:
        with acting_as(at_the_machine()):
            command()
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 1
    except Exception as error:
        if not isinstance(error, FORESEEN) and logs_uncaught_errors():
            raise  # its traceback belongs in the log of a long-running process
        log.debug("The command failed.", exc_info=error)
        print(f"newsletter: {_sentence_of(error)}", file=sys.stderr)
        return 2 if isinstance(error, Invalid) else 1
    return 0


def _sentence_of(error: Exception) -> str:
    match error:
        case NewsletterError():
            return str(error)
        case DatabaseError():
            return _database_sentence(error)
        case OSError():
            return f"The operating system reported an error: {error.strerror or error}."
        case _:
            return _fault_sentence(error)


def _fault_sentence(error: Exception) -> str:
    # Without the error's own message, which may contain an address.
    return (
        f"The command failed because of a bug in this software ({type(error).__name__}). For more information, "
        "run the command again with NEWSLETTER_LOG_LEVEL=DEBUG. Then report the bug with the output."
    )


def _database_sentence(error: DatabaseError) -> str:
    said = str(error).strip().partition("\n")[0]
    if re.search(r"no such (?:table|column)|does not exist|unable to open", said):
        problem = why_not_usable()
        if problem and problem != NO_ANSWER:
            return problem
    return (
        "We could not use the database. Check NEWSLETTER_HOME and DATABASE_URL, and check that the disk is "
        f"not full. The database reported: {said}"
    )
