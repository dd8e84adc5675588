"""`newsletter webhooks …`: other programs that are notified of events."""

from typing import Annotated, Any

import typer

from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.errors import Unreachable
from newsletter.http.web_addresses import without_credentials
from newsletter.issues.find_publication_or_issue import find_publication
from newsletter.notifications import outbound_webhooks
from newsletter.notifications.models import State, Webhook, WebhookDelivery
from newsletter.notifications.webhook_history import deliveries_of, send_again
from newsletter.notifications.webhook_secrets import secret_of

app = typer.Typer(
    no_args_is_help=True, help="Tell other programs about events by posting them to an address."
)

WebhookArgument = Annotated[int, typer.Argument(help="Number of the webhook.")]


@app.command()
def add(
    address: Annotated[str, typer.Argument(help="Address to post events to. It must start with https://.")],
    publication: Annotated[str, typer.Option(help="Post only events about this publication.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Add a webhook, which posts events to an address. We sign the events with a secret, which we show only once.

    Example: `newsletter webhooks add https://hooks.example.org/news`
    """
    webhook = outbound_webhooks.add_webhook(
        address, publication=find_publication(publication) if publication else None
    )
    if as_json:
        print_json({**document_of(webhook), "secret": secret_of(webhook)})
        return
    print_text(
        f"Added webhook {webhook.pk}. We sign its events with this secret. Save it now, because we will "
        f"not show it again:\n{secret_of(webhook)}\nTo test the webhook, run `newsletter webhooks test "
        f"{webhook.pk}`."
    )


@app.command("list")
def list_webhooks(as_json: JsonOption = False) -> None:
    """List the webhooks and the result of their last post.

    Example: `newsletter webhooks list`
    """
    found = outbound_webhooks.all_webhooks()
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
    outbound_webhooks.remove_webhook(number)
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
    answer = outbound_webhooks.send_test_event(number)
    if as_json:
        print_json({"accepted": answer.accepted, "status": answer.status, "response": answer.sentence})
    elif answer.accepted:
        print_text(answer.sentence)
    if not answer.accepted:
        raise Unreachable(f"The webhook did not accept the test event. {answer.sentence}")


@app.command("change-secret")
def change_secret(number: WebhookArgument, as_json: JsonOption = False) -> None:
    """Give a webhook a new secret, which we show only once. For a day, we sign events with both secrets.

    Example: `newsletter webhooks change-secret 1`
    """
    webhook = outbound_webhooks.change_secret(number)
    if as_json:
        print_json({**document_of(webhook), "secret": secret_of(webhook)})
        return
    print_text(
        f"Changed the secret of webhook {number}. Save the new one now, because we will not show it "
        f"again:\n{secret_of(webhook)}\nFor a day, we also sign events with the previous secret."
    )


@app.command("deliveries")
def list_deliveries(
    number: WebhookArgument,
    state: Annotated[State | None, typer.Option(help="Show only events in this state.")] = None,
    after: Annotated[
        int | None,
        typer.Option(
            help="Show only events older than the event with this number. To continue a list, give its last number.",
            min=1,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the events posted to a webhook, newest first, with the receiver's responses.

    Example: `newsletter webhooks deliveries 1 --state "given up"`
    """
    found = deliveries_of(number, state=state, after=after).deliveries
    if as_json:
        print_json([_delivery(each) for each in found])
        return
    print_rows(
        ("Event", "When", "What", "State", "Attempts", "Response"),
        (
            (
                each.pk,
                f"{each.notification.made_at:%Y-%m-%d %H:%M}",
                each.notification,
                each.state,
                each.attempts,
                each.answer,
            )
            for each in found
        ),
        empty="We did not find any events for this webhook.",
    )


@app.command("send-again")
def send_event_again(
    number: WebhookArgument,
    event: Annotated[
        int, typer.Argument(help="Number of the event, which `newsletter webhooks deliveries` shows.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Ask the scheduler to post an event to a webhook again, with the same webhook-id.

    Example: `newsletter webhooks send-again 1 27`
    """
    sent = send_again(number, event)
    if as_json:
        print_json(_delivery(sent))
    else:
        print_text(f"“{sent.notification}” will be posted to webhook {number} again within seconds.")


def _delivery(delivery: WebhookDelivery) -> dict[str, Any]:
    return {
        "number": delivery.pk,
        "webhook_id": f"msg_{delivery.key.hex}",
        "kind": delivery.notification.kind,
        "subject": delivery.notification.subject,
        "made_at": delivery.notification.made_at,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "response": delivery.answer,
        "done_at": delivery.done_at,
    }


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
        f"last event delivered on {webhook.accepted_at:%d %b %Y %H:%M} UTC"
        if webhook.accepted_at
        else "no events posted yet"
    )
