"""Lets the admin call the same functions as the desk and the command line, and shows their errors on its pages."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect  # noqa: TID251 - the administration is a door

from subscribers.admin_filters import OnlyOfferedFilters
from subscribers.errors import NewsletterError

# The attribute that carries an error from the request to the form that shows it.
_REFUSAL = "newsletter_refusal"


class ShowsRefusals(OnlyOfferedFilters):
    """Saves a whole form or nothing. An error is shown on the form, which keeps what the user typed."""

    def changeform_view(self, request: HttpRequest, *arguments: Any, **named: Any) -> Any:
        """Save the form in one transaction. After an error, show the form again with its message."""
        try:
            return super().changeform_view(request, *arguments, **named)
        except NewsletterError as error:
            setattr(request, _REFUSAL, str(error))
            return super().changeform_view(request, *arguments, **named)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **named: Any) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Return the form. After an error, return a form that is invalid and shows the message."""
        form = super().get_form(request, obj, change=change, **named)
        refusal = getattr(request, _REFUSAL, "")
        return _refused(form, refusal) if refusal else form

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Delete after confirmation. An error is shown as a message."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except NewsletterError as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect("../change/")

    def get_actions(self, request: HttpRequest) -> Any:
        """Return the actions without “Delete selected”. Objects are deleted one by one, on a page that asks first."""
        return {
            name: each for name, each in super().get_actions(request).items() if name != "delete_selected"
        }


def _refused(form: Any, refusal: str) -> Any:
    class Refused(form):  # type: ignore[misc]
        def clean(self) -> Any:
            cleaned = super().clean()
            self.add_error(None, refusal)
            return cleaned

    return Refused
