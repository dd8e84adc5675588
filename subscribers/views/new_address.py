"""The page that the link in the email to a new address opens. Only a POST changes the address."""

from django.http import HttpRequest, HttpResponse

from subscribers import address_changes, signed_links
from subscribers.address_changes import AddressTaken, ChangeEnded
from subscribers.errors import Refused
from subscribers.models import SourceKind
from subscribers.signed_links import Purpose
from subscribers.views.languages_of_person import language_of_person
from subscribers.views.public_page import address_change_in, public, show, source_of


@public("GET", "HEAD", "POST")
def new_address(request: HttpRequest, token: str) -> HttpResponse:
    """Ask the owner of a new address to confirm it, and change the address when they do."""
    change = address_change_in(signed_links.read_token(Purpose.NEW_ADDRESS, token))
    language, status, outcome = (
        language_of_person(change.subscriber),
        200,
        "changed" if change.confirmed_at else "",
    )
    if request.method == "POST":
        try:
            address_changes.confirm_new_address(
                change, source_of(request, SourceKind.EMAIL_LINK, "new address")
            )
            outcome = "changed"
        except AddressTaken:
            outcome, status = "taken", 409
        except ChangeEnded:
            raise
        except Refused:
            outcome, status = "refused", 409
    return show(request, "new_address", language, status=status, address=change.address, outcome=outcome)
