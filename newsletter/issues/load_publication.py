"""Creates or updates a publication from its TOML file: all of it, or nothing.

The file is a starting point. Loading it again writes the values in the file and leaves all other values as they are.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from newsletter.accounts.actor import Role, require_role
from newsletter.accounts.audit_log import values_of
from newsletter.articles.add_source import save_new, unsaved_source
from newsletter.articles.models import Source
from newsletter.articles.read_source import SourceContent, read_source
from newsletter.articles.sources import find_source
from newsletter.errors import Invalid, InvalidFields, NewsletterError, NotFound
from newsletter.http.web_addresses import looks_like_address
from newsletter.issues.models import Publication, StandingBlock
from newsletter.issues.notice_translations import WantedText, change_notices_in
from newsletter.issues.publication_audit import record_block, record_publication
from newsletter.issues.publication_file import (
    BlockTable,
    ListTable,
    PublicationFile,
    SourceTable,
    read_publication_file,
)
from newsletter.issues.review_board import require_review_board
from newsletter.issues.topic_rules import WantedRule, change_topic_rules, wanted_rules
from newsletter.issues.validation_messages import field_sentence
from subscribers.clean_text import folded
from subscribers.lists import add_list, edit_list
from subscribers.models import List


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What loading a file did. `changes` names each field, block, list and source that was created or changed."""

    publication: Publication
    created: bool
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundSource:
    """A source that the file names, read but not saved yet."""

    source: Source
    content: SourceContent
    name: str


def load_publication_file(path: Path) -> LoadResult:
    """Create or update the publication that a file describes. This is safe to repeat.

    Raises NotFound, Invalid with a sentence that names the key, or Unreachable if a source does not respond.
    """
    require_role(Role.ADMINISTRATOR, "Loading a publication")
    file = read_publication_file(path)
    with transaction.atomic():
        _described(file, path.name)  # report mistakes in the file itself before any request to the web
    # Sources are read before the database is locked, because a website may respond slowly.
    found = [each for table in file.sources if (each := _look_at(table, path))]
    with transaction.atomic():
        # The publication may have been edited while its sources were being read.
        publication, changes, blocks = _described(file, path.name)
        created = _is_new(publication)
        before = values_of(Publication.objects.filter(pk=publication.pk).first())
        if publication.takes_questions and not before.get("takes_questions"):
            require_review_board(publication)
        changes += _give_list(publication, file, path.name)
        _save(publication, path.name)
        record_publication(publication, before, f"Loaded {path.name}:")
        for block, values in blocks:
            changes += _save_block(publication, block, values, path.name)
        changes += _give_topic_rules(publication, file, path.name)
        changes += _give_notices(publication, file, path.name)
        for each in found:
            changes.append(f"source {save_new(each.source, each.content, name=each.name).name}")
    return LoadResult(publication, created, tuple(changes))


def load_publication(path: Path) -> Publication:
    """Load a publication file and return the publication; see `load_publication_file`."""
    return load_publication_file(path).publication


def _described(
    file: PublicationFile, within: str
) -> tuple[Publication, list[str], list[tuple[StandingBlock, dict[str, Any]]]]:
    """Return the publication and blocks that a file describes, unsaved, and the names of the fields it changes."""
    publication, changes = _publication(file, within)
    blocks = [_block(publication, table, place, within) for place, table in enumerate(file.blocks, start=1)]
    return publication, changes, blocks


def _publication(file: PublicationFile, within: str) -> tuple[Publication, list[str]]:
    slug = file.slug or slugify(file.name or "")
    if not slug:
        raise Invalid(f"{within}: slug is missing. Add a short name such as weekly.")
    publication = Publication.objects.select_for_update().filter(slug=slug).first()
    publication = publication or Publication(slug=slug)
    values, new = file.fields | {"slug": slug}, _is_new(publication)
    changes = [name for name, value in values.items() if new or getattr(publication, name) != value]
    for name, value in values.items():
        setattr(publication, name, value)
    try:
        publication.clean_fields(exclude=["mailing_list"])
    except ValidationError as error:
        raise Invalid(f"{within}: {field_sentence(error)}") from error
    return publication, changes


def _give_topic_rules(publication: Publication, file: PublicationFile, within: str) -> list[str]:
    """Write the rules for the topics in the file. Rules for other topics stay."""
    given = {
        folded(table.topic).casefold(): WantedRule(
            topic=table.topic,
            needs_reference=table.needs_reference,
            review_months="" if table.review_months is None else str(table.review_months),
            says_not_advice=table.not_advice,
            emergency_numbers=table.emergency_numbers,
            notice=table.notice,
        )
        for table in file.topics
    }
    if not given:
        return []
    others = [rule for rule in wanted_rules(publication) if rule.topic.casefold() not in given]
    try:
        changed = change_topic_rules(publication, [*others, *given.values()])
    except InvalidFields as error:
        raise Invalid(f"{within}: topics: {error}") from error
    return ["topics"] if changed else []


def _give_notices(publication: Publication, file: PublicationFile, within: str) -> list[str]:
    """Write the notices in other languages that are in the file. Other texts stay."""
    wanted: dict[str, list[WantedText]] = {}
    for table in file.notices:
        text = WantedText(
            notice=folded(table.notice), text=table.text, confirmed=table.confirmed and bool(table.text)
        )
        wanted.setdefault(table.language, []).append(text)
    changes = []
    for language, texts in wanted.items():
        try:
            changed = change_notices_in(publication, language, texts)
        except InvalidFields as error:
            raise Invalid(f"{within}: notices in {language}: {next(iter(error.fields.values()))}") from error
        except Invalid as error:
            raise Invalid(f"{within}: notices: {error}") from error
        changes += [f"notices in {language}"] if changed else []
    return changes


def _is_new(publication: Publication) -> bool:
    key: int | None = publication.pk
    return key is None


def _save(publication: Publication, within: str) -> None:
    try:
        publication.full_clean()
    except ValidationError as error:
        raise Invalid(f"{within}: {field_sentence(error)}") from error
    publication.save()


def _give_list(publication: Publication, file: PublicationFile, within: str) -> list[str]:
    wanted = file.list
    new = _is_new(publication)
    if wanted is None:
        if not new:
            return []
        wanted = ListTable(slug=publication.slug)
    found = List.objects.filter(slug=wanted.slug).first()
    before = None if new else publication.mailing_list
    try:
        publication.mailing_list = _updated(found, wanted) if found else _new_list(publication, wanted)
    except NewsletterError as error:
        raise Invalid(f"{within}: list.{error}") from error
    return [] if found and before == found else [f"list {wanted.slug}"]


def _new_list(publication: Publication, table: ListTable) -> List:
    values: dict[str, str | bool] = {
        "description": table.description,
        "language": table.language or publication.language,
        "double_opt_in": table.double_opt_in is not False,
        "publisher": publication.organisation,
        "sender_name": publication.sender_name,
        "sender_address": publication.sender_address,
    }
    return add_list(table.slug, table.name or publication.name, topics=None, **values)


def _updated(mailing_list: List, table: ListTable) -> List:
    edit_list(mailing_list, **table.model_dump(exclude_unset=True, exclude_none=True))
    return mailing_list


def _block(
    publication: Publication, table: BlockTable, place: int, within: str
) -> tuple[StandingBlock, dict[str, Any]]:
    known = publication.blocks.filter(name=table.name).first() if not _is_new(publication) else None
    block = known or StandingBlock(name=table.name)
    values = table.model_dump(include={"kind", "title", "body", "starts_on", "ends_on"}, exclude_none=True)
    values |= {"position": place * 10, "data": table.data}
    if known and known.kind == values.get("kind", known.kind):
        values["data"] = known.data | table.data
    for name, value in values.items():
        setattr(block, name, value)
    try:
        block.clean_fields(exclude=["publication"])
        block.clean()
    except (ValidationError, Invalid) as error:
        problem = field_sentence(error) if isinstance(error, ValidationError) else str(error)
        raise Invalid(f"{within}: block {table.name}: {problem.removeprefix('data: ')}") from error
    return block, values


def _save_block(
    publication: Publication, block: StandingBlock, values: dict[str, Any], within: str
) -> list[str]:
    before = StandingBlock.objects.filter(pk=block.pk).values(*values).first() if block.pk else None
    if before == {name: getattr(block, name) for name in values}:
        return []
    block.publication = publication
    try:
        block.full_clean()
    except ValidationError as error:
        raise Invalid(f"{within}: block {block.name}: {field_sentence(error)}") from error
    stored = values_of(StandingBlock.objects.filter(pk=block.pk).first())
    block.save()
    record_block(block, stored)
    return [f"block {block.name}"]


def _look_at(table: SourceTable, path: Path) -> FoundSource | None:
    location = table.location
    if not looks_like_address(location):
        location = str((path.resolve().parent / Path(location).expanduser()).resolve())
    try:
        find_source(location)
    except NotFound:
        pass
    else:
        return None
    taken = Source.objects.filter(name=table.name).first() if table.name else None
    if taken:
        raise Invalid(
            f"{path.name}: sources.name: the name “{table.name}” is already used for the source at "
            f"{taken.location}. Choose a different name."
        )
    source = unsaved_source(location, from_this_machine=True)
    source.kind = table.kind
    content = read_source(source)
    return FoundSource(source, content, table.name)
