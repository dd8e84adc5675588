"""Which filters an address of the administration may carry: those that its page offers, and no others.

Django lets through every lookup on a model's own fields. Somebody who may see a list could then guess, letter by
letter, what no page shows (`?credentials__regex=^a`), and a costly regular expression keeps SQLite, and Python with it,
busy for minutes. See https://docs.djangoproject.com/en/5.2/ref/contrib/admin/#django.contrib.admin.ModelAdmin.lookup_allowed.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest  # noqa: TID251 - the administration is a door

if TYPE_CHECKING:  # this class of Django takes its model only in its stubs
    AnyAdmin = admin.ModelAdmin[Any]
else:
    AnyAdmin = admin.ModelAdmin

# What Django's own filters ask of a field.
ASKED_BY_FILTERS = frozenset({"", "exact", "id__exact", "pk__exact", "in", "isnull", "gte", "lt"})


class OnlyOfferedFilters(AnyAdmin):
    """Answers a filter that its page does not offer with 400."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Whether a page may be asked for by this."""
        field, _, how = lookup.partition("__")
        offered = {str(each[0] if isinstance(each, tuple) else each) for each in self.list_filter}
        return field in offered and how in ASKED_BY_FILTERS
