"""The fields of a form that say on which lawful basis a person gets emails."""

from datetime import date

from django.http import QueryDict

from newsletter.errors import InvalidFields
from subscribers.lawful_basis import BasisStatement
from subscribers.models import Basis

BASIS_FIELDS = ("basis", "collected_on", "own_details")


def basis_of_form(form: QueryDict, *, default: str = Basis.CONSENT) -> BasisStatement:
    """Return what a form says about the lawful basis, or the default if it says nothing. Raises InvalidFields."""
    typed, day = form.get("basis", default), form.get("collected_on", "").strip()
    if typed not in Basis.values:
        raise InvalidFields({"basis": "Choose a lawful basis."})
    try:
        collected_on = date.fromisoformat(day) if day else None
    except ValueError:
        raise InvalidFields(
            {"collected_on": f"“{day[:40]}” is not a date. Enter a date such as 2026-03-31."}
        ) from None
    return BasisStatement(Basis(typed), collected_on, own_details=bool(form.get("own_details")))
