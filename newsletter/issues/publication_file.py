"""The TOML file that seeds a publication: its shape, read and checked before anything is written.

Every key is described in docs/reference/publication.md. The rules of single values are those of the models.
"""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from newsletter.articles.models import Source
from newsletter.errors import Invalid, NotFound
from newsletter.issues.validation_messages import shape_sentence

LARGEST = 1_000_000


class Table(BaseModel):
    """A table of the file: a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class ListTable(Table):
    """The mailing list, where more than its slug is said."""

    slug: str
    name: str | None = None
    description: str = ""
    language: str | None = None
    double_opt_in: bool | None = None


class SourceTable(Table):
    """A source; its location is a web address or a path beside the file."""

    location: str = Field(min_length=1)
    name: str = Field("", pattern=r"^[A-Za-z0-9_-]{0,80}$")
    kind: str = ""

    @field_validator("kind")
    @classmethod
    def known_kind(cls, value: str) -> str:
        """Take only the kinds that there is a reader for."""
        if value and value not in Source.Kind.values:
            raise ValueError(f"“{value}” is no kind of source; the kinds are {', '.join(Source.Kind.values)}")
        return value


class BlockTable(Table):
    """A standing block; keys beyond these are what its kind holds (block_data.py)."""

    model_config = ConfigDict(extra="allow", frozen=True, str_strip_whitespace=True)

    name: str
    kind: str | None = None
    title: str | None = None
    body: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None

    @property
    def data(self) -> dict[str, Any]:
        """What the kind holds."""
        return dict(self.model_extra or {})


class PublicationFile(Table):
    """The whole file. What is left out keeps what the database has, or the default."""

    slug: str | None = None
    name: str | None = None
    tagline: str | None = None
    organisation: str | None = None
    website: str | None = None
    list: ListTable | None = None
    language: str | None = None
    zone: str | None = None
    sender_name: str | None = None
    sender_address: str | None = None
    reply_to: str | None = None
    postal_address: str | None = None
    first_name_fallback: str | None = None
    reason: str | None = None
    theme: str | None = None
    logo_url: str | None = None
    logo_alt: str | None = None
    logo_width: int | None = None
    logo_height: int | None = None
    accent_colour: str | None = None
    accent_colour_dark: str | None = None
    heading_font: str | None = None
    body_font: str | None = None
    subject_pattern: str | None = None
    four_eyes: bool | None = None
    undo_minutes: int | None = None
    selection: dict[str, Any] | None = None
    sections: tuple[dict[str, Any], ...] | None = None
    sources: tuple[SourceTable, ...] = ()
    blocks: tuple[BlockTable, ...] = ()

    @field_validator("list", mode="before")
    @classmethod
    def slug_alone(cls, value: object) -> object:
        """Take `list = "weekly"` for a table with this slug."""
        return {"slug": value} if isinstance(value, str) else value

    @property
    def fields(self) -> dict[str, Any]:
        """What is said of the publication's own fields, by their names."""
        apart = {"list", "sources", "blocks"}
        said: dict[str, Any] = self.model_dump(exclude=apart, exclude_none=True)
        if self.sections is not None:
            said["sections"] = [dict(section) for section in self.sections]
        return said


KEYS = {
    "": list(PublicationFile.model_fields),
    "list": list(ListTable.model_fields),
    "sources": list(SourceTable.model_fields),
}


def read_publication_file(path: Path) -> PublicationFile:
    """What the file says. Raises NotFound if it is not there, Invalid with the key that is wrong."""
    try:
        document = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"{path.name} is not written in TOML: {_lowered(str(error))}.") from error
    try:
        return PublicationFile.model_validate(document)
    except ValidationError as error:
        raise Invalid(f"{path.name}: {shape_sentence(error, KEYS)}") from error


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise Invalid(f"{path.name} is larger than {LARGEST} bytes: that is no publication file.")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path} cannot be read as a text file in UTF-8.") from error


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
