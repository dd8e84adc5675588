"""`newsletter subscribers suppress|unsuppress|erase`: stop or allow emails to an address, and erase a person."""

from typing import Annotated

import typer

from newsletter.accounts.actor import Role, require_role
from newsletter.cli.output import JsonOption, print_json, print_text
from newsletter.cli.subscribers import AddressArgument, ByOption, editor
from newsletter.errors import Refused
from subscribers import consent, suppression
from subscribers.lists import find_subscriber


def suppress(
    address: AddressArgument,
    why: Annotated[str, typer.Option(help="Reason for the suppression. We log it.")] = "",
    by: ByOption = "",
    as_json: JsonOption = False,
) -> None:
    """Suppress an address, so that we never send emails to it again from any list.

    Example: `newsletter subscribers suppress ada@example.org --why "asked by letter"`
    """
    require_role(Role.EDITOR, "Changing a subscriber")
    new = suppression.suppress(address, suppression.Reason.MANUAL, editor(by), note=why)
    if as_json:
        print_json({"suppressed": True, "new": new})
    else:
        print_text(
            "We will not send any more emails to this address."
            if new
            else "This address was already suppressed."
        )


def unsuppress(
    address: AddressArgument,
    why: Annotated[str, typer.Option(help="Reason for removing the suppression. We log it.")],
    by: ByOption = "",
    as_json: JsonOption = False,
) -> None:
    """Allow emails to a suppressed or unsubscribed address again. This does not subscribe the person.

    Example: `newsletter subscribers unsuppress ada@example.org --why "asked to come back by telephone"`
    """
    require_role(Role.ADMINISTRATOR, "Removing a suppression")
    suppression.end_suppression(address, editor(by), why=why)
    if as_json:
        print_json({"suppressed": False})
    else:
        print_text(
            "We can send emails to this address again. The person is still not subscribed: add them "
            "again, or let them sign up."
        )


def erase(
    address: AddressArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    by: ByOption = "",
    as_json: JsonOption = False,
) -> None:
    """Erase a person's data. We keep only a digest of their address, so that no import can add them again.

    Example: `newsletter subscribers erase ada@example.org --yes`
    """
    require_role(Role.ADMINISTRATOR, "Erasing a person")
    subscriber = find_subscriber(address)
    if not yes and not typer.confirm("Erase this person and everything we know about them?"):
        raise Refused("Nothing was erased.")
    consent.erase_person(subscriber, editor(by))
    if as_json:
        print_json({"erased": True})
    else:
        print_text("Erased.")
