"""Chooses how this installation sends, and takes the last choice back. Only administrators may.

A form starts from a version. If somebody else has changed the same settings since, nothing is stored. The log says
which settings were changed, with old and new values, but never a secret.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from pydantic import SecretStr

from newsletter.accounts import audit_log
from newsletter.accounts.actor import Role, require_role, why_not_role
from newsletter.encrypted_text import is_current
from newsletter.environment import Environment, variable_of
from newsletter.errors import InvalidFields, Refused
from newsletter.sending_settings.chosen_fields import NAMES, SECRETS, checked, set_in_environment, stored
from newsletter.sending_settings.current import ONLY_ROW, completed, look_again
from newsletter.sending_settings.models import SendingChoice
from newsletter.sending_settings.stored_secrets import PURPOSE, encrypted, readable

ACT = "Changing how emails are sent"
# Another key or region may mean another account, which knows nothing of what was sent before.
OF_ACCOUNT = {"sendgrid_api_key", "sendgrid_host"}
CHANGED_SINCE = (
    "Somebody else has changed these settings since you opened the page. We did not save yours. Check the "
    "saved settings. To replace them with yours, save again."
)


class SendingChangedError(Refused):
    """Somebody else has changed these settings since the form was opened. Nothing was stored. `now` has them."""

    def __init__(self, now: Mapping[str, Any]) -> None:
        self.now = dict(now)
        super().__init__(CHANGED_SINCE)


def why_not_change_sending() -> str:
    """Return why the actor cannot change how emails are sent, or an empty string if they can."""
    return why_not_role(Role.ADMINISTRATOR, ACT)


def choice_version() -> int:
    """Return the version of what is chosen now, by which a form knows whether it has changed."""
    return SendingChoice.objects.filter(pk=ONLY_ROW).values_list("version", flat=True).first() or 0


def is_secret_lost() -> bool:
    """Return whether secrets are stored that cannot be read, because the secret key was lost."""
    found = SendingChoice.objects.filter(pk=ONLY_ROW).values_list("secrets", flat=True).first()
    return readable(found or "") is None


def choose_sending(values: Mapping[str, Any], *, act: str, seen: int | None = None) -> int | None:
    """Store settings of sending by their names in newsletter/environment.py; return the new version.

    Returns None if nothing differs. `act` is the sentence for the log. `seen` is the `choice_version` that a form
    started from. Raises InvalidFields with a sentence for each wrong field, Refused for a setting that the environment
    sets, and SendingChangedError if somebody else has changed one of these settings since.
    """
    require_role(Role.ADMINISTRATOR, ACT)
    environment: Environment = settings.NEWSLETTER
    _refuse_unknown_or_taken(values, environment)
    new = checked(values)
    with transaction.atomic():
        row = _locked()
        now = completed(environment, row)
        changed = {name: value for name, value in new.items() if value != getattr(now, name)}
        if changed and seen is not None and seen != row.version:
            raise SendingChangedError({name: getattr(now, name) for name in changed})
        if not changed:
            return None
        if now.sendgrid_api_key.get_secret_value() and changed.keys() & OF_ACCOUNT:
            row.account_changed_at = timezone.now()
        version = _store(row, changed)
        before = {name: _plain(getattr(now, name)) for name in changed}
        after = {name: _plain(value) for name, value in changed.items()}
        audit_log.write("sending", act, thing="sending", changes=audit_log.changes_between(before, after))
    look_again()
    return version


def undo_sending(version: int) -> None:
    """Take the change back that made this version. Raises Refused if something was changed again since."""
    require_role(Role.ADMINISTRATOR, ACT)
    environment: Environment = settings.NEWSLETTER
    with transaction.atomic():
        row = _locked()
        if row.version != version or row.before is None:
            raise Refused("Somebody has changed these settings again, so you can no longer undo this change.")
        names = sorted(
            name
            for name in {*row.values, *row.before["values"]}
            if row.values.get(name) != row.before["values"].get(name)
        )
        before = completed(environment, row)
        row.values, row.secrets, row.before = row.before["values"], row.before["secrets"], None
        row.version, row.changed_at = row.version + 1, timezone.now()
        after = completed(environment, row)
        if any(getattr(before, name) != getattr(after, name) for name in OF_ACCOUNT):
            row.account_changed_at = timezone.now()
        row.save()
        audit_log.write(
            "sending",
            "Undid the last change to how emails are sent.",
            thing="sending",
            changes={"undone": [None, names]},
        )
    look_again()


def renew_secrets() -> int:
    """Encrypt the secrets again with the newest secret key; return how many. What no key reads stays as it is."""
    with transaction.atomic():
        row = SendingChoice.objects.select_for_update().filter(pk=ONLY_ROW).first()
        secrets = readable(row.secrets) if row else None
        if row is None or not secrets or is_current(row.secrets, purpose=PURPOSE):
            return 0
        row.secrets = encrypted(secrets)
        row.save(update_fields=["secrets"])
    return len(secrets)


def _store(row: SendingChoice, changed: Mapping[str, Any]) -> int:
    new = {name: changed[name].get_secret_value() for name in SECRETS if name in changed}
    kept = readable(row.secrets)
    row.before = {"values": row.values, "secrets": row.secrets}
    row.values = {**row.values, **stored(changed)}
    if new or kept is not None:
        # Otherwise nobody can read them now, but perhaps again once the secret key is found.
        row.secrets = encrypted({name: text for name, text in {**(kept or {}), **new}.items() if text})
    row.version, row.changed_at = row.version + 1, timezone.now()
    row.save()
    return row.version


def _locked() -> SendingChoice:
    row, _new = SendingChoice.objects.select_for_update().get_or_create(
        pk=ONLY_ROW, defaults={"changed_at": timezone.now()}
    )
    return row


def _refuse_unknown_or_taken(values: Mapping[str, Any], environment: Environment) -> None:
    if unknown := sorted(values.keys() - set(NAMES)):
        raise InvalidFields(dict.fromkeys(unknown, "This is not a sending setting."))
    for name in sorted(values.keys() & set_in_environment(environment)):
        raise Refused(
            f"{variable_of(name)} is set in the server’s environment, which takes precedence. To change "
            "this setting here, ask the person who runs the server to remove the variable."
        )


def _plain(value: Any) -> Any:
    """Return a value as the log can compare and hold it; the log itself leaves secrets out by their names."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return value if isinstance(value, (int, float, bool, tuple)) else str(value)
