"""The fields of a form that say on which lawful basis a person gets emails."""

from django.http import QueryDict

from newsletter.errors import InvalidFields
from subscribers.lawful_basis import BasisStatement
from subscribers.models import Basis
from subscribers.typed_days import typed_day

BASIS_FIELDS = ("basis", "collected_on", "own_details")


def basis_of_form(form: QueryDict, *, default: str = Basis.CONSENT) -> BasisStatement:
    """Return what a form says about the lawful basis, or the default if it says nothing. Raises InvalidFields."""
    typed = form.get("basis", default)
    if typed not in Basis.values:
        raise InvalidFields({"basis": "Choose a lawful basis."})
    collected_on = typed_day(form.get("collected_on", ""), "collected_on")
    return BasisStatement(Basis(typed), collected_on, own_details=bool(form.get("own_details")))
