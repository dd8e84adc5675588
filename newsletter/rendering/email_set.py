"""The emails of one mailing as one value: each variant once, all frozen together under one digest.

Readers of different languages, editions, topics or subject lines get different emails. What differs from person to
person within a variant is not in here: it travels as merge tags (see merge.py).
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import orjson

from newsletter.errors import Invalid
from newsletter.rendering.email import Email, digest_of

NOT_APPROVED = "The email that was kept is not the one that was approved."


@dataclass(frozen=True, kw_only=True, slots=True)
class EmailVariant:
    """One distinct email, and what sets it apart from the others of its mailing.

    `language`, `edition`, `topics` and `subject` are the reasons for it, empty where they are no reason. `readers` is a
    segment (subscribers/segments): who gets it. Without one, it is for everybody whom no variant before it is for.
    """

    email: Email
    language: str = ""
    edition: str = ""
    topics: tuple[str, ...] = ()
    subject: str = ""
    readers: str = ""

    @property
    def reasons(self) -> dict[str, Any]:
        """What sets it apart, by name, as JSON can hold it; without what is empty."""
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
        """What an editor calls it, such as “language de”; empty for the variant of everybody else."""
        reasons = self.reasons
        if len(reasons) > 1:
            reasons.pop("readers", None)
        words = (", ".join(each) if isinstance(each, list) else each for each in reasons.values())
        return ", ".join(f"{name} {value}" for name, value in zip(reasons, words, strict=True))

    def to_dict(self) -> dict[str, Any]:
        """The variant as JSON can hold it."""
        return {**self.reasons, "email": self.email.to_dict()}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """The variant that `to_dict` gave. Raises Invalid when it cannot be read."""
        known = {"language": str, "edition": str, "topics": list, "subject": str, "readers": str}
        reasons = {name: value for name, value in document.items() if name != "email"}
        wrong = sorted(
            name for name, value in reasons.items() if not isinstance(value, known.get(name, type(None)))
        )
        if wrong or not isinstance(document.get("email"), Mapping):
            raise Invalid(f"This is not a stored email: {', '.join(wrong) or 'email'} cannot be read.")
        topics = tuple(map(str, reasons.pop("topics", ())))
        return cls(email=Email.from_dict(document["email"]), topics=topics, **reasons)


@dataclass(frozen=True)
class EmailSet:
    """All variants of a mailing, in the order in which they choose their readers. The last one takes everybody else.

    Raises Invalid for a set in which somebody would have no email, or two.
    """

    variants: tuple[EmailVariant, ...]

    def __post_init__(self) -> None:
        for_everybody_else = [not each.readers for each in self.variants]
        if sum(for_everybody_else) != 1 or not for_everybody_else[-1]:
            raise Invalid(
                "The last variant of an email must be for everybody else, and each one before it must name its readers."
            )

    @property
    def main(self) -> Email:
        """The email of everybody for whom no other variant is: shown wherever no reader is named."""
        return self.variants[-1].email

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, over all variants: equal sets have equal digests."""
        return digest_of_set(self.to_list())

    def each_email(self, change: Callable[[Email], Email]) -> Self:
        """The same set with a function applied to each email."""
        return replace(
            self, variants=tuple(replace(each, email=change(each.email)) for each in self.variants)
        )

    def to_list(self) -> list[dict[str, Any]]:
        """The set as JSON can hold it; `stored_emails` makes an equal set of it."""
        return [each.to_dict() for each in self.variants]


def digest_of_set(documents: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256, in hexadecimal, over the variants as they are stored, whichever version stored them."""
    summary = [{**each, "email": digest_of(each.get("email", {}))} for each in documents]
    return hashlib.sha256(orjson.dumps(summary, option=orjson.OPT_SORT_KEYS)).hexdigest()


def stored_emails(documents: Sequence[Mapping[str, Any]], digest: str) -> EmailSet:
    """The emails that were stored under this digest. Raises Invalid if they are others, or cannot be read."""
    emails = EmailSet(tuple(map(EmailVariant.from_dict, documents)))
    if digest_of_set(documents) != digest:
        raise Invalid(NOT_APPROVED)
    return emails
