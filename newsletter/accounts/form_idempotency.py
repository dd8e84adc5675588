"""Makes one thing of one form, however often the form arrives: a second press, a second window, or a repeated request.

A form that makes something carries a random key. The key is stored in the transaction that makes the thing, with what
was made, so that the same form finds it there when it arrives again. If the act fails, nothing is stored, and the form
can be corrected and sent again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db import models
from django.utils import timezone

KEPT_FOR = timedelta(days=30)
LONGEST_KEY = 64


class UsedFormKey(models.Model):
    """A form that has made something: its key, and the name of what it made, such as its number. Kept for 30 days.

    one_at_a_time.py also keeps its claims here, each only during its act.
    """

    key = models.CharField(max_length=LONGEST_KEY, primary_key=True)
    made = models.CharField(max_length=200, blank=True)
    used_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"Form that created {self.made}"


class AlreadyMadeError(Exception):
    """The form made its thing before. `made` is the name of the thing. Nothing was made now.

    This is not a NewsletterError, because nothing is wrong: the door shows what was made.
    """

    def __init__(self, made: str) -> None:
        self.made = made
        super().__init__(f"You have already used this form to create {made}.")


@dataclass(slots=True)
class Form:
    """A form that makes something. `made` is to be set to the name of the thing."""

    made: str = ""


@contextmanager
def once(key: str | None) -> Iterator[Form]:
    """Let a form with this key make its thing once. Open this inside the transaction that makes it.

    A second form with the same key waits until the first transaction has ended. Raises AlreadyMadeError if a thing was
    made. None or an empty key stands for no form: then nothing is compared.
    """
    form = Form()
    if not key:
        yield form
        return
    now = timezone.now()
    UsedFormKey.objects.filter(used_at__lt=now - KEPT_FOR).delete()
    row, is_new = UsedFormKey.objects.get_or_create(key=key[:LONGEST_KEY], defaults={"used_at": now})
    if not is_new:
        raise AlreadyMadeError(row.made)
    yield form
    row.made = form.made
    row.save(update_fields=["made"])
