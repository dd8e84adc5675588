"""The hooks of an installation: added, removed and tried by administrators. A secret is given out once."""

import uuid

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from newsletter.accounts.actor import Role, require
from newsletter.errors import Invalid, NotFound, Refused
from newsletter.http.public_addresses import is_allowed_by_name
from newsletter.http.web_addresses import DEFAULT_PORTS, host_of, web_address
from newsletter.issues.audit import record
from newsletter.issues.models import Publication
from newsletter.notifications.models import Hook
from newsletter.notifications.webhook_deliveries import post_event
from newsletter.notifications.webhook_events import trial_event
from newsletter.notifications.webhook_http import Answer
from newsletter.notifications.webhook_signature import new_secret


def add_hook(address: str, *, publication: Publication | None = None) -> Hook:
    """Have every event posted to an address, or those of one publication. Raises Invalid or Refused."""
    require(Role.ADMINISTRATOR, "Adding a hook")
    url = _hook_address(address)
    with transaction.atomic():
        if Hook.objects.filter(url=url, publication=publication).exists():
            raise Refused("There is a hook to that address already: `newsletter hooks list`.")
        hook = Hook.objects.create(
            url=url, secret=new_secret(), publication=publication, created_at=timezone.now()
        )
        record(
            "hook-add",
            f"Added hook {hook.pk} to {host_of(url)}.",
            publication=publication,
            thing=f"hook {hook.pk}",
            changes={"host": [None, host_of(url)]},
        )
    return hook


def all_hooks() -> QuerySet[Hook]:
    """Every hook, the switched off too."""
    require(Role.ADMINISTRATOR, "Seeing hooks")
    return Hook.objects.select_related("publication").defer("secret")


def remove_hook(number: int) -> None:
    """Post nothing more to a hook, and forget what waits for it. Raises NotFound."""
    require(Role.ADMINISTRATOR, "Removing a hook")
    with transaction.atomic():
        hook = _numbered(number)
        publication, host = hook.publication, host_of(hook.url)
        hook.delete()
        record(
            "hook-remove",
            f"Removed hook {number} to {host}.",
            publication=publication,
            thing=f"hook {number}",
            changes={"host": [host, None]},
        )


def try_hook(number: int) -> Answer:
    """Post a test event to a hook and say what came back. One that was switched off and takes it is on again.

    Raises NotFound.
    """
    require(Role.ADMINISTRATOR, "Trying a hook")
    hook = _numbered(number)
    answer = post_event(hook, uuid.uuid4(), trial_event())
    if answer.taken and not hook.active:
        with transaction.atomic():
            Hook.objects.filter(pk=number).update(active=True, error="")
            record(
                "hook-on",
                f"Switched hook {number} on again.",
                publication=hook.publication,
                thing=f"hook {number}",
                changes={"active": [False, True]},
            )
    return answer


def _numbered(number: int) -> Hook:
    hook = Hook.objects.select_related("publication").filter(pk=number).first()
    if hook is None:
        raise NotFound(f"There is no hook {number}: `newsletter hooks list` shows those there are.")
    return hook


def _hook_address(text: str) -> str:
    url = web_address(text)
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
