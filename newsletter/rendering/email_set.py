"""The emails of one mailing as one value: each variant once, all frozen together with one digest.

Readers of different languages, editions, topics or subject lines get different emails. Differences between people
within a variant are not in here: they are merge tags (see merge_tags.py).
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import orjson

from newsletter.errors import Invalid
from newsletter.rendering.email import Email, digest_of

NOT_APPROVED = "The stored email is not the one that was approved."


@dataclass(frozen=True, kw_only=True, slots=True)
class EmailVariant:
    """One email of a mailing, and what distinguishes it from the others.

    `language`, `edition`, `topics` and `subject` are the reasons for the variant, and empty if they are not a reason.
    `readers` is the segment (subscribers/segments) that gets it. Without a segment, the variant is for everybody who
    does not get an earlier variant.
    """

    email: Email
    language: str = ""
    edition: str = ""
    topics: tuple[str, ...] = ()
    subject: str = ""
    readers: str = ""

    @property
    def reasons(self) -> dict[str, Any]:
        """The reasons for the variant, by name, as a JSON object without empty values."""
        named = {
            "language": self.language,
            "edition": self.edition,
            "topics": list(self.topics),
            "subject": self.subject,
            "readers": self.readers,
        }
        return {name: value for name, value in named.items() if value}

    @property
    def name(self) -> str:
        """The name for editors, such as “language de”. Empty for the variant for everybody else."""
        reasons = self.reasons
        if len(reasons) > 1:
            reasons.pop("readers", None)
        words = (", ".join(each) if isinstance(each, list) else each for each in reasons.values())
        return ", ".join(f"{name} {value}" for name, value in zip(reasons, words, strict=True))

    def to_dict(self) -> dict[str, Any]:
        """Return the variant as a JSON object."""
        return {**self.reasons, "email": self.email.to_dict()}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Return the variant for a JSON object of `to_dict`. Raises Invalid if it cannot be read."""
        known = {"language": str, "edition": str, "topics": list, "subject": str, "readers": str}
        reasons = {name: value for name, value in document.items() if name != "email"}
        wrong = sorted(
            name for name, value in reasons.items() if not isinstance(value, known.get(name, type(None)))
        )
        if wrong or not isinstance(document.get("email"), Mapping):
            raise Invalid(
                f"We could not read this stored email: {', '.join(wrong) or 'email'} is invalid in one of its variants."
            )
        topics = tuple(map(str, reasons.pop("topics", ())))
        return cls(email=Email.from_dict(document["email"]), topics=topics, **reasons)


@dataclass(frozen=True)
class EmailSet:
    """All variants of a mailing, in the order in which they choose their readers. The last one is for everybody else.

    Raises Invalid if somebody would get no email, or two.
    """

    variants: tuple[EmailVariant, ...]

    def __post_init__(self) -> None:
        for_everybody_else = [not each.readers for each in self.variants]
        if sum(for_everybody_else) != 1 or not for_everybody_else[-1]:
            raise Invalid(
                "The last variant of an email must be for everybody else, and each earlier variant must "
                "have a segment that says who gets it."
            )

    @property
    def main(self) -> Email:
        """The email for everybody who gets no other variant. It is shown wherever the reader is not known."""
        return self.variants[-1].email

    @cached_property
    def digest(self) -> str:
        """The SHA-256 digest, in hexadecimal, of all variants. Equal sets have equal digests."""
        return digest_of_set(self.to_list())

    def each_email(self, change: Callable[[Email], Email]) -> Self:
        """Return the same set with a function applied to each email."""
        return replace(
            self, variants=tuple(replace(each, email=change(each.email)) for each in self.variants)
        )

    @classmethod
    def from_list(cls, documents: Sequence[Mapping[str, Any]]) -> Self:
        """Return the set for a JSON array of `to_list`. Raises Invalid if it cannot be read."""
        return cls(tuple(map(EmailVariant.from_dict, documents)))

    def to_list(self) -> list[dict[str, Any]]:
        """Return the set as a JSON array. `stored_emails` turns it back into an equal set."""
        return [each.to_dict() for each in self.variants]


def digest_of_set(documents: Iterable[Mapping[str, Any]]) -> str:
    """Return the SHA-256 digest, in hexadecimal, of the variants as stored, by any version."""
    summary = [{**each, "email": digest_of(each.get("email", {}))} for each in documents]
    return hashlib.sha256(orjson.dumps(summary, option=orjson.OPT_SORT_KEYS)).hexdigest()


def stored_emails(documents: Sequence[Mapping[str, Any]], digest: str) -> EmailSet:
    """Return the emails that were stored with this digest. Raises Invalid if they differ or cannot be read."""
    emails = EmailSet.from_list(documents)
    if digest_of_set(documents) != digest:
        raise Invalid(NOT_APPROVED)
    return emails
