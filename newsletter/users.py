"""Who may open the administration. Roles for editors and approvers build on these users."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from newsletter.errors import Invalid, NotFound, Refused


def add_user(name: str, *, password: str, address: str = "") -> Any:
    """Make a user who may open the administration. Raises Invalid for a weak password, Refused for a taken name."""
    user_model = get_user_model()
    user = user_model(username=name, email=address, is_staff=True, is_superuser=True)
    _set_password(user, password)
    try:
        user.full_clean()
        with transaction.atomic():
            user.save()
    except ValidationError as error:
        if user_model.objects.filter(username=name).exists():
            raise Refused(_taken(name)) from error
        raise Invalid(" ".join(error.messages)) from error
    except IntegrityError as error:
        raise Refused(_taken(name)) from error
    return user


def change_password(name: str, *, password: str) -> None:
    """Give a user another password. Raises NotFound, or Invalid for a weak password."""
    user = get_user_model().objects.filter(username=name).first()
    if user is None:
        raise NotFound(f"There is no user “{name}”: `newsletter users list` shows those there are.")
    _set_password(user, password)
    user.save()


def all_users() -> list[dict[str, Any]]:
    """Name, address and last log-in of every user."""
    rows = (
        get_user_model().objects.order_by("username").values("username", "email", "last_login", "is_active")
    )
    return [dict(row) for row in rows]


def _set_password(user: Any, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(f"The password is too weak: {' '.join(error.messages)}") from error
    user.set_password(password)


def _taken(name: str) -> str:
    return f"There is a user “{name}” already. Choose another name, or give them another password."
