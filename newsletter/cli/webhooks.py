"""`newsletter webhooks add|list|remove|test`: other programs that are notified of events."""

from typing import Annotated, Any

import typer

from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.errors import Unreachable
from newsletter.http.web_addresses import without_credentials
from newsletter.issues.find_by_name import find_publication
from newsletter.notifications import webhooks
from newsletter.notifications.models import Webhook

app = typer.Typer(
    no_args_is_help=True, help="Tell other programs about events by posting them to an address."
)

WebhookArgument = Annotated[int, typer.Argument(help="Number of the webhook.")]


@app.command()
def add(
    address: Annotated[str, typer.Argument(help="Address to post events to. It must start with https://.")],
    publication: Annotated[str, typer.Option(help="Post only events of this publication.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Add a webhook, so that events are posted to an address. The secret that we sign the events with is
    shown only once.

    Example: `newsletter webhooks add https://hooks.example.org/news`
    """
    webhook = webhooks.add_webhook(
        address, publication=find_publication(publication) if publication else None
    )
    if as_json:
        print_json({**document_of(webhook), "secret": webhook.secret})
        return
    print_text(
        f"Added webhook {webhook.pk}. We sign its events with this secret. Save it now, because we will "
        f"not show it again:\n{webhook.secret}\nTo test the webhook, run `newsletter webhooks test "
        f"{webhook.pk}`."
    )


@app.command("list")
def list_webhooks(as_json: JsonOption = False) -> None:
    """List the webhooks and the result of their last post.

    Example: `newsletter webhooks list`
    """
    found = webhooks.all_webhooks()
    if as_json:
        print_json([document_of(webhook) for webhook in found])
        return
    print_rows(
        ("Webhook", "Address", "Publication", "State"),
        (
            (webhook.pk, without_credentials(webhook.url), webhook.publication or "all", _state(webhook))
            for webhook in found
        ),
        empty="You have no webhooks yet. To add one, run `newsletter webhooks add ADDRESS`.",
    )


@app.command()
def remove(number: WebhookArgument, as_json: JsonOption = False) -> None:
    """Remove a webhook. Events waiting to be posted to it are discarded.

    Example: `newsletter webhooks remove 1`
    """
    webhooks.remove_webhook(number)
    if as_json:
        print_json({"removed": number})
    else:
        print_text(f"Removed webhook {number}.")


@app.command("test")
def send_test(number: WebhookArgument, as_json: JsonOption = False) -> None:
    """Post a test event to a webhook, and show the response. If the webhook was turned off, a successful test
    turns it on again.

    Example: `newsletter webhooks test 1`
    """
    answer = webhooks.send_test_event(number)
    if as_json:
        print_json({"accepted": answer.accepted, "status": answer.status, "response": answer.sentence})
    elif answer.accepted:
        print_text(answer.sentence)
    if not answer.accepted:
        raise Unreachable(f"The webhook did not accept the test event. {answer.sentence}")


def document_of(webhook: Webhook) -> dict[str, Any]:
    """Return a webhook for programs, without its secret."""
    return {
        "number": webhook.pk,
        "url": without_credentials(webhook.url),
        "publication": webhook.publication.slug if webhook.publication else None,
        "active": webhook.active,
        "created_at": webhook.created_at,
        "accepted_at": webhook.accepted_at,
        "error": webhook.error,
    }


def _state(webhook: Webhook) -> str:
    if not webhook.active:
        return "turned off because the address no longer exists (410)"
    if webhook.error:
        return f"failing: {webhook.error}"
    return (
        f"last accepted an event on {webhook.accepted_at:%d %b %Y %H:%M} UTC"
        if webhook.accepted_at
        else "no event posted yet"
    )
