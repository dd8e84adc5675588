"""The options of commands that record the lawful basis for one person."""

from datetime import datetime
from typing import Annotated

import typer

from subscribers.lawful_basis import CHOICES, ON_CONSENT, BasisStatement, basis_called

BasisOfPersonOption = Annotated[
    str,
    typer.Option(
        "--basis", help=f"Lawful basis for emailing the person: {CHOICES}. Only needed if it is not consent."
    ),
]
CollectedOnOption = Annotated[
    datetime | None,
    typer.Option(
        help="When the person gave you their details. Required for a charitable soft opt-in.",
        formats=["%Y-%m-%d"],
    ),
]
OwnDetailsOption = Annotated[
    bool,
    typer.Option(
        "--own-details",
        help="Confirm that the person gave you their details themselves. Required for a soft opt-in.",
    ),
]


def basis_statement(basis: str, collected_on: datetime | None, *, own_details: bool) -> BasisStatement:
    """Return what these options say, which is consent without a basis. Raises Invalid."""
    return BasisStatement(
        basis_called(basis) if basis else ON_CONSENT.basis,
        collected_on.date() if collected_on else None,
        own_details=own_details,
    )
