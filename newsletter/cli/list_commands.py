"""`newsletter lists …`: the lists that people subscribe to."""

import getpass
from typing import Annotated, Any

import typer

from newsletter.accounts.actor import Role, require_role
from newsletter.cli.output import JsonOption, print_fields, print_json, print_rows, print_text
from newsletter.errors import Invalid
from newsletter.issues.remove_topic import remove_topic
from subscribers.lists import add_list, figures, find_list
from subscribers.models import List
from subscribers.phrases import counted
from subscribers.topic_removal import UNSUBSCRIBE, find_topic

app = typer.Typer(help="Create and show the lists that people subscribe to.", no_args_is_help=True)


@app.command()
def add(
    slug: Annotated[str, typer.Argument(help="Short name (slug) of the list, for addresses and commands.")],
    *,
    name: Annotated[str, typer.Option(help="Name of the list, as readers see it.")],
    language: Annotated[str, typer.Option(help="Language of the list's pages and emails.")] = "en-GB",
    description: Annotated[str, typer.Option(help="One sentence about the list, for the sign-up page.")] = "",
    publisher: Annotated[
        str, typer.Option(help="Name of the organisation that runs the list, as readers know it.")
    ] = "",
    sender: Annotated[str, typer.Option(help="Address that confirmation emails are sent from.")] = "",
    topic: Annotated[
        list[str] | None,
        typer.Option(
            help="Topic that readers can choose, as SLUG=NAME. You can use this option more than once."
        ),
    ] = None,
    single_opt_in: Annotated[
        bool,
        typer.Option(
            "--single-opt-in",
            help=(
                "Do not ask people to confirm by email before they are added. Only use this where the "
                "law allows it."
            ),
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Create a list.

    Example: `newsletter lists add news --name "The News" --topic research=Research`
    """
    require_role(Role.ADMINISTRATOR, "Adding a list")
    topics = dict(_named(text) for text in topic or ())
    made = add_list(
        slug,
        name,
        topics=topics,
        language=language,
        description=description,
        publisher=publisher,
        sender_address=sender,
        double_opt_in=not single_opt_in,
    )
    if as_json:
        print_json(_facts(made))
    else:
        print_text(f"The list {made.slug} has been created. People can sign up at /lists/{made.slug}/")


@app.command("list")
def list_(as_json: JsonOption = False) -> None:
    """Show all lists with the number of their subscribers.

    Example: `newsletter lists list`
    """
    require_role(Role.EDITOR, "Viewing lists")
    facts = [_facts(one) for one in List.objects.all()]
    if as_json:
        print_json(facts)
        return
    print_rows(
        ("list", "name", "active", "pending", "unsubscribed"),
        [[one[column] for column in ("slug", "name", "active", "pending", "unsubscribed")] for one in facts],
        empty="You have no lists yet. To create one, run `newsletter lists add`.",
    )


@app.command()
def show(
    slug: Annotated[str, typer.Argument(help="Short name (slug) of the list.")],
    as_json: JsonOption = False,
) -> None:
    """Show all settings of a list.

    Example: `newsletter lists show news`
    """
    require_role(Role.EDITOR, "Viewing lists")
    facts = _facts(find_list(slug))
    if as_json:
        print_json(facts)
    else:
        topics = ", ".join(f"{slug} ({name})" for slug, name in facts["topics"].items())
        print_fields({**facts, "topics": topics or "none"})


@app.command("remove-topic")
def remove_topic_(
    slug: Annotated[str, typer.Argument(help="Short name (slug) of the list.")],
    topic: Annotated[str, typer.Argument(help="Short name (slug) of the topic.")],
    *,
    instead: Annotated[
        str, typer.Option(help="Topic to give to readers who chose only the topic that you are removing.")
    ] = "",
    unsubscribe: Annotated[
        bool, typer.Option("--unsubscribe", help="Unsubscribe readers who chose only this topic.")
    ] = False,
    by: Annotated[
        str,
        typer.Option(
            help="Your name, for the audit log. If left out, your username on this machine is used."
        ),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Remove a topic. People who also chose other topics keep those topics.

    Example: `newsletter lists remove-topic news research --instead events`
    """
    require_role(Role.ADMINISTRATOR, "Removing a topic")
    if instead and unsubscribe:
        raise Invalid("Use either --instead TOPIC or --unsubscribe, but not both.")
    changed = remove_topic(
        find_topic(find_list(slug), topic),
        UNSUBSCRIBE if unsubscribe else instead,
        name=by or getpass.getuser(),
    )
    if as_json:
        print_json({"removed": topic, "people": changed})
    else:
        print_text(f"Removed the topic {topic}. {counted(changed, 'person', 'people')} had chosen it.")


def _facts(mailing_list: List) -> dict[str, Any]:
    return {
        "slug": mailing_list.slug,
        "name": mailing_list.name,
        "description": mailing_list.description,
        "publisher": mailing_list.publisher,
        "language": mailing_list.language,
        "double_opt_in": mailing_list.double_opt_in,
        "topics": dict(mailing_list.topics.values_list("slug", "name")),
        **figures(mailing_list),
    }


def _named(text: str) -> tuple[str, str]:
    slug, _equals, name = text.partition("=")
    return slug.strip(), name.strip() or slug.strip()
