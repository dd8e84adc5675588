"""The outbound webhooks of an installation. Administrators add, remove and test them. A secret is shown only once."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from newsletter.accounts.actor import ALL, ANY, Role, current_actor, require_role
from newsletter.accounts.form_idempotency import once
from newsletter.errors import Invalid, NotFound, Refused
from newsletter.http.public_addresses import is_allowed_by_name, refuse_private
from newsletter.http.web_addresses import DEFAULT_PORTS, host_of, normalise_url
from newsletter.issues.issue_audit import record
from newsletter.issues.models import Publication
from newsletter.notifications.models import Webhook
from newsletter.notifications.post_to_webhook import Answer
from newsletter.notifications.sign_webhook_posts import new_secret
from newsletter.notifications.webhook_deliveries import post_event
from newsletter.notifications.webhook_event_json import example_event
from newsletter.notifications.webhook_secrets import encrypt_secret
from subscribers.whole_numbers import whole_number

# How long events are signed with the former secret too, after a secret was changed.
BOTH_SECRETS_FOR = timedelta(days=1)
# In seconds: how long the form of a new webhook waits for the DNS.
LOOKED_UP_FOR = 3.0


def add_webhook(address: str, *, publication: Publication | None = None, form_key: str = "") -> Webhook:
    """Add a webhook for all events, or for those of one publication.

    Raises Invalid, Refused or AlreadyMadeError (accounts/form_idempotency.py).
    """
    require_role(Role.ADMINISTRATOR, "Adding a webhook", publication=publication.pk if publication else ALL)
    url = _webhook_address(address)
    with transaction.atomic(), once(form_key) as form:
        if Webhook.objects.filter(url=url, publication=publication).exists():
            raise Refused(
                "You have already added a webhook for this address. To see all webhooks, run "
                "`newsletter webhooks list`."
            )
        webhook = Webhook.objects.create(
            url=url, secret=encrypt_secret(new_secret()), publication=publication, created_at=timezone.now()
        )
        record(
            "webhook-add",
            f"Added webhook {webhook.pk} ({host_of(url)}).",
            publication=publication,
            thing=f"webhook {webhook.pk}",
            changes={"host": [None, host_of(url)]},
        )
        form.made = str(webhook.pk)
    return webhook


def change_secret(number: int) -> Webhook:
    """Give a webhook a new secret, and return it. For a day, events are signed with the former one too.

    Raises NotFound.
    """
    with transaction.atomic():
        webhook = find_webhook(number, "Changing a webhook’s secret")
        webhook.former_secret, webhook.secret = webhook.secret, encrypt_secret(new_secret())
        webhook.former_secret_until = timezone.now() + BOTH_SECRETS_FOR
        webhook.save(update_fields=("secret", "former_secret", "former_secret_until"))
        record(
            "webhook-secret",
            f"Changed the secret for webhook {number} ({host_of(webhook.url)}).",
            publication=webhook.publication,
            thing=f"webhook {number}",
            changes={"secret": ["(not shown)", "(not shown) new"]},
        )
    return webhook


def all_webhooks() -> QuerySet[Webhook]:
    """Return all webhooks, including those that are turned off."""
    actor = require_role(Role.ADMINISTRATOR, "Listing webhooks", publication=ANY)
    every = Webhook.objects.all()
    if not actor.may(Role.ADMINISTRATOR):
        theirs = [key for key, role in actor.publication_roles if role is Role.ADMINISTRATOR]
        every = every.filter(publication__in=theirs)
    return every.select_related("publication").defer("secret", "former_secret")


def find_webhook(number: int, act: str) -> Webhook:
    """Return the webhook with this number for an act such as “Testing a webhook”.

    Raises Refused unless the actor is an administrator of some publication. Raises NotFound unless they are one of the
    webhook's publication or, if it is posted all events, of all publications: to them, any other webhook looks as if it
    did not exist.
    """
    require_role(Role.ADMINISTRATOR, act, publication=ANY)
    webhook = Webhook.objects.select_related("publication").filter(pk=number).first()
    if webhook is None or not current_actor().may(Role.ADMINISTRATOR, webhook.publication_id or ALL):
        raise NotFound(
            f"We could not find webhook {number}. To see all webhooks, run `newsletter webhooks list`."
        )
    return webhook


def remove_webhook(number: int) -> None:
    """Remove a webhook, and everything that is waiting for it. Raises NotFound."""
    with transaction.atomic():
        webhook = find_webhook(number, "Removing a webhook")
        publication, host = webhook.publication, host_of(webhook.url)
        webhook.delete()
        record(
            "webhook-remove",
            f"Removed webhook {number} ({host}).",
            publication=publication,
            thing=f"webhook {number}",
            changes={"host": [host, None]},
        )


def send_test_event(number: int) -> Answer:
    """Post a test event to a webhook and return the answer. A webhook that was off and accepts it is turned on again.

    Raises NotFound.
    """
    webhook = find_webhook(number, "Testing a webhook")
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


def _webhook_address(text: str) -> str:
    url = normalise_url(text)
    scheme, _colon, rest = url.partition("://")
    authority = rest.partition("/")[0]
    if "@" in authority:
        raise Invalid(
            "A webhook’s address cannot contain a username or password. Remove both. The "
            "receiver can check our signature instead."
        )
    port = whole_number(authority.rpartition(":")[2])
    number = DEFAULT_PORTS[scheme] if port is None else port
    if scheme == "http" and not is_allowed_by_name(host_of(url), number):
        raise Invalid(
            "A webhook’s address must start with https://. To use http for a server of your own, "
            "add its host to NEWSLETTER_FETCH_ALLOW_HOSTS."
        )
    refuse_private(host_of(url), number, seconds=LOOKED_UP_FOR)
    return url
