"""Allows only those filters in the URL of an admin page that the page offers.

Django allows every lookup on a model's own fields. Anyone who may see a list could then guess hidden fields, one
character at a time (`?credentials__regex=^a`), and an expensive regular expression keeps SQLite, and Python with it,
busy for minutes. See https://docs.djangoproject.com/en/5.2/ref/contrib/admin/#django.contrib.admin.ModelAdmin.lookup_allowed.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest  # noqa: TID251 - the administration is a door

if TYPE_CHECKING:  # this class of Django takes its model only in its stubs
    AnyAdmin = admin.ModelAdmin[Any]
else:
    AnyAdmin = admin.ModelAdmin

# The lookups that Django's own filters use.
FILTER_LOOKUPS = frozenset({"", "exact", "id__exact", "pk__exact", "in", "isnull", "gte", "lt"})


class OnlyOfferedFilters(AnyAdmin):
    """Answers 400 to a filter that the page does not offer."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Return whether the URL of the page may contain this filter."""
        field, _, lookup_type = lookup.partition("__")
        offered = {str(each[0] if isinstance(each, tuple) else each) for each in self.list_filter}
        return field in offered and lookup_type in FILTER_LOOKUPS
