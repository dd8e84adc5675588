"""The data of each kind of standing block, with validation errors in full sentences."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError as DjangoError
from django.core.validators import validate_email
from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from newsletter.errors import Invalid, InvalidFields
from newsletter.issues.block_data_errors import BlockDataError
from newsletter.issues.validators import is_absolute_url, validate_link_url, validate_web_url
from subscribers.clean_text import printable

STRICT = ConfigDict(extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


def _link(value: str) -> str:
    return _checked(value, validate_link_url)


def _web(value: str) -> str:
    return _checked(value, validate_web_url)


def _mail_or_web(value: str) -> str:
    if not is_absolute_url(value, ("http", "https")):
        try:
            validate_email(value)
        except DjangoError as error:
            raise ValueError("Enter an email address, or a web address that starts with https://") from error
    return value


def _checked(value: str, rule: Callable[[str], None]) -> str:
    if value:
        try:
            rule(value)
        except DjangoError as error:
            raise ValueError(error.message) from error
    return value


def _known_currency(code: str) -> str:
    from babel.numbers import is_currency  # takes longer to import than most commands to run

    if not is_currency(code):
        raise ValueError("Enter the code of a currency, such as GBP or EUR")
    return code


Currency = Annotated[str, AfterValidator(_known_currency)]
Line = Annotated[str, Field(min_length=1, max_length=200)]
Link = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_link)]
OptionalLink = Annotated[str, Field(max_length=2000), AfterValidator(_link)]
OptionalWebAddress = Annotated[str, Field(max_length=2000), AfterValidator(_web)]
Money = Annotated[Decimal, Field(gt=0, le=1_000_000_000_000, decimal_places=2)]
Pixels = Annotated[int, Field(gt=0, le=5_000)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Amount:
    """A suggested donation, and the page where a reader can give it."""

    amount: Money
    url: Link


@dataclass(frozen=True, kw_only=True, config=STRICT)
class LabelledLink:
    """A link of a community block."""

    label: Line
    url: Link


@dataclass(frozen=True, kw_only=True, config=STRICT)
class NetworkLink:
    """The organisation's page on a social network."""

    network: Line
    url: Link


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Appeal:
    """An appeal for money towards a target, which may be exceeded. `currency` is a known ISO 4217 code.

    `figures_on` and `figures_source` say when and where the figures were true. `second_purpose` says what happens with
    money beyond the target. `closes_on` is the last day of the appeal.
    """

    target: Money | None = None
    raised: Annotated[Decimal, Field(ge=0, le=1_000_000_000_000, decimal_places=2)] = Decimal(0)
    currency: Currency = "GBP"
    amounts: tuple[Amount, ...] = ()
    url: OptionalLink = ""
    button: Annotated[str, Field(max_length=100)] = ""
    tax_note: Annotated[str, Field(max_length=1000)] = ""
    figures_on: date | None = None
    figures_source: Annotated[str, Field(max_length=200)] = ""
    second_purpose: Annotated[str, Field(max_length=500)] = ""
    closes_on: date | None = None

    @property
    def progress(self) -> float:
        """The share of the target raised so far, from 0 to 1. It stays at 1 when the target is exceeded."""
        return min(1.0, float(self.raised / self.target)) if self.target else 0.0

    @property
    def percent(self) -> int:
        """The percentage of the target raised so far, rounded down. It is over 100 when the target is exceeded."""
        return int(100 * self.raised / self.target) if self.target else 0


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Promotion:
    """A book, leaflet or event. `price` and `date` are text for the reader. Sizes are CSS pixels.

    `promotes` decides who may get it (lawful_contents.py): one of article_terms.Promotes.
    """

    image_url: OptionalWebAddress = ""
    image_alt: Annotated[str, Field(max_length=500)] = ""
    image_width: Pixels | None = None
    image_height: Pixels | None = None
    url: OptionalLink = ""
    button: Annotated[str, Field(max_length=100)] = ""
    price: Annotated[str, Field(max_length=100)] = ""
    date: Annotated[str, Field(max_length=100)] = ""
    promotes: Literal["services", "goods", "campaign", "others"] = "services"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Community:
    """Links to ways of taking part, such as telling your story or joining a support group."""

    links: tuple[LabelledLink, ...] = ()


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Notice:
    """A notice such as “information, not advice”. Its text is in the title and body."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Social:
    """Links to the organisation's pages on social networks."""

    links: tuple[NetworkLink, ...] = ()


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Copyright:
    """Copyright and the terms of reuse. The text is in the title and body."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Corrections:
    """Where readers can report a factual error: an email address or a web page."""

    address: Annotated[str, Field(max_length=320), AfterValidator(_mail_or_web)]


BlockData = Appeal | Promotion | Community | Notice | Social | Copyright | Corrections

KINDS: Mapping[str, type[BlockData]] = {
    "appeal": Appeal,
    "promotion": Promotion,
    "community": Community,
    "notice": Notice,
    "social": Social,
    "copyright": Copyright,
    "corrections": Corrections,
}


# Without any content, the email shows nothing of these. The others have standard texts or need a value.
WRITTEN = frozenset({"appeal", "promotion", "community", "notice"})


def read_data(kind: str, data: object, *, name: str = "") -> BlockData:
    """Check the data of a block of this kind and return it. Raises Invalid with a sentence that names the key.

    It is a BlockDataError if values are wrong.
    """
    if kind not in KINDS:
        raise Invalid(f"“{kind}” is not a kind of block. The kinds are {', '.join(KINDS)}.")
    if not isinstance(data, Mapping):
        raise Invalid(f"The data of a “{kind}” block must be a table of keys and values.")
    try:
        return TypeAdapter[BlockData](KINDS[kind]).validate_python(_printable(dict(data)))
    except ValidationError as error:
        raise BlockDataError(error, _keys(KINDS[kind]), within=name or kind) from error


def require_something_to_show(kind: str, content: Iterable[object]) -> None:
    """Raise InvalidFields for a new block with an empty title, text and data, if the email would not show it."""
    if kind in WRITTEN and not any(content):
        raise InvalidFields({"title": "Enter a title. The email does not show an empty block."})


def _printable(value: Any) -> Any:
    """Return a value whose texts have no control characters, and none that turn round the words after them."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {key: _printable(each) for key, each in value.items()}
    return [_printable(each) for each in value] if isinstance(value, list | tuple) else value


def data_to_json(data: BlockData) -> dict[str, Any]:
    """Return the data as stored in the database. Amounts of money are stored as text, so that they stay exact."""
    document: dict[str, Any] = TypeAdapter(type(data)).dump_python(data, mode="json", exclude_defaults=True)
    return document


def data_keys(kind: str) -> list[str]:
    """Return the keys that a block of this kind can have besides its title, body and dates."""
    return [field.name for field in fields(KINDS[kind])]


def _keys(kind: type[BlockData]) -> dict[str, list[str]]:
    inner = {"amounts": Amount, "links": NetworkLink if kind is Social else LabelledLink}
    return {"": [field.name for field in fields(kind)]} | {
        key: [field.name for field in fields(value)] for key, value in inner.items()
    }
