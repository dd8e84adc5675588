"""The hidden field with the CSRF token, made once for a page: its random mask takes longer than all else in a form."""

from django.http import HttpRequest
from django.template.backends.utils import csrf_input
from django.utils.functional import SimpleLazyObject


def csrf_field(request: HttpRequest) -> dict[str, object]:
    """Give templates the field for the forms of a page. Only a page that uses it gets the cookie."""
    return {"csrf_input": SimpleLazyObject(lambda: csrf_input(request))}
