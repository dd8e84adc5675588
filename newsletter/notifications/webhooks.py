"""The hooks of an installation: added, removed and tried by administrators. A secret is given out once."""

import uuid

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from newsletter.accounts.actor import Role, require_role
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
    """Have every event posted to an address, or those of one publication. Raises Invalid or Refused."""
    require_role(Role.ADMINISTRATOR, "Adding a hook")
    url = _webhook_address(address)
    with transaction.atomic():
        if Webhook.objects.filter(url=url, publication=publication).exists():
            raise Refused("There is a hook to that address already: `newsletter webhooks list`.")
        webhook = Webhook.objects.create(
            url=url, secret=new_secret(), publication=publication, created_at=timezone.now()
        )
        record(
            "hook-add",
            f"Added hook {webhook.pk} to {host_of(url)}.",
            publication=publication,
            thing=f"hook {webhook.pk}",
            changes={"host": [None, host_of(url)]},
        )
    return webhook


def all_webhooks() -> QuerySet[Webhook]:
    """Every hook, the switched off too."""
    require_role(Role.ADMINISTRATOR, "Seeing hooks")
    return Webhook.objects.select_related("publication").defer("secret")


def remove_webhook(number: int) -> None:
    """Post nothing more to a hook, and forget what waits for it. Raises NotFound."""
    require_role(Role.ADMINISTRATOR, "Removing a hook")
    with transaction.atomic():
        webhook = _numbered(number)
        publication, host = webhook.publication, host_of(webhook.url)
        webhook.delete()
        record(
            "hook-remove",
            f"Removed hook {number} to {host}.",
            publication=publication,
            thing=f"hook {number}",
            changes={"host": [host, None]},
        )


def send_test_event(number: int) -> Answer:
    """Post a test event to a hook and say what came back. One that was switched off and takes it is on again.

    Raises NotFound.
    """
    require_role(Role.ADMINISTRATOR, "Trying a hook")
    webhook = _numbered(number)
    answer = post_event(webhook, uuid.uuid4(), example_event())
    if answer.taken and not webhook.active:
        with transaction.atomic():
            Webhook.objects.filter(pk=number).update(active=True, error="")
            record(
                "hook-on",
                f"Switched hook {number} on again.",
                publication=webhook.publication,
                thing=f"hook {number}",
                changes={"active": [False, True]},
            )
    return answer


def _numbered(number: int) -> Webhook:
    webhook = Webhook.objects.select_related("publication").filter(pk=number).first()
    if webhook is None:
        raise NotFound(f"There is no hook {number}: `newsletter webhooks list` shows those there are.")
    return webhook


def _webhook_address(text: str) -> str:
    url = normalise_url(text)
    scheme, _colon, rest = url.partition("://")
    authority = rest.partition("/")[0]
    if "@" in authority:
        raise Invalid(
            "A hook takes no name and password in its address: what it gets is signed. Leave them out."
        )
    port = authority.rpartition(":")[2]
    number = int(port) if port.isdecimal() else DEFAULT_PORTS[scheme]
    if scheme == "http" and not is_allowed_by_name(host_of(url), number):
        raise Invalid(
            "A hook's address begins with https://. On a machine of your own http will do: name its host in "
            "NEWSLETTER_FETCH_ALLOW_HOSTS."
        )
    return url
