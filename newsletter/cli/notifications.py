"""`newsletter notifications list`, `newsletter users notify`: which notifications were sent to editors, and who
gets them.
"""

from collections import Counter
from typing import Annotated, Any

import typer

from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.notifications.models import State
from newsletter.notifications.notification_mail_choices import set_notification_mail
from newsletter.notifications.recent_notifications import NotificationStatus, recent_notifications

app = typer.Typer(no_args_is_help=True, help="List the notifications that editors have received.")


@app.callback()
def notifications() -> None:
    """Notifications to editors."""


@app.command("list")
def list_notifications(
    last: Annotated[
        int, typer.Option(help="Maximum number of notifications to show, newest first.", min=1, max=10_000)
    ] = 30,
    as_json: JsonOption = False,
) -> None:
    """List notifications, and show whether their emails and webhook posts were sent.

    Example: `newsletter notifications list --last 5`
    """
    found = recent_notifications(last)
    if as_json:
        print_json([document_of(each) for each in found])
        return
    print_rows(
        ("When", "What", "Emails", "Webhooks"),
        (
            (
                f"{each.notification.made_at:%Y-%m-%d %H:%M}",
                each.notification,
                _words(each.mails),
                _words(each.posts),
            )
            for each in found
        ),
        empty="You have no notifications yet.",
    )


def notify(
    name: Annotated[str, typer.Argument(help="Username that the user logs in with.")],
    mail: Annotated[
        bool, typer.Option("--mail/--no-mail", help="Whether the user gets notifications by email.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Turn email notifications for a user on or off. By default, notifications are on for every user with a role and
    an address.

    Example: `newsletter users notify ruth --no-mail`
    """
    set_notification_mail(name, wanted=mail)
    if as_json:
        print_json({"name": name, "mail": mail})
    else:
        print_text(
            f"{name} will get notifications by email."
            if mail
            else f"{name} will not get notifications by email."
        )


def document_of(each: NotificationStatus) -> dict[str, Any]:
    """Return a notification for programs."""
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
