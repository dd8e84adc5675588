"""The form fields of each kind of block: what they are called, and how a form becomes the data of a block."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from newsletter.articles.article_terms import Promotes
from newsletter.errors import InvalidFields, NewsletterError
from newsletter.issues.block_data_errors import BlockDataError, Path
from newsletter.issues.models import StandingBlock

BLANK_ROWS = 2
THOUSANDS = re.compile(r"\d{1,3}(?:[\s,]\d{3})+(?:\.\d+)?")
MAX_ROWS = 20
KIND_HINTS = {
    "appeal": "A request for donations, with a target and amounts to choose from",
    "promotion": "A book, a leaflet or an event",
    "community": "Links to ways to take part",
    "notice": "A short text",
    "social": "Your pages on social networks",
    "copyright": "Copyright and terms of reuse",
    "corrections": "Where readers can report an error",
}


@dataclass(frozen=True, slots=True)
class DataField:
    """One field of a kind of block: its key in the data, its label, its hint, and its options if it is a choice.

    `type` is that of the input, or “amount” for money.
    """

    key: str
    label: str
    hint: str = ""
    longest: int = 2_000
    options: tuple[tuple[str, str], ...] = ()
    type: str = "text"


@dataclass(frozen=True, slots=True)
class DataRows:
    """A list in the data of a kind of block, such as the links, with the fields of each row."""

    key: str
    label: str
    fields: tuple[DataField, ...]


_LINK = DataField("url", "Link", "The address that the button opens", type="link")
_ROW_LINK = DataField("url", "Link", type="link")
_BUTTON = DataField("button", "Button text", "If empty, we use standard text", 100)
FIELDS: Mapping[str, tuple[DataField, ...]] = {
    "appeal": (
        DataField("target", "Target", "How much you want to raise. For example, 40000", type="amount"),
        DataField("raised", "Raised so far", type="amount"),
        DataField("currency", "Currency", "A currency code. For example, GBP", 20),
        _LINK,
        _BUTTON,
        DataField(
            "tax_note", "Note about tax", "For Gift Aid, link to the declaration on your own page", 1000
        ),
        DataField("figures_on", "Date of the figures", type="date"),
        DataField("figures_source", "Source of the figures", "For example, Annual report", 200),
        DataField("second_purpose", "What any money beyond the target is for", longest=500),
        DataField("closes_on", "Last day of the appeal", type="date"),
    ),
    "promotion": (
        DataField("image_url", "Picture address", type="link"),
        DataField(
            "image_alt", "Picture description", "Describe the picture for readers who cannot see it", 500
        ),
        _LINK,
        _BUTTON,
        DataField("price", "Price", "For example, £4 with free delivery", 100),
        DataField("date", "Date", "For example, Sunday at 10am", 100),
        DataField(
            "promotes",
            "What the block promotes",
            "People whose lawful basis does not cover this kind of promotion will not get the issue",
            options=tuple((each.value, str(each.label)) for each in Promotes),
        ),
    ),
    "corrections": (DataField("address", "Email address or web page", longest=320),),
}
ROWS: Mapping[str, DataRows] = {
    "appeal": DataRows(
        "amounts",
        "Amounts to choose from",
        (DataField("amount", "Amount", type="amount"), _ROW_LINK),
    ),
    "community": DataRows("links", "Links", (DataField("label", "Text", "", 200), _ROW_LINK)),
    "social": DataRows("links", "Links", (DataField("network", "Network", "", 200), _ROW_LINK)),
}


@dataclass(frozen=True, slots=True)
class FilledField:
    """A field as the form shows it: its name in the form, its definition, and its value."""

    name: str
    field: DataField
    value: str


def kinds() -> list[tuple[str, str, str]]:
    """Return the kinds of block to choose from: value, label and hint."""
    return [(kind.value, str(kind.label), KIND_HINTS[kind.value]) for kind in StandingBlock.Kind]


def filled_fields(kind: str, data: Mapping[str, Any]) -> list[FilledField]:
    """Return the fields of a kind of block with the values of some data."""
    return [
        FilledField(f"data-{each.key}", each, str(data.get(each.key) or "")) for each in FIELDS.get(kind, ())
    ]


def filled_rows(kind: str, data: Mapping[str, Any]) -> list[list[FilledField]]:
    """Return the rows of a kind of block with the values of some data, and blank rows to add to."""
    if kind not in ROWS:
        return []
    spec = ROWS[kind]
    rows: list[Mapping[str, Any]] = [*data.get(spec.key, ()), *({} for _ in range(BLANK_ROWS))]
    return [
        [
            FilledField(f"{spec.key}-{number}-{each.key}", each, str(row.get(each.key) or ""))
            for each in spec.fields
        ]
        for number, row in enumerate(rows[:MAX_ROWS])
    ]


def data_of_form(kind: str, form: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data that a form describes. Rows without any value are left out.

    What no form shows, the size of a picture, stays as long as the picture does.
    """
    data: dict[str, Any] = {}
    for each in FIELDS.get(kind, ()):
        if value := _typed(form, f"data-{each.key}", each):
            data[each.key] = value
    if kind in ROWS and (rows := [row for _number, row in _rows(ROWS[kind], form)]):
        data[ROWS[kind].key] = rows
    if data.get("image_url") and data["image_url"] == before.get("image_url"):
        data |= {key: before[key] for key in ("image_width", "image_height") if before.get(key)}
    return data


def named_by_form(kind: str, form: Mapping[str, str], error: NewsletterError) -> NewsletterError:
    """Return an error about the data of a block by the fields of the form, and any other error as it is."""
    if not isinstance(error, BlockDataError):
        return error
    return InvalidFields(
        dict(_by_field(kind, form, path, sentence) for path, sentence in error.by_path.items())
    )


def _by_field(kind: str, form: Mapping[str, str], path: Path, sentence: str) -> tuple[str, str]:
    """Return the name of the form's field at a place in the data, and a sentence that begins with its label."""
    rows = ROWS.get(kind)
    match path:
        case (str() as key, int() as index, str() as part, *_) if rows and key == rows.key:
            number = [number for number, _row in _rows(rows, form)][index]
            label = next((each.label for each in rows.fields if each.key == part), part)
            return f"{key}-{number}-{part}", f"{label} in row {number + 1}: {sentence}"
        case (str() as key, *_):
            label = next((each.label for each in FIELDS.get(kind, ()) if each.key == key), key)
            return f"data-{key}", f"{label}: {sentence}"
        case _:
            return "", sentence[:1].upper() + sentence[1:]


def _typed(form: Mapping[str, str], name: str, field: DataField) -> str:
    """Return what somebody typed. An amount can have its thousands apart, and a currency can be in small letters."""
    value = form.get(name, "").strip()
    if field.type == "amount" and THOUSANDS.fullmatch(value):
        return re.sub(r"[\s,]", "", value)
    return value.upper() if field.key == "currency" else value


def _rows(spec: DataRows, form: Mapping[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a form that have a value, each with its number in the form."""
    for number in range(MAX_ROWS):
        row = {each.key: _typed(form, f"{spec.key}-{number}-{each.key}", each) for each in spec.fields}
        if any(row.values()):
            yield number, row
