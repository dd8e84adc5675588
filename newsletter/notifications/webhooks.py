"""The outbound webhooks of an installation. Administrators add, remove and test them. A secret is shown only once."""

import uuid

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from newsletter.accounts.actor import ALL, ANY, Role, require_role
from newsletter.errors import Invalid, NotFound, Refused
from newsletter.http.public_addresses import is_allowed_by_name
from newsletter.http.web_addresses import DEFAULT_PORTS, host_of, normalise_url
from newsletter.issues.issue_audit import record
from newsletter.issues.models import Publication
from newsletter.notifications.models import Webhook
from newsletter.notifications.webhook_deliveries import post_event
from newsletter.notifications.webhook_events import example_event
from newsletter.notifications.webhook_http import Answer
from newsletter.notifications.webhook_signature import new_secret


def add_webhook(address: str, *, publication: Publication | None = None) -> Webhook:
    """Add a webhook for all events, or for those of one publication. Raises Invalid or Refused."""
    require_role(Role.ADMINISTRATOR, "Adding a webhook", publication=publication.pk if publication else ALL)
    url = _webhook_address(address)
    with transaction.atomic():
        if Webhook.objects.filter(url=url, publication=publication).exists():
            raise Refused(
                "You have already added a webhook for this address. To see all webhooks, run "
                "`newsletter webhooks list`."
            )
        webhook = Webhook.objects.create(
            url=url, secret=new_secret(), publication=publication, created_at=timezone.now()
        )
        record(
            "webhook-add",
            f"Added webhook {webhook.pk} to {host_of(url)}.",
            publication=publication,
            thing=f"webhook {webhook.pk}",
            changes={"host": [None, host_of(url)]},
        )
    return webhook


def all_webhooks() -> QuerySet[Webhook]:
    """Return all webhooks, including those that are turned off."""
    actor = require_role(Role.ADMINISTRATOR, "Listing webhooks", publication=ANY)
    every = Webhook.objects.all()
    if not actor.may(Role.ADMINISTRATOR):
        theirs = [key for key, role in actor.publication_roles if role is Role.ADMINISTRATOR]
        every = every.filter(publication__in=theirs)
    return every.select_related("publication").defer("secret")


def remove_webhook(number: int) -> None:
    """Remove a webhook, and everything that is waiting for it. Raises NotFound."""
    with transaction.atomic():
        webhook = _numbered(number)
        _require_administrator(webhook, "Removing a webhook")
        publication, host = webhook.publication, host_of(webhook.url)
        webhook.delete()
        record(
            "webhook-remove",
            f"Removed webhook {number} to {host}.",
            publication=publication,
            thing=f"webhook {number}",
            changes={"host": [host, None]},
        )


def send_test_event(number: int) -> Answer:
    """Post a test event to a webhook and return the answer. A webhook that was off and accepts it is turned on again.

    Raises NotFound.
    """
    webhook = _numbered(number)
    _require_administrator(webhook, "Testing a webhook")
    answer = post_event(webhook, uuid.uuid4(), example_event())
    if answer.accepted and not webhook.active:
        with transaction.atomic():
            Webhook.objects.filter(pk=number).update(active=True, error="")
            record(
                "webhook-on",
                f"Turned webhook {number} on again.",
                publication=webhook.publication,
                thing=f"webhook {number}",
                changes={"active": [False, True]},
            )
    return answer


def _require_administrator(webhook: Webhook, act: str) -> None:
    require_role(Role.ADMINISTRATOR, act, publication=webhook.publication_id or ALL)


def _numbered(number: int) -> Webhook:
    webhook = Webhook.objects.select_related("publication").filter(pk=number).first()
    if webhook is None:
        raise NotFound(
            f"We could not find webhook {number}. To see all webhooks, run `newsletter webhooks list`."
        )
    return webhook


def _webhook_address(text: str) -> str:
    url = normalise_url(text)
    scheme, _colon, rest = url.partition("://")
    authority = rest.partition("/")[0]
    if "@" in authority:
        raise Invalid(
            "The address of a webhook cannot contain a user name or password. Remove both. The "
            "receiver can check our signature instead."
        )
    port = authority.rpartition(":")[2]
    number = int(port) if port.isdecimal() else DEFAULT_PORTS[scheme]
    if scheme == "http" and not is_allowed_by_name(host_of(url), number):
        raise Invalid(
            "The address of a webhook must start with https://. To use http for a server of your own, "
            "add its host to NEWSLETTER_FETCH_ALLOW_HOSTS."
        )
    return url
