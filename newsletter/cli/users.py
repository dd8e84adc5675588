"""`newsletter users`: user accounts, invitations to them, and their roles."""

import sys
from typing import Annotated

import typer

from newsletter.accounts import second_factor
from newsletter.accounts.actor import Role
from newsletter.accounts.invitations import invite as invite_person
from newsletter.accounts.people import activate as activate_person
from newsletter.accounts.people import change_roles
from newsletter.accounts.people import deactivate as deactivate_person
from newsletter.accounts.users import add_user, all_users, change_password
from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.errors import Invalid
from subscribers.phrases import listed

app = typer.Typer(no_args_is_help=True, help="Add user accounts and set their roles.")

Name = Annotated[str, typer.Argument(help="Name that the user logs in with.")]


@app.command()
def add(
    name: Name,
    address: Annotated[str, typer.Option(help="Email address of the user, for notifications.")] = "",
    role: Annotated[
        list[Role] | None,
        typer.Option(
            help=(
                "Role of the user. You can use this option more than once. If left out, the user has "
                "all roles."
            )
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Add a user. You are asked for their password. A program can pass the password as the first line of
    standard input.

    Editors compose issues. Approvers can also approve and send. Administrators can also change the configuration.

    Example: `newsletter users add ruth --address ruth@example.org --role editor`
    """
    roles = role or [Role.ADMINISTRATOR]
    user = add_user(name, password=_ask_for_password(), address=address, roles=roles)
    if as_json:
        print_json({"name": user.username, "address": user.email, "roles": sorted(roles)})
    else:
        print_text(f"{user.username} can now log in at /desk/ with the role {listed(sorted(set(roles)))}.")


@app.command()
def invite(
    address: Annotated[str, typer.Argument(help="Email address of the person.")],
    role: Annotated[
        list[Role] | None,
        typer.Option(
            help="Role of the person. You can use this option more than once. If left out, they are an editor."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Invite a person by email. The link in it lets them choose a name and a password.

    The scheduler sends the email. The link works once, for 7 days unless `NEWSLETTER_INVITATION_DAYS` says otherwise.

    Example: `newsletter users invite ruth@example.org --role editor`
    """
    invitation = invite_person(address, role or [Role.EDITOR])
    if as_json:
        print_json(
            {
                "address": invitation.address,
                "roles": sorted(invitation.roles),
                "expires": invitation.expires_at,
            }
        )
    else:
        print_text(
            f"We are sending an invitation to {invitation.address}, with the role {listed(invitation.roles)}."
        )


@app.command()
def deactivate(name: Name, as_json: JsonOption = False) -> None:
    """Deactivate a user: they are logged out everywhere at once, and cannot log in. Nothing that they did is lost.

    Example: `newsletter users deactivate ruth`
    """
    changed = deactivate_person(name)
    _print_active(name, as_json, f"{name} is deactivated." if changed else f"{name} was deactivated already.")


@app.command()
def activate(name: Name, as_json: JsonOption = False) -> None:
    """Let a deactivated user log in again, with the roles and the password that they had.

    Example: `newsletter users activate ruth`
    """
    changed = activate_person(name)
    _print_active(name, as_json, f"{name} can log in again." if changed else f"{name} can log in already.")


@app.command()
def roles(
    name: Name,
    role: Annotated[list[Role], typer.Argument(help="New roles of the user.")],
    as_json: JsonOption = False,
) -> None:
    """Set the roles of a user. They replace any earlier roles.

    Example: `newsletter users roles ruth editor approver`
    """
    change_roles(name, role)
    if as_json:
        print_json({"name": name, "roles": sorted(set(role))})
    else:
        print_text(f"{name} now has the role {listed(sorted(set(role)))}.")


@app.command("list")
def list_users(as_json: JsonOption = False) -> None:
    """List the users who can log in.

    Example: `newsletter users list`
    """
    users = all_users()
    if as_json:
        print_json(users)
        return
    rows = (
        (
            user["username"],
            user["email"],
            ", ".join(user["roles"]) or "none" if user["is_active"] else "deactivated",
            user["last_login"] or "never",
        )
        for user in users
    )
    empty = "You have no users yet. To add one, run `newsletter users add NAME`."
    print_rows(("Name", "Address", "Roles", "Last log-in"), rows, empty=empty)


@app.command()
def password(name: Name, as_json: JsonOption = False) -> None:
    """Change the password of a user.

    Example: `newsletter users password ruth`
    """
    change_password(name, password=_ask_for_password())
    if as_json:
        print_json({"name": name})
    else:
        print_text(f"Changed the password of {name}.")


@app.command("reset-second-factor")
def reset_second_factor(name: Name, as_json: JsonOption = False) -> None:
    """Remove the second factor of a user who has lost it. They are told by email, and all their sessions end.

    Example: `newsletter users reset-second-factor ruth`
    """
    second_factor.reset_second_factor(name)
    if as_json:
        print_json({"name": name})
    else:
        print_text(f"{name} can now log in with the password alone, and set up a second factor again.")


def _print_active(name: str, as_json: bool, sentence: str) -> None:
    if as_json:
        print_json({"name": name})
    else:
        print_text(sentence)


def _ask_for_password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    given = sys.stdin.readline().rstrip("\n")
    if not given:
        raise Invalid("Read the password from the first line of standard input.")
    return given
