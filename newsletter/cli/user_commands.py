"""`newsletter users`: user accounts, invitations to them, and their roles."""

import sys
from collections.abc import Iterable, Sequence
from typing import Annotated

import typer

from newsletter.accounts import second_factor
from newsletter.accounts.actor import Role, require_role
from newsletter.accounts.administer_accounts import activate as activate_person
from newsletter.accounts.administer_accounts import change_roles
from newsletter.accounts.administer_accounts import deactivate as deactivate_person
from newsletter.accounts.change_users import set_superuser
from newsletter.accounts.invitations import invite as invite_person
from newsletter.accounts.role_assignments import (
    PublicationRole,
    describe_roles,
    publication_roles_assigned,
    roles_assigned,
)
from newsletter.accounts.users import add_user, all_users, change_password, find_user
from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.errors import Invalid
from newsletter.issues.find_publication_or_issue import find_publication
from subscribers.phrases import listed

app = typer.Typer(no_args_is_help=True, help="Add user accounts and set their roles.")

Only = Annotated[
    list[str] | None,
    typer.Option(
        "--publication",
        help=(
            "Short name (slug) of a publication that the roles apply to. You can use this option more than once. If "
            "left out, the roles apply to all publications."
        ),
    ),
]
Name = Annotated[str, typer.Argument(help="Username that the user logs in with.")]


@app.command()
def add(
    name: Name,
    *,
    address: Annotated[str, typer.Option(help="The user’s email address, for notifications.")] = "",
    role: Annotated[
        list[Role] | None,
        typer.Option(
            help=(
                "The user’s role. You can use this option more than once. If left out, the user is an "
                "administrator."
            )
        ),
    ] = None,
    publication: Only = None,
    as_json: JsonOption = False,
) -> None:
    """Add a user. We ask you for the user's password. A program can pass the password as the first line of
    standard input.

    Authors write articles and edit the text of drafts. Editors also compose and schedule issues. Approvers approve
    issues, and senders send them. Administrators do all of this, and change the configuration. A user can have several
    roles.

    Example: `newsletter users add ruth --address ruth@example.org --role editor --publication weekly`
    """
    given = set(role or [Role.ADMINISTRATOR])
    single = _for_each(publication, given)
    user = add_user(
        name,
        password=_ask_for_password(),
        address=address,
        roles=() if single else given,
        publication_roles=single,
    )
    words = describe_roles(() if single else given, single)
    if as_json:
        print_json({"name": user.username, "address": user.email, "roles": words})
    else:
        print_text(f"{user.username} can now log in at /desk/ with {_named(words)}.")


@app.command()
def invite(
    address: Annotated[str, typer.Argument(help="The person’s email address.")],
    role: Annotated[
        list[Role] | None,
        typer.Option(
            help="The person’s role. You can use this option more than once. If left out, the person becomes an editor."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Invite a person by email. A link in the email lets them choose a username and a password. The scheduler sends
    the email. The link can be used once, and expires after 7 days, or the number of days in
    `NEWSLETTER_INVITATION_DAYS`.

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
        print_text(f"We are inviting {invitation.address}, who will have {_named(invitation.roles)}.")


@app.command()
def deactivate(name: Name, as_json: JsonOption = False) -> None:
    """Deactivate a user. They are immediately logged out everywhere, and can no longer log in. Their work is kept.

    Example: `newsletter users deactivate ruth`
    """
    changed = deactivate_person(name)
    _print_active(
        name, as_json, f"{name} was deactivated." if changed else f"{name} was already deactivated."
    )


@app.command()
def activate(name: Name, as_json: JsonOption = False) -> None:
    """Let a deactivated user log in again, with their previous roles and password.

    Example: `newsletter users activate ruth`
    """
    changed = activate_person(name)
    _print_active(name, as_json, f"{name} can log in again." if changed else f"{name} can already log in.")


@app.command()
def roles(
    name: Name,
    *,
    role: Annotated[list[Role] | None, typer.Argument(help="The user’s new roles.")] = None,
    publication: Only = None,
    remove: Annotated[bool, typer.Option(help="Remove all the user’s roles instead.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Set a user's roles. The new roles replace any earlier roles for the same publications. Without `--publication`,
    the roles apply to all publications, and roles for individual publications do not change.

    Example: `newsletter users roles ruth editor approver --publication weekly`
    """
    if bool(role) is remove:
        raise Invalid("Enter at least one role, or use --remove without a role.")
    user = find_user(name)
    everywhere, single = roles_assigned(user), publication_roles_assigned(user)
    if publication:
        replaced = {find_publication(slug).pk for slug in publication}
        kept = {each for each in single if each[0] not in replaced}
        single = frozenset(kept | _for_each(publication, role or ()))
    else:
        everywhere = frozenset(role or ())
    if remove and not everywhere and not single:
        raise Invalid(
            f"{name} has no other roles, and a user needs at least one. Give {name} another role first. To end their "
            f"access, run `newsletter users deactivate {name}`."
        )
    change_roles(name, everywhere, single)
    words = describe_roles(everywhere, single)
    if as_json:
        print_json({"name": name, "roles": words})
    else:
        print_text(f"{name} now has {_named(words)}.")


@app.command()
def superuser(
    name: Name,
    end: Annotated[bool, typer.Option(help="Remove the user’s access to the Django admin.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Let a user open the Django admin at /admin/, where they can change every row of the database.

    No role gives access to the Django admin, and nobody can give access in the browser.

    Example: `newsletter users superuser ada`
    """
    set_superuser(name, superuser=not end)
    if as_json:
        print_json({"name": name, "superuser": not end})
    else:
        print_text(f"{name} {'can no longer' if end else 'can now'} open /admin/.")


@app.command("list")
def list_users(as_json: JsonOption = False) -> None:
    """List the users who can log in.

    Example: `newsletter users list`
    """
    require_role(Role.ADMINISTRATOR, "Listing users")
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
    print_rows(("Name", "Address", "Roles", "Last login"), rows, empty=empty)


@app.command()
def password(name: Name, as_json: JsonOption = False) -> None:
    """Change a user's password.

    Example: `newsletter users password ruth`
    """
    change_password(name, password=_ask_for_password())
    if as_json:
        print_json({"name": name})
    else:
        print_text(f"Changed the password for {name}.")


@app.command("reset-second-factor")
def reset_second_factor(name: Name, as_json: JsonOption = False) -> None:
    """Remove the second factor for a user who has lost it. We tell the user by email, and end all their sessions.

    Example: `newsletter users reset-second-factor ruth`
    """
    second_factor.reset_second_factor(name)
    if as_json:
        print_json({"name": name})
    else:
        print_text(f"{name} can now log in with only a password, and then set up a second factor again.")


def _print_active(name: str, as_json: bool, sentence: str) -> None:
    if as_json:
        print_json({"name": name})
    else:
        print_text(sentence)


def _for_each(publications: list[str] | None, roles: Iterable[Role]) -> set[PublicationRole]:
    given = list(roles)
    return {(find_publication(slug).pk, role) for slug in publications or () for role in given}


def _ask_for_password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    given = sys.stdin.readline().rstrip("\n")
    if not given:
        raise Invalid("Read the password from the first line of standard input.")
    return given


def _named(roles: Sequence[str]) -> str:
    """Return roles in a sentence, such as “the role editor” or “the roles editor and approver”."""
    return f"the {'role' if len(roles) == 1 else 'roles'} {listed(roles)}"
