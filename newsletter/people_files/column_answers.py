"""Turns what somebody chose for each column at the desk into the answers that an import takes, and back."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from newsletter.errors import Invalid
from newsletter.people_files.stored_import_file import StoredColumn, StoredLook, StoredQuestion
from subscribers.imports.column_aliases import plain_words
from subscribers.imports.column_mapping import apply_choices
from subscribers.imports.import_options import ImportOptions

# A meaning that somebody gave to one value of a column: the number of the column, and the value.
Meanings = Mapping[tuple[int, str], str]


def choices_of(
    look: StoredLook,
    targets: Mapping[int, str],
    meanings: Meanings,
    before: ImportOptions,
    *,
    asked: Collection[int] = (),
) -> tuple[str, ...]:
    """Return the choices for an import: only what differs from what we understood, and the answers to questions.

    `targets` are what the columns contain, by number. For the columns with the numbers `asked`, what we guessed is a
    choice as well, since somebody has now said it, and so is every later answer about them. Meanings that were given
    earlier stay, while their column contains the same.
    """
    shown = targets_of(look, before)
    choices = []
    for column in look.columns:
        name, target = name_of(look, column), targets.get(column.number, column.target)
        was_said = any(choice.startswith(f"{name}=") for choice in before.choices)
        if target != column.target or column.number in asked or was_said:
            choices.append(f"{name}={target}")
        if target == shown[column.number]:
            choices += [each for each in before.choices if _is_meaning(each, name)]
    given = [(number, value, status) for (number, value), status in meanings.items() if status]
    by_number = {column.number: column for column in look.columns}
    choices += [f"{name_of(look, by_number[number])}:{value}={status}" for number, value, status in given]
    return tuple(dict.fromkeys(choices))


def targets_of(look: StoredLook, answers: ImportOptions) -> dict[int, str]:
    """Return what each column contains, by number, with the answers so far."""
    try:
        mapping = apply_choices(look.mapping, answers.choices)
    except Invalid:
        mapping = look.mapping
    return {column.number: column.target for column in mapping.columns}


def name_of(look: StoredLook, column: StoredColumn) -> str:
    """Return how answers name a column: by its heading, which the consent log shows, or else as `#3`."""
    headings = Counter(plain_words(each.heading) for each in look.columns)
    words = plain_words(column.heading)
    is_clear = words and headings[words] == 1 and not any(sign in column.heading for sign in "#:=\n")
    return column.heading if is_clear and not column.heading.isdecimal() else f"#{column.number}"


def require_answers(
    questions: Iterable[StoredQuestion], targets: Mapping[int, str], meanings: Meanings
) -> None:
    """Raise Invalid if a column, or a value, that was asked about has no answer."""
    for question in questions:
        if not question.by_value and not targets.get(question.number):
            raise Invalid(f"Choose what {question.title} contains.")
        for value in question.values if question.by_value else ():
            if not meanings.get((question.number, value)):
                raise Invalid(f"Choose what “{value}” means in {question.title}.")


def _is_meaning(choice: str, name: str) -> bool:
    return choice.startswith(f"{name}:")
