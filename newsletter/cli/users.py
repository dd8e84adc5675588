"""`newsletter users add|list|roles|password`: who has an account, and what they may do."""

import sys
from typing import Annotated

import typer

from newsletter.accounts.actor import Role
from newsletter.accounts.users import add_user, all_users, change_password, set_roles
from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.errors import Invalid
from subscribers.text import listed

app = typer.Typer(no_args_is_help=True, help="Who has an account, and what they may do.")

Name = Annotated[str, typer.Argument(help="The name that they log in with.")]


@app.command()
def add(
    name: Name,
    address: Annotated[
        str, typer.Option(help="Their e-mail address: they are told there what happens.")
    ] = "",
    role: Annotated[
        list[Role] | None, typer.Option(help="What they may do; may be repeated. Empty: everything.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a user. The password is asked for; a program gives it as the first line of standard input.

    An editor composes, an approver also approves and sends, an administrator also sets up.

    Example: `newsletter users add ruth --address ruth@example.org --role editor`
    """
    roles = role or [Role.ADMINISTRATOR]
    user = add_user(name, password=_ask_for_password(), address=address, roles=roles)
    if as_json:
        print_json({"name": user.username, "address": user.email, "roles": sorted(roles)})
    else:
        print_text(f"{user.username} may log in at /desk/ as {listed(sorted(set(roles)))}.")


@app.command()
def roles(
    name: Name,
    role: Annotated[list[Role], typer.Argument(help="Their roles from now on.")],
    as_json: JsonOption = False,
) -> None:
    """Give a user these roles, and no others.

    Example: `newsletter users roles ruth editor approver`
    """
    set_roles(name, role)
    if as_json:
        print_json({"name": name, "roles": sorted(set(role))})
    else:
        print_text(f"{name} is {listed(sorted(set(role)))} now.")


@app.command("list")
def list_users(as_json: JsonOption = False) -> None:
    """Who may log in.

    Example: `newsletter users list`
    """
    users = all_users()
    if as_json:
        print_json(users)
        return
    rows = (
        (user["username"], user["email"], ", ".join(user["roles"]) or "none", user["last_login"] or "never")
        for user in users
    )
    empty = "There are no users yet: `newsletter users add NAME` makes one."
    print_rows(("Name", "Address", "Roles", "Last log-in"), rows, empty=empty)


@app.command()
def password(name: Name, as_json: JsonOption = False) -> None:
    """Give a user another password.

    Example: `newsletter users password ruth`
    """
    change_password(name, password=_ask_for_password())
    if as_json:
        print_json({"name": name})
    else:
        print_text(f"{name} has another password now.")


def _ask_for_password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    given = sys.stdin.readline().rstrip("\n")
    if not given:
        raise Invalid("Give the password as the first line of standard input.")
    return given
