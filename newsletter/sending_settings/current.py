"""The settings of sending as they are now: those of the environment, completed by what was chosen in the desk.

Every process looks at the database again after LOOK_AGAIN_SECONDS, so nothing needs to be restarted after a change.
What the environment or the file .env sets always counts: see set_in_environment.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from newsletter.environment import Environment
from newsletter.errors import InvalidFields
from newsletter.logs import never_log
from newsletter.sending_settings.chosen_fields import checked, set_in_environment
from newsletter.sending_settings.models import SendingChoice
from newsletter.sending_settings.stored_secrets import readable
from newsletter.steady_clock import steady_seconds

LOOK_AGAIN_SECONDS = 2.0
ONLY_ROW = 1
# By then, no process posts with settings from before a change.
KNOWN_BY_ALL = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Known:
    """What this process knows of the choice: from which settings it started, its version, and until when it counts."""

    environment: Environment
    version: int
    settings: Environment
    looked_at: float


_known: list[_Known] = []
# How often it was forgotten, so that an answer from before does not count afterwards.
_forgotten = [0]


def sending_settings() -> Environment:
    """Return the settings with which this installation sends now. A choice counts after at most two seconds."""
    environment: Environment = settings.NEWSLETTER
    # Another thread may forget what is known at any moment.
    before, now, asked = next(iter(_known), None), steady_seconds(), _forgotten[0]
    if before and before.environment is environment and now - before.looked_at < LOOK_AGAIN_SECONDS:
        return before.settings
    choice = SendingChoice.objects.filter(pk=ONLY_ROW).first()
    version = choice.version if choice else 0
    is_known = before and before.environment is environment and before.version == version
    found = before.settings if before and is_known else completed(environment, choice)
    if asked == _forgotten[0]:
        _known[:] = [_Known(environment, version, found, now)]
    return found


def is_from_earlier_account(posted_at: datetime) -> bool:
    """Return whether a post may have been made with an earlier SendGrid key, which may be that of another account.

    For a moment after the change, other processes still use the key that they know.
    """
    changed = SendingChoice.objects.filter(pk=ONLY_ROW).values_list("account_changed_at", flat=True).first()
    return changed is not None and posted_at < changed + KNOWN_BY_ALL


def look_again() -> None:
    """Forget what this process knows, so that the next question is answered from the database."""
    _forgotten[0] += 1
    _known.clear()


def with_choice(environment: Environment) -> Environment:
    """Return these settings of an environment, completed by what is stored now."""
    return completed(environment, SendingChoice.objects.filter(pk=ONLY_ROW).first())


def completed(environment: Environment, choice: SendingChoice | None) -> Environment:
    """Return the settings of the environment, with the choice where the environment says nothing.

    Secrets that cannot be read, because the secret key was lost, are empty.
    """
    if choice is None:
        return environment
    secrets = readable(choice.secrets) or {}
    for secret in secrets.values():
        never_log(secret)
    taken = set_in_environment(environment)
    chosen = {name: value for name, value in {**choice.values, **secrets}.items() if name not in taken}
    try:
        values = checked(chosen)
    except InvalidFields as error:
        # A version of the software with other limits stored them. What is left counts.
        values = checked({name: value for name, value in chosen.items() if name not in error.fields})
    return environment.model_copy(update=values) if values else environment
