"""The TOML file that describes a publication, read and checked before anything is written.

docs/reference/publication.md describes every key. The models check the single values.
"""

from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from newsletter.articles.models import FETCHED_KINDS
from newsletter.errors import Invalid, NotFound
from newsletter.issues.validation_messages import shape_sentence

LARGEST = 1_000_000


class Table(BaseModel):
    """A table of the file. An unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class ListTable(Table):
    """The mailing list, if the file gives more than its slug."""

    slug: str
    name: str | None = None
    description: str = ""
    language: str | None = None
    double_opt_in: bool | None = None


class SourceTable(Table):
    """A source. Its location is a web address, or a path relative to the file."""

    location: str = Field(min_length=1)
    name: str = Field("", pattern=r"^[A-Za-z0-9_-]{0,80}$")
    kind: str = ""

    @field_validator("kind")
    @classmethod
    def known_kind(cls, value: str) -> str:
        """Accept only the kinds of source that this software can read."""
        if value and value not in FETCHED_KINDS:
            raise ValueError(f"“{value}” is not a kind of source. Use one of {', '.join(FETCHED_KINDS)}")
        return value


class BlockTable(Table):
    """A standing block. All other keys are the data of its kind (block_data.py)."""

    model_config = ConfigDict(extra="allow", frozen=True, str_strip_whitespace=True)

    name: str
    kind: str | None = None
    title: str | None = None
    body: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None

    @property
    def data(self) -> dict[str, Any]:
        """The data of the block's kind."""
        return dict(self.model_extra or {})


class TopicTable(Table):
    """A rule for a topic. A key that is left out means that the rule does not ask for this."""

    topic: str = Field(min_length=1)
    needs_reference: bool = False
    review_months: int | None = None
    not_advice: bool = False
    emergency_numbers: str = ""
    notice: str = ""


class NoticeTable(Table):
    """A notice in another language. `notice` is its text in the publication's language."""

    language: str = Field(min_length=1)
    notice: str = Field(min_length=1)
    text: str = ""
    confirmed: bool = True


class PublicationFile(Table):
    """The whole file. A key that is left out keeps its value in the database, or its default."""

    slug: str | None = None
    name: str | None = None
    tagline: str | None = None
    organisation: str | None = None
    website: str | None = None
    list: ListTable | None = None
    language: str | None = None
    zone: str | None = None
    sender_name: str | None = None
    sender_name_ascii: str | None = None
    sender_address: str | None = None
    reply_to: str | None = None
    postal_address: str | None = None
    charity_number: str | None = None
    first_name_fallback: str | None = None
    reason: str | None = None
    theme: str | None = None
    logo_url: str | None = None
    logo_alt: str | None = None
    logo_width: int | None = None
    logo_height: int | None = None
    hotlink_pictures: bool | None = None
    ask_useful: bool | None = None
    takes_questions: bool | None = None
    working_days: str | None = None
    acknowledge_days: int | None = None
    answer_days: int | None = None
    show_question_figures: bool | None = None
    accent_colour: str | None = None
    accent_colour_dark: str | None = None
    heading_font: str | None = None
    body_font: str | None = None
    subject_pattern: str | None = None
    archive: str | None = None
    four_eyes: bool | None = None
    undo_minutes: int | None = None
    selection: dict[str, Any] | None = None
    sections: tuple[dict[str, Any], ...] | None = None
    sources: tuple[SourceTable, ...] = ()
    blocks: tuple[BlockTable, ...] = ()
    topics: tuple[TopicTable, ...] = ()
    notices: tuple[NoticeTable, ...] = ()

    @field_validator("list", mode="before")
    @classmethod
    def slug_alone(cls, value: object) -> object:
        """Read `list = "weekly"` as a table with this slug."""
        return {"slug": value} if isinstance(value, str) else value

    @property
    def fields(self) -> dict[str, Any]:
        """The values of the publication's own fields, by their names."""
        apart = {"list", "sources", "blocks", "topics", "notices"}
        values: dict[str, Any] = self.model_dump(exclude=apart, exclude_none=True)
        if self.sections is not None:
            values["sections"] = [dict(section) for section in self.sections]
        return values


KEYS = {
    "": list(PublicationFile.model_fields),
    "list": list(ListTable.model_fields),
    "sources": list(SourceTable.model_fields),
    "topics": list(TopicTable.model_fields),
    "notices": list(NoticeTable.model_fields),
}


def read_publication_file(path: Path) -> PublicationFile:
    """Read and check a publication file. Raises NotFound if it does not exist, Invalid with the key that is wrong."""
    import tomllib

    try:
        document = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"{path.name} is not a valid TOML file: {_lowered(str(error))}.") from error
    try:
        return PublicationFile.model_validate(document)
    except ValidationError as error:
        raise Invalid(f"{path.name}: {shape_sentence(error, KEYS)}") from error


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise Invalid(
                f"{path.name} is larger than {LARGEST:,} bytes, so it cannot be a publication file."
            )
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise NotFound(f"We could not find the file {path}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"We could not read {path} as a UTF-8 text file.") from error


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
