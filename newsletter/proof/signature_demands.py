"""Which signatures a publication demands by topic, and which of them an issue lacks."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction

from newsletter.accounts.actor import Role, require_role
from newsletter.articles.search_words import topic_key
from newsletter.errors import Invalid, InvalidFields
from newsletter.issues.autosaved_texts import text_version
from newsletter.issues.change_locks import lock_publication, refuse_changed_settings
from newsletter.issues.issue_audit import record
from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import Issue, Item, Publication
from newsletter.proof.models import SignatureDemand
from newsletter.proof.signatures import signatures_now
from newsletter.rendering.email_parts import EmailParts, article_part
from subscribers.clean_text import folded
from subscribers.email_addresses import parse

ACT = "Demanding signatures"
MOST_DEMANDS = 50
LONGEST_TOPIC, LONGEST_NAME = 200, 150


@dataclass(frozen=True, slots=True)
class WantedDemand:
    """A demand as somebody typed it."""

    topic: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class MissingSignature:
    """An article that needs a person’s signature and lacks it. `was_signed` if they signed an earlier version."""

    item: Item
    demand: SignatureDemand
    was_signed: bool


def demands_of(publication: Publication) -> Sequence[SignatureDemand]:
    """Return the signatures that a publication demands, by topic."""
    return list(SignatureDemand.objects.filter(publication=publication))


def demands_version(publication: Publication) -> str:
    """Return a digest of the demands, by which two versions are told apart."""
    return text_version(json.dumps([_values(row) for row in demands_of(publication)]))


def missing_signatures(issue: Issue, parts: EmailParts) -> Iterator[MissingSignature]:
    """Yield the demanded signatures that nobody has given for the articles as they are now, in the email’s order."""
    demands = demands_of(issue.publication)
    if not demands:
        return
    items = [(item, wanted) for item in items_to_print(issue) for wanted in demands_on(item, demands)]
    if not items:
        return
    given = [each for each in signatures_now(issue, parts) if each.signature.key]
    for item, demand in items:
        part = article_part(item.article_id)
        theirs = [each for each in given if each.signature.part == part and each.signature.key == demand.key]
        if not any(each.stands for each in theirs):
            yield MissingSignature(item, demand, was_signed=bool(theirs))


def demands_on(item: Item, demands: Sequence[SignatureDemand]) -> list[SignatureDemand]:
    """Return those of the demands whose topic an article has. Capital letters and hyphens make no difference."""
    topics = {topic_key(folded(str(topic))) for topic in item.article.topics}
    return [demand for demand in demands if topic_key(demand.topic) in topics]


def change_signature_demands(
    publication: Publication, wanted: Sequence[WantedDemand], *, seen: str | None = None
) -> bool:
    """Store the signatures that a publication demands. Return whether anything changed.

    `seen` is the `demands_version` that a form started from. Raises InvalidFields, and Refused unless an administrator
    does this, or if somebody else has changed the demands since.
    """
    require_role(Role.ADMINISTRATOR, ACT, publication=publication.pk)
    checked = _checked(wanted)
    with transaction.atomic():
        publication = lock_publication(publication)
        refuse_changed_settings(seen, demands_version(publication))
        before = [_values(row) for row in demands_of(publication)]
        after = sorted(([topic, name, address] for topic, name, address, _key in checked))
        if sorted(before) == after:
            return False
        SignatureDemand.objects.filter(publication=publication).delete()
        SignatureDemand.objects.bulk_create(
            SignatureDemand(publication=publication, topic=topic, name=name, address=address, key=key)
            for topic, name, address, key in checked
        )
        record(
            "signature-demands",
            "Changed which signatures are needed before approval.",
            publication=publication,
            changes={
                # Without names and addresses, which could not be erased from the log.
                "topics": [[topic for topic, *_person in rows] for rows in (before, after)],
            },
        )
    return True


def _values(row: SignatureDemand) -> list[str]:
    return [row.topic, row.name, row.address]


def _checked(wanted: Sequence[WantedDemand]) -> list[tuple[str, str, str, str]]:
    """Return topic, name, address and key of each demand. Raises InvalidFields, by the number of the row."""
    if len(wanted) > MOST_DEMANDS:
        raise InvalidFields({"topic-1": f"You can require up to {MOST_DEMANDS} signatures."})
    wrong: dict[str, str] = {}
    found: list[tuple[str, str, str, str]] = []
    for number, each in enumerate(wanted, start=1):
        topic, name = folded(each.topic), folded(each.name)
        if not topic or len(topic) > LONGEST_TOPIC:
            wrong[f"topic-{number}"] = f"Enter a topic of up to {LONGEST_TOPIC} characters."
        if not name or len(name) > LONGEST_NAME:
            wrong[f"name-{number}"] = f"Enter the person’s name, in up to {LONGEST_NAME} characters."
        try:
            address = parse(each.address)
            found.append((topic, name, address.address, address.key))
        except Invalid as error:
            wrong[f"address-{number}"] = (
                str(error) if each.address.strip() else "Enter the person’s email address."
            )
    keys = [(topic_key(topic), key) for topic, _name, _address, key in found]
    if not wrong and len(set(keys)) < len(keys):
        raise InvalidFields({f"topic-{len(wanted)}": "You entered the same person twice for this topic."})
    if wrong:
        raise InvalidFields(wrong)
    return found
