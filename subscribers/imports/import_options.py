"""What a person says about the file of an import, and how the consent log keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from subscribers.errors import InvalidFields
from subscribers.lawful_basis import BasisStatement, basis_called
from subscribers.models import Basis
from subscribers.phrases import written_day
from subscribers.typed_days import typed_day

# How a sentence about the columns of a file begins, below what the person said about consent.
DECISIONS = (
    "Columns mapped for this import: ",
    "Columns ignored in this import: ",
    "Everyone in the file: ",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What the person says about the file. What is left empty is detected.

    `choices` are `COLUMN=FIELD` or `COLUMN:VALUE=STATUS`; `ignored` are columns that do not count. `sheet` is a
    sheet of a workbook. `everyone` is the status of all people of the file, such as `unsubscribed`.

    `basis` is the lawful basis of all people of the file. They gave their details on the day `collected_on` unless a
    column says when they joined, and `own_details` is “yes” if they gave them to the organisation itself. `received_on`
    is the day on which requests from the Fundraising Preference Service were received.
    """

    choices: Sequence[str] = ()
    ignored: Sequence[str] = ()
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    everyone: str = ""
    basis: str = ""
    collected_on: str = ""
    own_details: str = ""
    received_on: str = ""

    def require_usable(self) -> None:
        """Raise InvalidFields for a lawful basis or a date that cannot be used."""
        _ = self.on, self.received

    @property
    def received(self) -> date | None:
        """The day of `received_on`. Raises InvalidFields."""
        day = typed_day(self.received_on, "received_on")
        if day and day > timezone.localdate():
            raise InvalidFields(
                {
                    "received_on": f"{written_day(day)} is in the future, so you cannot have received the "
                    "requests then."
                }
            )
        return day

    @property
    def on(self) -> BasisStatement:
        """The lawful basis of everyone in the file. Raises InvalidFields."""
        return BasisStatement(
            basis=basis_called(self.basis) if self.basis else Basis.CONSENT,
            collected_on=typed_day(self.collected_on, "collected_on"),
            own_details=bool(self.own_details),
        )


def decisions_of(wishes: ImportOptions) -> str:
    """What the person said about columns, for the consent log."""
    said = (wishes.choices, wishes.ignored, [wishes.everyone] if wishes.everyone else [])
    parts = zip(DECISIONS, said, strict=True)
    return " ".join(title + ", ".join(some) + "." for title, some in parts if some)


def statement_and_decisions(wording: str) -> tuple[str, str]:
    """Return what the person said about consent for an import, and beside it what they decided about columns."""
    consent, _line_end, last = wording.rpartition("\n")
    return (consent, last) if consent and last.startswith(DECISIONS) else (wording, "")
