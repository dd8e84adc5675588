"""What a person is asked about a column before a file can be imported."""

from dataclasses import dataclass

from subscribers.imports.column_mapping import Column


@dataclass(frozen=True, slots=True)
class Question:
    """A column that nobody understands yet, with the first of the values that raised the doubt.

    `is_about_dates`: it could say when people gave their details. Otherwise it could say that people must not be
    emailed.
    """

    column: Column
    values: tuple[str, ...]
    is_about_dates: bool = False

    @property
    def sentence(self) -> str:
        """What is not clear, and what to type."""
        values = ", ".join(f"“{value}”" for value in self.values)
        name = self.column.heading or str(self.column.number)
        title = self.column.title[:1].upper() + self.column.title[1:]
        if self.is_about_dates:
            return (
                f"{title} may show when people gave you their details, which a charitable soft opt-in depends on, but "
                f"we do not know what its values mean: {values}. Use "
                f'--map "{name}=joined" if they are the dates on which the people joined. If the column is about '
                f'something else, use --map "{name}=attribute:" to keep it as a detail, or --ignore "{name}".'
            )
        status = f'--map "{name}=status" if it contains words such as active and unsubscribed'
        if self.column.consent_field:
            status = f'--map "{name}:{self.values[0]}=active" (or =unsubscribed) for each of these values'
        return (
            f"{title} may mean that we must not email some people, but we do not know what its values mean: "
            f'{values}. Use --map "{name}=left" if a yes or a date means that the person unsubscribed, '
            f'--map "{name}=subscribed" if a yes means that we can email the person, {status}, or '
            f'--ignore "{name}" if the column is about something else.'
        )


def note_value(values: dict[int, list[str]], column: Column, cell: str) -> None:
    """Note one of the first values of a column that are not understood."""
    named = values.setdefault(column.number, [])
    value = " ".join(cell.split())[:LONGEST_VALUE]
    if len(named) < VALUES_NAMED and value not in named:
        named.append(value)


VALUES_NAMED = 5
LONGEST_VALUE = 60
