"""`newsletter notifications list`, `newsletter users notify`: what editors were told, and who is."""

from collections import Counter
from typing import Annotated, Any

import typer

from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.notifications.models import State
from newsletter.notifications.recent_notifications import NotificationStatus, recent_notifications
from newsletter.notifications.who_is_notified import set_notification_mail

app = typer.Typer(no_args_is_help=True, help="What editors were told.")


@app.callback()
def notifications() -> None:
    """What editors were told."""


@app.command("list")
def list_notifications(
    last: Annotated[int, typer.Option(help="How many, the newest first.", min=1, max=10_000)] = 30,
    as_json: JsonOption = False,
) -> None:
    """Print what editors were told, and whether its mails and posts have gone.

    Example: `newsletter notifications list --last 5`
    """
    found = recent_notifications(last)
    if as_json:
        print_json([document_of(each) for each in found])
        return
    print_rows(
        ("When", "What", "Mails", "Hooks"),
        (
            (
                f"{each.notification.made_at:%Y-%m-%d %H:%M}",
                each.notification,
                _words(each.mails),
                _words(each.posts),
            )
            for each in found
        ),
        empty="Nothing was told yet.",
    )


def notify(
    name: Annotated[str, typer.Argument(help="The name that they log in with.")],
    mail: Annotated[bool, typer.Option("--mail/--no-mail", help="Whether they are mailed what happens.")],
    as_json: JsonOption = False,
) -> None:
    """Mail somebody what happens, or do not. At first everybody is who has a role and an address.

    Example: `newsletter users notify ruth --no-mail`
    """
    set_notification_mail(name, wanted=mail)
    if as_json:
        print_json({"name": name, "mail": mail})
    else:
        print_text(f"{name} is mailed what happens." if mail else f"{name} is not mailed what happens.")


def document_of(each: NotificationStatus) -> dict[str, Any]:
    """A notice as programs see it."""
    notification = each.notification
    return {
        "kind": notification.kind,
        "made_at": notification.made_at,
        "publication": notification.publication.slug if notification.publication else None,
        "subject": notification.subject,
        "text": notification.text,
        "link": notification.link,
        "data": notification.data,
        "mails": {state.value: each.mails[state] for state in State},
        "posts": {state.value: each.posts[state] for state in State},
    }


def _words(counted: Counter[State]) -> str:
    return ", ".join(f"{counted[state]} {state.value}" for state in State if counted[state]) or "none"
