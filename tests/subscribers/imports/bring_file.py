"""Imports a text as a file of people, and says who is on the list."""

import io

from subscribers.imports.import_options import ImportOptions
from subscribers.imports.run_import import import_people
from subscribers.models import Subscription


def bring(news, text, *choices, ignored=(), dry_run=False):
    return import_people(
        io.BytesIO(text.encode()),
        news,
        consent="Their sign-up there",
        wishes=ImportOptions(choices=choices, ignored=ignored),
        dry_run=dry_run,
    )


def states():
    return dict(Subscription.objects.values_list("subscriber__address_key", "state"))
