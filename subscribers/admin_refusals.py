"""The administration as a door: it calls the functions of the stages, and shows on its page what they refuse."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect  # noqa: TID251 - the administration is a door

from subscribers.admin_filters import OnlyOfferedFilters
from subscribers.errors import NewsletterError

# What a refused request carries to the form that shows it.
_REFUSAL = "newsletter_refusal"


class ShowsRefusals(OnlyOfferedFilters):
    """Saves all of a form or nothing: what a function refuses stands on the form, which keeps what was typed."""

    def changeform_view(self, request: HttpRequest, *arguments: Any, **named: Any) -> Any:
        """Save the form, in one transaction; if that is refused, show it again with the sentence."""
        try:
            return super().changeform_view(request, *arguments, **named)
        except NewsletterError as error:
            setattr(request, _REFUSAL, str(error))
            return super().changeform_view(request, *arguments, **named)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **named: Any) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Return the form; after a refusal one that is not valid and says why."""
        form = super().get_form(request, obj, change=change, **named)
        refusal = getattr(request, _REFUSAL, "")
        return _refused(form, refusal) if refusal else form

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Delete after asking; a refusal is a message."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except NewsletterError as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect("../change/")

    def get_actions(self, request: HttpRequest) -> Any:
        """Return the actions without “Delete selected”: each thing is deleted by itself, on a page that asks."""
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
