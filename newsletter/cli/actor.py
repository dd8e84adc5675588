"""Who acts at the command line: whoever has the shell, or a user who proves it with `--as NAME`."""

import getpass
import os
import sys

import typer

from newsletter.accounts.actor import Actor, Role
from newsletter.accounts.users import authenticate_actor

PASSWORD = "NEWSLETTER_PASSWORD"  # noqa: S105 - the name of the variable


def at_the_machine() -> Actor:
    """Whoever has the shell may do everything: they could change the database. No account of theirs is proven."""
    return Actor(getpass.getuser(), frozenset({Role.ADMINISTRATOR}))


def prove_user(name: str) -> Actor:
    """The user of that name, once their password was given: typed, in NEWSLETTER_PASSWORD, or piped in as one line.

    Raises Refused.
    """
    if PASSWORD in os.environ:
        return authenticate_actor(name, os.environ[PASSWORD])
    if sys.stdin.isatty():
        return authenticate_actor(name, typer.prompt(f"Password of {name}", hide_input=True, err=True))
    return authenticate_actor(name, sys.stdin.readline().rstrip("\n"))
