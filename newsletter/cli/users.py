"""`newsletter users add|list|password`: who may open the administration."""

import sys
from typing import Annotated

import typer

from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.errors import Invalid
from newsletter.users import add_user, all_users, change_password

app = typer.Typer(no_args_is_help=True, help="Who may open the administration.")

Name = Annotated[str, typer.Argument(help="The name that they log in with.")]


@app.command()
def add(
    name: Name,
    address: Annotated[str, typer.Option(help="Their e-mail address.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Make a user. The password is asked for; a program gives it as the first line of standard input.

    Example: `newsletter users add ruth --address ruth@example.org`
    """
    user = add_user(name, password=_ask_for_password(), address=address)
    if as_json:
        print_json({"name": user.username, "address": user.email})
    else:
        print_text(f"{user.username} may log in at /admin/.")


@app.command("list")
def list_users(as_json: JsonOption = False) -> None:
    """Who may log in.

    Example: `newsletter users list`
    """
    users = all_users()
    if as_json:
        print_json(users)
        return
    rows = ((user["username"], user["email"], user["last_login"] or "never") for user in users)
    empty = "There are no users yet: `newsletter users add NAME` makes one."
    print_rows(("Name", "Address", "Last log-in"), rows, empty=empty)


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
