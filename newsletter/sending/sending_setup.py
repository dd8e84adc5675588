"""Sets sending up step by step: the transport, the SendGrid key, the SMTP server. Each is tried before it is stored."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from newsletter.accounts.actor import Role, require_role
from newsletter.environment import Environment
from newsletter.errors import InvalidFields, NewsletterError, Refused, Unreachable
from newsletter.logs import never_log
from newsletter.sending.models import Batch
from newsletter.sending.transports.explain_smtp_failure import Failure
from newsletter.sending.transports.smtp_reconnecting import ReconnectingSmtp
from newsletter.sending_settings.change import ACT, choose_sending
from newsletter.sending_settings.chosen_fields import checked, set_in_environment
from newsletter.sending_settings.current import sending_settings

CHOICES = {
    "sendgrid": "send emails through SendGrid",
    "smtp": "send emails through an SMTP server",
    "maildir": "save emails in a folder on this server",
}
SENDGRID_HOSTS = {"global": "https://api.sendgrid.com", "eu": "https://api.eu.sendgrid.com"}
SMTP_FIELDS = ("smtp_host", "smtp_port", "smtp_security", "smtp_user", "smtp_password")
KEY_START, LONGEST_KEY = "SG.", 200


def choose_transport(name: str, *, seen: int | None = None) -> int | None:
    """Send through another transport from now on; return the new version, or None if nothing differs.

    Raises InvalidFields if the transport is not set up yet, and the errors of `choose_sending`.
    """
    require_role(Role.ADMINISTRATOR, ACT)
    now = sending_settings()
    if name == "sendgrid" and not now.sendgrid_api_key.get_secret_value():
        raise InvalidFields({"transport": "Enter your SendGrid API key first."})
    if name == "smtp" and not ({"smtp_host"} & now.model_fields_set):
        raise InvalidFields({"transport": "Enter your SMTP server first."})
    act = f"Chose to {CHOICES.get(name, f'send emails through {name}')}."
    return choose_sending({"transport": name}, act=act, seen=seen)


def use_sendgrid(key: str, region: str, *, seen: int | None = None) -> int | None:
    """Check a SendGrid key, store it, and send through SendGrid from now on; return the new version.

    `region` is `global` or `eu`. Raises InvalidFields for a key that SendGrid does not accept or that may not send,
    Unreachable if SendGrid does not respond, and the errors of `choose_sending`. Then nothing is stored.
    """
    require_role(Role.ADMINISTRATOR, ACT)
    key, environment = key.strip(), sending_settings()
    values: dict[str, Any] = {"transport": "sendgrid", "sendgrid_host": SENDGRID_HOSTS.get(region, region)}
    if key or not environment.sendgrid_api_key.get_secret_value():
        if not (
            key.startswith(KEY_START) and key.isascii() and key.isprintable() and len(key) <= LONGEST_KEY
        ):
            raise InvalidFields(
                {
                    "sendgrid_api_key": "This is not a SendGrid API key. A key begins with “SG.”. Copy the whole key."
                }
            )
        never_log(key)
        values["sendgrid_api_key"] = key
    new = without_taken(values)
    _require_key_that_sends(environment.model_copy(update=checked(new)))
    return choose_sending(new, act="Chose to send emails through SendGrid.", seen=seen)


def use_smtp(values: Mapping[str, str], *, seen: int | None = None) -> int | None:
    """Try an SMTP server, store it, and send through it from now on; return the new version.

    An empty password keeps the one that is stored, unless anything else changes. Raises InvalidFields for a
    wrong value, and Refused if the server does not accept us. Then nothing is stored.
    """
    require_role(Role.ADMINISTRATOR, ACT)
    environment = sending_settings()
    given: dict[str, Any] = {name: values[name].strip() for name in SMTP_FIELDS if name in values}
    if not given.get("smtp_host", "kept"):
        raise InvalidFields({"smtp_host": "Enter the server’s host name."})
    never_log(given.get("smtp_password", ""))
    # Otherwise the stored password could be sent to another server, or without encryption.
    is_same = all(
        given.get(name, str(getattr(environment, name))) == str(getattr(environment, name))
        for name in SMTP_FIELDS
        if name != "smtp_password"
    )
    if not given.get("smtp_password") and is_same:
        given.pop("smtp_password", None)
    new = without_taken({"transport": "smtp", **given})
    found = ReconnectingSmtp(environment.model_copy(update=checked(new))).try_out()
    if isinstance(found, Failure):
        raise Refused(f"{found.what} {found.fix}")
    return choose_sending(new, act="Chose to send emails through an SMTP server.", seen=seen)


def is_outcome_unknown() -> bool:
    """Return whether we do not know yet if SendGrid accepted some emails."""
    return Batch.objects.filter(mailing__transport="sendgrid", state=Batch.State.UNKNOWN).exists()


def without_taken(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that the environment leaves open. A form shows the others, but cannot change them."""
    taken = set_in_environment(settings.NEWSLETTER)
    return {name: value for name, value in values.items() if name not in taken}


def _require_key_that_sends(environment: Environment) -> None:
    # The SendGrid client takes longer to import than most commands to run.
    from newsletter.sending.transports.sendgrid_account import Account, MissingScope

    account = Account(environment)
    try:
        scopes = account.scopes()
    except MissingScope:
        raise InvalidFields(
            {
                "sendgrid_api_key": (
                    "SendGrid does not accept this key. Check that you copied the whole key, and that you "
                    "chose your account’s region."
                )
            }
        ) from None
    except Unreachable:
        raise
    except NewsletterError as error:
        raise InvalidFields({"sendgrid_api_key": str(error)}) from None
    finally:
        account.close()
    if "mail.send" not in scopes:
        raise InvalidFields(
            {
                "sendgrid_api_key": (
                    "This key does not have permission to send email. In SendGrid, give it the “Mail Send” "
                    "permission, or create another key."
                )
            }
        )
