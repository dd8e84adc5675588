"""Set the actor of a command: anyone with access to the shell, or the user given with `--as NAME` and a password."""

import getpass
import os
import sys

import typer

from newsletter.accounts.actor import Actor, Role
from newsletter.accounts.second_factor import is_code_needed, require_code
from newsletter.accounts.users import authenticate_actor

PASSWORD = "NEWSLETTER_PASSWORD"  # noqa: S105 - the name of the variable
CODE = "NEWSLETTER_CODE"


def at_the_machine() -> Actor:
    """Return an actor who may do everything: anyone with a shell here could change the database anyway. No
    account is proven.
    """
    return Actor(getpass.getuser(), frozenset({Role.ADMINISTRATOR}))


def prove_user(name: str) -> Actor:
    """Return the user with this name, after checking their password: typed, in NEWSLETTER_PASSWORD, or piped in
    as one line. If they have a second factor, a code comes in the same ways: in NEWSLETTER_CODE, or as the next line.

    Raises Refused.
    """
    actor = _prove_password(name)
    if is_code_needed(name):
        require_code(name, _code(name))
    return actor


def _code(name: str) -> str:
    if CODE in os.environ:
        return os.environ[CODE]
    if sys.stdin.isatty():
        return str(typer.prompt(f"Code from {name}’s authenticator app, or a recovery code", err=True))
    return sys.stdin.readline().rstrip("\n")


def _prove_password(name: str) -> Actor:
    if PASSWORD in os.environ:
        return authenticate_actor(name, os.environ[PASSWORD])
    if sys.stdin.isatty():
        return authenticate_actor(name, typer.prompt(f"Password for {name}", hide_input=True, err=True))
    return authenticate_actor(name, sys.stdin.readline().rstrip("\n"))
