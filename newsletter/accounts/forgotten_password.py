"""A new password for somebody who has forgotten theirs, by a link to the address of the account.

The page that asks only stores what was typed, so its answer and its time are the same whether there is such an account
or not. The scheduler looks for the account and sends the email. Nothing that is stored opens the link: it is worked out
when the email is sent, by Django's own generator, whose tokens end with the next password, log-in or address.
"""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from newsletter.accounts.account_mails import queue_account_mail
from newsletter.accounts.actor import acting_as
from newsletter.accounts.end_all_sessions import end_all_sessions
from newsletter.accounts.slow_down_password_guesses import clear_all_failures
from newsletter.accounts.users import actor_of, record_password
from newsletter.accounts.who_may_log_in_locally import is_linked
from newsletter.errors import InvalidFields, NotFound, Refused
from subscribers.clean_text import on_one_line
from subscribers.database import locked
from subscribers.rate_limits import is_within_limit, network_of
from subscribers.whole_numbers import whole_number

LONGEST_NAME = 254
HOUR = timedelta(hours=1)
# From one network, and to one account.
REQUESTS_PER_HOUR, MAILS_PER_HOUR = 20, 3
# Several accounts may have one address. Nobody has more.
MOST_ACCOUNTS = 5
KIND = "password-forgotten"
NO_LONGER = (
    "This link no longer works, because it has been used, it has expired or you have logged in since we sent it. Go to "
    "the login page to get a new link."
)


class PasswordRequest(models.Model):
    """What somebody typed who has forgotten their password: a name or an address. Deleted once it was answered."""

    typed = models.CharField(max_length=LONGEST_NAME)
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"password request {self.pk}"


def ask_for_new_password(typed: str, network: str) -> None:
    """Note that somebody has forgotten their password. `typed` is a username or an email address.

    Raises InvalidFields if nothing was typed, and Refused if too many requests came from this network, which is the
    client's address.
    """
    name = on_one_line(typed)[:LONGEST_NAME]
    if not name:
        raise InvalidFields({"name": "Enter your username or your email address."})
    if not is_within_limit("password requests", network_of(network), at_most=REQUESTS_PER_HOUR, span=HOUR):
        raise Refused(
            "There have been too many requests for a new password. Wait an hour, or ask an administrator."
        )
    PasswordRequest.objects.create(typed=name, asked_at=timezone.now())


def answer_next_password_request() -> bool:
    """Queue the emails for one request. Return whether there was one."""
    with transaction.atomic():
        request = PasswordRequest.objects.select_for_update(skip_locked=True).order_by("pk").first()
        if request is None:
            return False
        request.delete()
        for user in _accounts_of(request.typed):
            if is_within_limit("new password", str(user.pk), at_most=MAILS_PER_HOUR, span=HOUR):
                queue_account_mail(
                    KIND, user.email, user=user, button="Choose a new password", name=user.get_username()
                )
    return True


def new_password_path(user: Any) -> str:
    """Return the path of the page where a user chooses a new password. It works once, for two hours."""
    token = f"{user.pk}-{default_token_generator.make_token(user)}"
    return f"{reverse('desk:new-password')}?{urlencode({'token': token})}"


def user_of_link(token: str) -> Any:
    """Return the user whose link has this token. Raises NotFound if it works for nobody."""
    number, _hyphen, rest = token.partition("-")
    user = None
    # No other spelling of the number, such as one with zeros before it.
    if whole_number(number) is not None and number[0] != "0":
        user = get_user_model().objects.filter(pk=number, is_active=True).first()
    if user is None or not default_token_generator.check_token(user, rest):
        raise NotFound(NO_LONGER)
    return user


def set_forgotten_password(token: str, *, password: str) -> Any:
    """Change the password of the user whose link this is, end all their sessions, and return them.

    They are told by email. Raises NotFound, and InvalidFields for a password that cannot be used.
    """
    with transaction.atomic():
        locked(get_user_model().objects.all(), user_of_link(token).pk)
        # Of two at once, the second finds that the password has changed.
        user = user_of_link(token)
        try:
            validate_password(password, user)
        except ValidationError as error:
            wrong = " ".join(error.messages) if password else "Enter a new password."
            raise InvalidFields({"password": wrong}) from error
        user.set_password(password)
        user.save(update_fields=["password"])
        end_all_sessions(user)
        clear_all_failures(user.get_username())
        with acting_as(actor_of(user)):
            record_password(user)
        queue_account_mail("password-renewed", user.email, user=user, name=user.get_username())
    return user


def _accounts_of(typed: str) -> list[Any]:
    """Return the accounts that get a link. An account that only the provider logs in has no password to forget.

    With one of ours, somebody could still log in who was deactivated at the provider.
    """
    found = get_user_model().objects.filter(Q(username=typed) | Q(email__iexact=typed), is_active=True)
    accounts = found.exclude(email="").order_by("pk")[:MOST_ACCOUNTS]
    return [user for user in accounts if user.has_usable_password() or not is_linked(user)]
