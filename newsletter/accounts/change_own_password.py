"""Changes a person's own password, after the old one was entered. All their other sessions end."""

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from newsletter.accounts.second_factor import check_password_again
from newsletter.accounts.user_sessions import end_sessions
from newsletter.accounts.users import record_password
from newsletter.errors import InvalidFields


def change_own_password(user: Any, *, old: str, new: str, address: str, device: str, session: str) -> None:
    """Change the password of a user, and end their sessions other than `session`.

    Raises InvalidFields with a sentence for `old` or `new`, or Refused while the user has to wait after wrong guesses.
    """
    if not check_password_again(user, old, address, device=device):
        raise InvalidFields({"old": "This is not your current password. Check it and try again."})
    try:
        validate_password(new, user)
    except ValidationError as error:
        raise InvalidFields({"new": " ".join(error.messages) if new else "Enter a new password."}) from error
    user.set_password(new)
    with transaction.atomic():
        user.save(update_fields=["password"])
        end_sessions(user, other_than=session)
        record_password(user)
