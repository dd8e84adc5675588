"""All commands, and how their errors become sentences and exit codes."""

import logging
import sys
from typing import Annotated

import typer
from django.db.utils import DatabaseError

from newsletter import __version__
from newsletter.actors import act_as, acting_as
from newsletter.cli import (
    articles,
    hooks,
    issues,
    lists,
    mailings,
    notices,
    publications,
    series,
    sources,
    subscriber_imports,
    subscribers,
    suppressions,
    users,
)
from newsletter.cli.approvals import approve, audit, schedule, unschedule, withdraw
from newsletter.cli.backing_up import backup, restore
from newsletter.cli.deliveries import export, send, send_test
from newsletter.cli.doctoring import doctor
from newsletter.cli.residing import residence
from newsletter.cli.rotating import rotate
from newsletter.cli.serving import clock, serve, web
from newsletter.cli.setting_up import init
from newsletter.cli.whoever import at_the_machine, prove_user
from newsletter.cli.working import worker
from newsletter.errors import Invalid, PressError
from newsletter.schema import NO_ANSWER, why_not_usable
from subscribers.errors import Invalid as InvalidSubscriber
from subscribers.errors import SubscribersError

log = logging.getLogger(__name__)

app = typer.Typer(
    name="newsletter",
    help="Latest articles in, a finished e-news issue out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.command()(init)
app.command()(doctor)
app.command()(backup)
app.command()(restore)
app.command()(residence)
app.command("rotate-key")(rotate)
app.command()(serve)
app.command()(web)
app.command()(clock)
app.command()(worker)
app.add_typer(hooks.app, name="hooks")
app.add_typer(notices.app, name="notices")
app.add_typer(articles.app, name="articles")
app.add_typer(sources.app, name="sources")
app.command()(audit)
issues.app.command()(approve)
issues.app.command()(withdraw)
issues.app.command()(schedule)
issues.app.command()(unschedule)
issues.app.command()(export)
issues.app.command()(send)
issues.app.command("test")(send_test)
app.add_typer(issues.app, name="issues")
app.add_typer(publications.app, name="publications")
app.add_typer(series.app, name="series")
lists.app.command("growth")(subscriber_imports.show_growth)
app.add_typer(lists.app, name="lists")
app.add_typer(mailings.app, name="mailings")
subscribers.app.command("import")(subscriber_imports.import_)
subscribers.app.command()(subscriber_imports.export)
subscribers.app.command()(subscriber_imports.count)
app.add_typer(subscribers.app, name="subscribers")
app.add_typer(suppressions.app, name="suppressions")
users.app.command()(notices.tell)
app.add_typer(users.app, name="users")


def print_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
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
            app(args=arguments, prog_name="newsletter")
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
    problem = why_not_usable()
    if problem and problem != NO_ANSWER:
        return problem
    said = str(error).strip().partition("\n")[0]
    return f"The database cannot be used. Check NEWSLETTER_HOME, DATABASE_URL and the disk. It says: {said}"


def _say(sentence: object, code: int) -> int:
    print(f"newsletter: {sentence}", file=sys.stderr)
    return code
