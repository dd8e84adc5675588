"""The options of `newsletter subscribers import`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from subscribers.lawful_basis import CHOICES

ListSlugOption = Annotated[
    str, typer.Option("--list", help="Short name (slug) of the list to add people to.")
]
ConsentOption = Annotated[
    str, typer.Option(help="How these people gave their consent. We log this for each person.")
]
MappedOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        help=(
            "What a column contains, as COLUMN=FIELD, or what a value in a column means, as "
            "COLUMN:VALUE=STATUS. For COLUMN, give the column’s heading or number. You can use this option "
            "more than once."
        ),
    ),
]
IgnoredOption = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore",
        help=("Ignore the column with this heading or number. You can use this option more than once."),
    ),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Show what would be imported, without changing anything.")
]
RefusedOption = Annotated[
    Path | None,
    typer.Option(help="File to save the rows that could not be imported in, with the reasons."),
]
EncodingOption = Annotated[
    str, typer.Option(help="Character encoding of the file, such as utf-8. If left out, it is detected.")
]
DelimiterOption = Annotated[
    str,
    typer.Option(
        help="Character that separates the columns, such as a comma or semicolon. If left out, it is detected."
    ),
]
SheetOption = Annotated[
    str, typer.Option(help="Name of the sheet to import, if a spreadsheet has more than one.")
]
EveryoneOption = Annotated[
    str,
    typer.Option(
        help=(
            "Status of everyone in the file, if no column contains it: active, unsubscribed, bounced, "
            "complained, blocked or fundraising (asked the Fundraising Preference Service to stop appeals)."
        )
    ),
]
BasisOption = Annotated[
    str,
    typer.Option(
        help=f"Lawful basis for emailing everyone in the file: {CHOICES}. Only needed if it is not consent."
    ),
]
CollectedOnOption = Annotated[
    datetime | None,
    typer.Option(
        help="When the people gave their details, if no column says when they joined. Required for a "
        "charitable soft opt-in.",
        formats=["%Y-%m-%d"],
    ),
]
OwnDetailsOption = Annotated[
    bool,
    typer.Option(
        "--own-details",
        help="Confirm that the people gave you their details themselves. Required for a soft opt-in.",
    ),
]
ReceivedOnOption = Annotated[
    datetime | None,
    typer.Option(
        help="When you received the requests from the Fundraising Preference Service. If left out, today’s "
        "date is used.",
        formats=["%Y-%m-%d"],
    ),
]
