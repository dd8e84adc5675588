"""List the commands and what `newsletter --help` says about each, without importing any of them or Django."""

import os
from typing import Annotated, NamedTuple

import typer

from newsletter import __version__

SET_UP, RUN, WRITE, PEOPLE, LOOK_AFTER = (
    "Set up",
    "Run",
    "Articles and issues",
    "Readers",
    "Maintain the installation",
)


class Command(NamedTuple):
    """A command or group of commands: its module and name there, what it does, and its heading in the help."""

    place: str
    help: str
    panel: str


COMMANDS = {
    "init": Command("init:init", "Create the database, the secret key and the home folder.", SET_UP),
    "doctor": Command("doctor:doctor", "Check the settings, database, sending, DNS and webhook.", SET_UP),
    "users": Command("user_commands:app", "Add user accounts and set their roles.", SET_UP),
    "serve": Command("serve:serve", "Run the web server, scheduler and worker on one machine.", RUN),
    "web": Command("serve:web", "Run only the web server.", RUN),
    "scheduler": Command("serve:scheduler", "Run only the scheduler.", RUN),
    "worker": Command("worker:worker", "Send the emails that are due.", RUN),
    "sources": Command("source_commands:app", "Manage the sites and feeds that articles come from.", WRITE),
    "articles": Command("article_commands:app", "Fetch, list and exclude articles.", WRITE),
    "publications": Command("publications:app", "Create and edit newsletters and their settings.", WRITE),
    "issues": Command("issues:app", "Compose, edit, test, approve and send issues.", WRITE),
    "proof": Command("proof_commands:app", "Let people without an account review an issue.", WRITE),
    "corrections": Command(
        "correction_commands:app", "Correct articles that were sent, and email their readers.", WRITE
    ),
    "questions": Command("question_commands:app", "Answer readers’ questions and complaints.", WRITE),
    "themes": Command("themes:app", "Create, check and preview email designs.", WRITE),
    "series": Command("series_commands:app", "Draft and send issues on a schedule.", WRITE),
    "mailings": Command("mailings:app", "Follow, pause, resume and stop mailings.", WRITE),
    "lists": Command("list_commands:app", "Create and show the lists that people subscribe to.", PEOPLE),
    "segments": Command(
        "segments:app", "Create segments for audiences, and count the people in them.", PEOPLE
    ),
    "subscribers": Command("subscribers:app", "Import, export, find and erase people.", PEOPLE),
    "suppressions": Command("suppressions:app", "Synchronise suppressed addresses with SendGrid.", PEOPLE),
    "bounces": Command("bounces:bounces", "Read bounces and complaints from a mailbox.", PEOPLE),
    "backup": Command("backup:backup", "Back up all data into one file.", LOOK_AFTER),
    "restore": Command("backup:restore", "Restore all data from a backup.", LOOK_AFTER),
    "instance": Command("instance:app", "Check or allow sending from this database.", LOOK_AFTER),
    "rotate-key": Command("rotate_key:rotate", "Replace the secret key.", LOOK_AFTER),
    "audit": Command("issue_approval:audit", "Show who did what, and when.", LOOK_AFTER),
    "notifications": Command(
        "notifications:app", "List the notifications that editors have received.", LOOK_AFTER
    ),
    "webhooks": Command("webhooks:app", "Tell other programs about events.", LOOK_AFTER),
}


def overview() -> typer.Typer:
    """Return a command line that can only show help."""
    app = empty_program()
    for name, (_place, words, panel) in COMMANDS.items():
        app.command(name, help=words, rich_help_panel=panel)(_nothing)
    return app


def empty_program() -> typer.Typer:
    """Return a command line without commands."""
    app = typer.Typer(
        name="newsletter",
        help="Create email newsletters from your latest articles and send them to your subscribers.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
    )
    app.callback()(options)
    return app


def words_in(arguments: list[str]) -> tuple[str | None, str | None]:
    """Return the command that these arguments certainly name, and the word after it.

    The first is None if all commands must be loaded, as for completion.
    """
    words = [*(arguments[2:] if arguments[:1] == ["--as"] else arguments), "", ""]
    return (words[0], words[1] or None) if words[0] in COMMANDS else (None, None)


def needs_no_command(arguments: list[str]) -> bool:
    """Return whether these words ask for help, the version, or a command that does not exist."""
    completing = "_NEWSLETTER_COMPLETE" in os.environ
    return words_in(arguments)[0] is None and arguments[:1] != ["--as"] and not completing


def print_version(wanted: bool) -> None:
    """Print the version and exit."""
    if wanted:
        print(__version__)
        raise typer.Exit


def options(
    version: Annotated[  # noqa: ARG001 - its callback has done it
        bool,
        typer.Option("--version", help="Print the version number.", is_eager=True, callback=print_version),
    ] = False,
    as_: Annotated[
        str,
        typer.Option(
            "--as", metavar="NAME", help="Run the command as this user. You need to enter their password."
        ),
    ] = "",
) -> None:
    """Turns your latest articles into an e-news issue, and sends it to your subscribers."""
    if as_:
        from newsletter.accounts.actor import set_current_actor
        from newsletter.cli.command_actor import prove_user

        set_current_actor(prove_user(as_))


def _nothing() -> None:
    """Stand in for a command, for the overview only."""
