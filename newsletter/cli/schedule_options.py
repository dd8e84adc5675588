"""The options of `newsletter issues schedule`."""

from typing import Annotated

import typer

AtOption = Annotated[
    str,
    typer.Option(
        metavar="TIME",
        help="When to send, in the publication’s time zone, such as “2026-12-01 07:30”, “tomorrow "
        "7:30” or “in 2 hours”.",
    ),
]
ReadersTimeOption = Annotated[
    bool,
    typer.Option("--readers-time", help="Send at the scheduled time in each reader’s own time zone."),
]
EarlierOption = Annotated[
    bool,
    typer.Option(
        "--earlier",
        help=(
            "If the clocks change and this time occurs twice or not at all, use the earlier of the "
            "two possible times."
        ),
    ),
]
LaterOption = Annotated[
    bool,
    typer.Option(
        "--later",
        help=(
            "If the clocks change and this time occurs twice or not at all, use the later of the two "
            "possible times."
        ),
    ),
]
