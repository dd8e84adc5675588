"""`newsletter subscribers basis`: the lawful basis on which a person gets the emails of a list, with its proof."""

from typing import Annotated

import typer

from newsletter.accounts.actor import Role, require_role
from newsletter.cli.basis_options import CollectedOnOption, OwnDetailsOption, basis_statement
from newsletter.cli.output import JsonOption, print_fields, print_json
from newsletter.cli.subscribers import AddressArgument, ByOption, ListOption, editor
from newsletter.errors import NotFound
from subscribers import consent_by_editor
from subscribers.lawful_basis import CHOICES
from subscribers.lists import find_list, subscription_to
from subscribers.proof_of_basis import proof_as_facts


def basis(
    address: AddressArgument,
    *,
    list_slug: ListOption,
    record: Annotated[str, typer.Option(help=f"Record this lawful basis: {CHOICES}.")] = "",
    statement: Annotated[
        str, typer.Option("--consent", help="How you know that you have this lawful basis. We log this.")
    ] = "",
    collected_on: CollectedOnOption = None,
    own_details: OwnDetailsOption = False,
    by: ByOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show a person’s lawful basis for a list, with the proof, or record another basis.

    Example: `newsletter subscribers basis ada@example.org --list news`
    """
    require_role(Role.EDITOR, "Viewing subscribers")
    subscription = subscription_to(find_list(list_slug), address)
    if subscription is None:
        raise NotFound(f"This person is not on the list {list_slug}.")
    if record:
        require_role(Role.EDITOR, "Changing a subscriber")
        said = basis_statement(record, collected_on, own_details=own_details)
        subscription = consent_by_editor.record_basis(subscription, editor(by), said, statement=statement)
    facts = proof_as_facts(subscription)
    if as_json:
        print_json({name.lower().replace(" ", "_"): text for name, text in facts.items()})
    else:
        print_fields(facts)
