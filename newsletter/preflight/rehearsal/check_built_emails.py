"""Which of the emails that a transport has built have a problem, in sentences for editors."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from newsletter.errors import Invalid
from newsletter.preflight.rehearsal_models import RehearsalProblem
from newsletter.rendering.delivered_html_size import GMAIL_CLIPS_AT
from newsletter.sending.outcomes import NotSent, Outcome, RecipientsOutcome, Rejected
from newsletter.sending.transport import BuiltEmail
from subscribers.clean_text import without_addresses

Kind = RehearsalProblem.Kind
FIELDS = {
    "FIRST_NAME": "the first name",
    "UNSUBSCRIBE_URL": "the unsubscribe link",
    "PREFERENCES_URL": "the link to the preferences",
    "READ_ONLINE_URL": "the link to read the email online",
    "USEFUL_URL": "the “Was this useful?” links",
}
LONGEST_SENTENCE = 300


class Problem(NamedTuple):
    """What is wrong with the email to one person."""

    subscriber: int
    kind: str
    sentence: str


def problems_of(built: BuiltEmail) -> Iterator[Problem]:
    """Yield what is wrong with an email that was built."""
    if built.unfilled:
        yield Problem(built.recipient, Kind.UNFILLED, _empty_fields(built.unfilled))
    if built.broken:
        yield Problem(built.recipient, Kind.HEADER, built.broken)
    if built.html_bytes >= GMAIL_CLIPS_AT:
        limit = f"Gmail cuts off emails of {GMAIL_CLIPS_AT:,} bytes or more."
        sentence = f"The email is {built.html_bytes:,} bytes. {limit}"
        yield Problem(built.recipient, Kind.SIZE, sentence)


def refused(outcome: RecipientsOutcome) -> Iterator[Problem]:
    """Yield the people to whom a transport would not send. Raises Invalid if it could not send to anybody."""
    if isinstance(outcome.answer, NotSent):
        raise Invalid(outcome.answer.reason)
    for recipient in outcome.recipients:
        sentence = without_addresses(_reason(outcome.answer))[:LONGEST_SENTENCE]
        yield Problem(recipient, Kind.REFUSED, sentence)


def in_another_language(
    people: Sequence[int], languages: Sequence[str], language: str, *, notices: str = ""
) -> Iterator[Problem]:
    """Yield the people whose language is known and is not that of the email. Its notices can be in one of their own."""
    but = f", and its notices are in “{notices}”" if notices else ""
    for person, theirs in zip(people, languages, strict=True):
        if theirs and _primary(theirs) != _primary(language):
            yield Problem(
                person,
                Kind.LANGUAGE,
                f"This person’s language is “{theirs}”. The email is in “{language}”{but}.",
            )


def _reason(answer: Outcome) -> str:
    return (
        answer.reason
        if isinstance(answer, Rejected)
        else "The service that sends emails would not accept this email."
    )


def _empty_fields(tags: Sequence[str]) -> str:
    names = dict.fromkeys(tag.strip("*|").removesuffix("_TEXT") for tag in tags)
    fields = [_field(name, FIELDS) for name in names]
    return f"The email has no value for {' and '.join(fields)}."[:LONGEST_SENTENCE]


def _field(name: str, fields: Mapping[str, str]) -> str:
    return fields.get(name, f"the field “{name.lower()}”")


def _primary(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()
