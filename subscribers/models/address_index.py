"""An index of the few texts that may contain an address, so that erasing a person does not read a whole table."""

from django.db import models

# "@" itself, the compatibility forms that fold to it, and its forms in web addresses.
IN_AN_ADDRESS_OF_A_PAGE = "%40"
AT_SIGNS = ("@", "\N{FULLWIDTH COMMERCIAL AT}", "\N{SMALL COMMERCIAL AT}", IN_AN_ADDRESS_OF_A_PAGE)


def index_of_addresses(field: str, name: str) -> models.Index:
    """Return an index of a column that has only texts with an @ (see texts_with_addresses.py)."""
    has_address = models.Q()
    for sign in AT_SIGNS:
        has_address |= models.Q(**{f"{field}__contains": sign})
    return models.Index(fields=(field,), condition=has_address, name=name)
