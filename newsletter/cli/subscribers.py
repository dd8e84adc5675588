"""`newsletter subscribers …`: people, their consent, and addresses that must not be mailed."""

import getpass
from itertools import islice
from typing import Annotated, Any

import typer

from newsletter.accounts.actor import Role, require_role
from newsletter.cli.basis_options import (
    BasisOfPersonOption,
    CollectedOnOption,
    OwnDetailsOption,
    basis_statement,
)
from newsletter.cli.output import JsonOption, in_words, print_fields, print_json, print_rows, print_text
from newsletter.errors import Invalid
from subscribers import consent, consent_by_editor, erasure
from subscribers.address_changes import ask_to_change_address
from subscribers.consent import ConsentSource, PersonalDetails
from subscribers.lists import find_list, find_subscriber
from subscribers.models import SourceKind, Subscriber, Subscription

app = typer.Typer(
    help="Add, import, export, find and erase people, and suppress addresses.", no_args_is_help=True
)

AddressArgument = Annotated[str, typer.Argument(help="The person’s email address.")]
ListOption = Annotated[str, typer.Option("--list", help="Short name (slug) of the list.")]
ByOption = Annotated[
    str,
    typer.Option(help="Your name, for the audit log. If left out, your username on this machine is used."),
]


@app.command()
def add(
    address: AddressArgument,
    *,
    list_slug: ListOption,
    consent_from: Annotated[
        str,
        typer.Option(
            "--consent",
            help="How the person gave consent, or how you know that you have another lawful basis. We log this.",
        ),
    ],
    first_name: Annotated[str, typer.Option(help="The person’s first name.")] = "",
    last_name: Annotated[str, typer.Option(help="The person’s last name.")] = "",
    topic: Annotated[
        list[str] | None,
        typer.Option(
            help=(
                "Short name (slug) of a topic that the person chose. You can use this option more than once."
            )
        ),
    ] = None,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask the person to confirm by email before they are added.")
    ] = False,
    basis: BasisOfPersonOption = "",
    collected_on: CollectedOnOption = None,
    own_details: OwnDetailsOption = False,
    by: ByOption = "",
    as_json: JsonOption = False,
) -> None:
    """Add a person to a list. If the person is already on the list, nothing is changed, with one exception: we
    record their consent if they have another lawful basis, or if only an import says that they consented.

    Example: `newsletter subscribers add ada@example.org --list news --consent "Form at the open day, 3 May"`
    """
    require_role(Role.EDITOR, "Changing a subscriber")
    subscription = consent_by_editor.add_by_editor(
        find_list(list_slug),
        address,
        editor(by),
        consent=consent_from,
        topics=topic or (),
        person=PersonalDetails(first_name=first_name, last_name=last_name),
        ask=ask,
        on=basis_statement(basis, collected_on, own_details=own_details),
    )
    if as_json:
        print_json({"subscriber": subscription.subscriber_id, "list": list_slug, "state": subscription.state})
    else:
        print_text(f"{subscription.subscriber.address} is {subscription.state} on the list {list_slug}.")


@app.command("change-address")
def change_address(
    address: AddressArgument,
    *,
    to: Annotated[str, typer.Option(help="The new address.")],
    by: ByOption = "",
    as_json: JsonOption = False,
) -> None:
    """Ask a person by email to confirm a new address. Nothing changes until they do.

    Example: `newsletter subscribers change-address ada@example.org --to ada@example.com`
    """
    require_role(Role.EDITOR, "Changing a subscriber")
    found = find_subscriber(address)
    ask_to_change_address(found, to, editor(by))
    if as_json:
        print_json({"subscriber": found.pk, "asked": True})
    else:
        print_text(f"We have asked the owner of {to} to confirm the address. Nothing changes until they do.")


@app.command("list")
def list_(
    list_slug: Annotated[str, typer.Option("--list", help="Show only people on this list.")] = "",
    state: Annotated[
        str, typer.Option(help="Show only people in this state: pending, active or unsubscribed.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of people to list.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """List people and their subscriptions, newest first.

    Example: `newsletter subscribers list --list news --state active`
    """
    require_role(Role.EDITOR, "Viewing subscribers")
    found = Subscription.objects.select_related("subscriber", "list").order_by("-pk")
    if list_slug:
        found = found.filter(list=find_list(list_slug))
    if state:
        found = found.filter(state=_state(state))
    rows = [
        (
            one.subscriber.address,
            one.subscriber.first_name,
            one.subscriber.last_name,
            one.list.slug,
            one.state,
        )
        for one in islice(found.iterator(), limit)
    ]
    columns = ("address", "first_name", "last_name", "list", "state")
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        print_rows(columns, rows, empty="We did not find anyone who matches your search.")


@app.command()
def show(address: AddressArgument, as_json: JsonOption = False) -> None:
    """Show a person and their whole history.

    Example: `newsletter subscribers show ada@example.org`
    """
    require_role(Role.EDITOR, "Viewing subscribers")
    document = erasure.export_person(find_subscriber(address))
    if as_json:
        print_json(document)
        return
    lists, entries, imports = (
        document.pop("lists"),
        document.pop("consent"),
        document.pop("changed_by_imports"),
    )
    facts = {**document, "changed_by_imports": [_changes_by(one) for one in imports]}
    print_fields({name: in_words(value) for name, value in facts.items() if value})
    print_text("")
    print_rows(
        ("list", "state", "topics", "joined", "unsubscribed", "paused until"),
        [
            (one["list"], one["state"], ", ".join(one["topics"]) or "all", one["joined_at"][:10],
             (one["left_at"] or "")[:10], one["paused_until"])
            for one in lists
        ],
        empty="This person is not on any list.",
    )  # fmt: skip
    print_text("")
    print_rows(
        ("when", "event", "list", "by", "network address", "wording or note"),
        [
            (one["at"][:16].replace("T", " "), one["act"], one["list"], f"{one['by']} {one['name']}".strip(),
             one["network_address"], _said(one))
            for one in entries
        ],
        empty="We have not logged anything about this person.",
    )  # fmt: skip


@app.command()
def edit(
    address: AddressArgument,
    *,
    first_name: Annotated[str | None, typer.Option(help="New first name.")] = None,
    last_name: Annotated[str | None, typer.Option(help="New last name.")] = None,
    locale: Annotated[str | None, typer.Option(help="Language tag, such as en-GB.")] = None,
    zone: Annotated[str | None, typer.Option(help="IANA time zone, such as Europe/London.")] = None,
    by: ByOption = "",
    as_json: JsonOption = False,
) -> None:
    """Edit a person's details.

    Example: `newsletter subscribers edit ada@example.org --first-name Ada`
    """
    require_role(Role.EDITOR, "Changing a subscriber")
    subscriber = find_subscriber(address)
    given = {"first_name": first_name, "last_name": last_name, "locale": locale, "zone": zone}
    person = PersonalDetails(
        **{name: getattr(subscriber, name) if value is None else value for name, value in given.items()}
    )
    _print_person(consent.change_details(subscriber, editor(by), person), as_json=as_json)


def _state(text: str) -> str:
    if text not in Subscription.State.values:
        raise Invalid(
            f"--state: “{text!r}” is not a state. Choose one of {', '.join(Subscription.State.values)}."
        )
    return text


def editor(by: str) -> ConsentSource:
    """Return who changed a person, for the consent log."""
    return ConsentSource(SourceKind.EDITOR, by or getpass.getuser())


def _print_person(subscriber: Subscriber, *, as_json: bool) -> None:
    names = ("address", "first_name", "last_name", "locale", "zone")
    facts = {name: getattr(subscriber, name) for name in names}
    if as_json:
        print_json(facts)
    else:
        print_fields(facts)


def _changes_by(change: dict[str, Any]) -> str:
    """Say what an import changed about a person: each value before and after."""
    before, after = ({**(change[when] or {})} for when in ("before", "after"))
    for values in (before, after):
        values.update(values.pop("attributes", {}))
    changed = [
        f"{name}: {_value(before.get(name))} → {_value(after[name])}"
        for name in after
        if before.get(name) != after[name]
    ]
    if change["topics_before"] is not None:
        # Without a topic, a person gets everything.
        topics = (", ".join(change[when] or ()) or "all" for when in ("topics_before", "topics_after"))
        changed.append("topics: " + " → ".join(topics))
    if change["basis_before"]:
        changed.append(f"basis: {change['basis_before']} → consent")
    if change["was_pending"]:
        changed.append("state: pending → active")
    return (
        f"{change['at'][:16].replace('T', ' ')}, {change['import'] or 'no file name'}: {'; '.join(changed)}"
    )


def _value(value: object) -> str:
    return "nothing" if value is None or value == "" else str(value)


def _said(entry: dict[str, str]) -> str:
    if entry["wording"]:
        return f"“{entry['wording']}” (version {entry['wording_version']}) {entry['note']}".strip()
    return entry["note"]
