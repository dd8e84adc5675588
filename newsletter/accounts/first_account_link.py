"""The link that leads to the first account: it works once, and only while an installation has no accounts.

Only the digest of its token is stored. A new link ends the one before, so at most one link works at a time.
"""

import re
import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.accounts.confusable_usernames import why_not_username
from newsletter.accounts.link_tokens import digest_of
from newsletter.accounts.users import add_user
from newsletter.errors import InvalidFields, NotFound, Refused

LONGEST_SUGGESTION = 60
NO_LONGER = (
    "This link no longer works, because it has been used or the server has printed a newer link. Use the newest "
    "link in the output of the server."
)
HAS_ACCOUNTS = "This installation is already set up. Log in with your account."


class SetupLink(models.Model):
    """A link to the first account, by the digest of its token. A link that was used stays, so that none follows it."""

    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"setup link made at {self.made_at}"


def new_setup_token() -> str:
    """Return the token of a new link, which ends earlier ones, or an empty string if the first account exists or did.

    The token is stored nowhere, so show it at once.
    """
    with transaction.atomic():
        if why_not_set_up():
            SetupLink.objects.filter(used_at=None).delete()
            return ""
        SetupLink.objects.all().delete()
        token = secrets.token_urlsafe(24)
        SetupLink.objects.create(digest=digest_of(token), made_at=timezone.now())
    return token


def why_not_set_up() -> str:
    """Return why nobody can make the first account any more, or an empty string if somebody still can."""
    has_accounts = get_user_model().objects.exists() or SetupLink.objects.exclude(used_at=None).exists()
    return HAS_ACCOUNTS if has_accounts else ""


def require_setup_token(token: str) -> None:
    """Raise Refused if the installation has accounts, or NotFound unless this is the token of the newest link."""
    if why_not := why_not_set_up():
        raise Refused(why_not)
    if not SetupLink.objects.filter(digest=digest_of(token)).exists():
        raise NotFound(NO_LONGER)


def make_first_account(token: str, *, name: str, address: str, password: str) -> Any:
    """Make the first account, an administrator, and end the link. Of two people at once, one succeeds.

    Raises Refused or NotFound as `require_setup_token` does, and InvalidFields for what cannot be used; the link then
    still works.
    """
    with transaction.atomic():
        require_setup_token(token)
        if wrong := wrong_fields(name, address, password):
            raise InvalidFields(wrong)
        ended = SetupLink.objects.filter(digest=digest_of(token), used_at=None).update(used_at=timezone.now())
        if not ended:
            raise Refused(HAS_ACCOUNTS)
        with acting_as(Actor(name, frozenset({Role.ADMINISTRATOR}))):
            return add_user(name, password=password, address=address, roles=[Role.ADMINISTRATOR])


def wrong_fields(name: str, address: str, password: str) -> dict[str, str]:
    """Return a sentence for each field of an account that cannot be used, by name."""
    user = get_user_model()(username=name, email=address)
    wrong: dict[str, str] = {}
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        wrong = {
            {"username": "name", "email": "address"}.get(field, field): messages[0]
            for field, messages in error.message_dict.items()
        }
    if not name:
        wrong["name"] = "Enter the name that you want to log in with."
    elif "name" in wrong and (better := _without_spaces(name)):
        wrong["name"] = f"Use only letters, digits and . - _ with no spaces. For example, {better}."
    if "name" not in wrong and (why_not := why_not_username(name)):
        wrong["name"] = why_not
    if not address:
        wrong["address"] = "Enter your email address."
    try:
        validate_password(password, user)
    except ValidationError as error:
        wrong["password"] = " ".join(error.messages) if password else "Enter a password."
    return wrong


def _without_spaces(name: str) -> str:
    return ".".join(re.findall(r"[\w-]+", name.lower()))[:LONGEST_SUGGESTION]
