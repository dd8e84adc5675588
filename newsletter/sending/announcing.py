"""Tells the engine that batches are due. Whoever makes them due needs to know no engine."""

from django.apps import apps
from django.conf import settings

from newsletter.errors import Invalid


def announce() -> None:
    """Tell the engine that batches are due, in the transaction that made them so.

    `local` looks into the ledger by itself. Raises Invalid when the engine that was chosen cannot work here.
    """
    if settings.NEWSLETTER.engine == "procrastinate":
        require_procrastinate()
        from newsletter.sending.engines.procrastinate import defer_due_batches

        defer_due_batches()


def require_procrastinate() -> None:
    """Raise Invalid unless the engine `procrastinate` can work here."""
    # See settings.py: it is installed where PostgreSQL and the extra `postgres` are.
    if not apps.is_installed("procrastinate.contrib.django"):
        raise Invalid(
            "The engine procrastinate needs PostgreSQL (set DATABASE_URL) and the extra `postgres` of this package; "
            "the engine local needs neither."
        )
