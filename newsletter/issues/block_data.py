"""What each kind of standing block holds, as values that are checked in sentences."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Annotated, Any

from django.core.exceptions import ValidationError as DjangoError
from django.core.validators import validate_email
from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from newsletter.errors import Invalid
from newsletter.issues.validation_messages import shape_sentence
from newsletter.issues.validators import is_absolute_url, validate_link_url, validate_web_url

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
            raise ValueError("Write a mail address, or a page that begins with https://") from error
    return value


def _checked(value: str, rule: Callable[[str], None]) -> str:
    if value:
        try:
            rule(value)
        except DjangoError as error:
            raise ValueError(error.message) from error
    return value


Line = Annotated[str, Field(min_length=1, max_length=200)]
Link = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_link)]
OptionalLink = Annotated[str, Field(max_length=2000), AfterValidator(_link)]
OptionalWebAddress = Annotated[str, Field(max_length=2000), AfterValidator(_web)]
Money = Annotated[Decimal, Field(gt=0, le=1_000_000_000_000, decimal_places=2)]
Pixels = Annotated[int, Field(gt=0, le=5_000)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Amount:
    """A suggested gift, and where it is given."""

    amount: Money
    url: Link


@dataclass(frozen=True, kw_only=True, config=STRICT)
class LabelledLink:
    """A link of a community block."""

    label: Line
    url: Link


@dataclass(frozen=True, kw_only=True, config=STRICT)
class NetworkLink:
    """A page of ours on a social network."""

    network: Line
    url: Link


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Appeal:
    """Asks for money towards a target; more than that may be raised. `currency` is an ISO 4217 code."""

    target: Money | None = None
    raised: Annotated[Decimal, Field(ge=0, le=1_000_000_000_000, decimal_places=2)] = Decimal(0)
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "GBP"
    amounts: tuple[Amount, ...] = ()
    url: OptionalLink = ""
    button: Annotated[str, Field(max_length=100)] = ""
    tax_note: Annotated[str, Field(max_length=1000)] = ""

    @property
    def progress(self) -> float:
        """How full the bar is, from 0 to 1; full when the target is passed."""
        return min(1.0, float(self.raised / self.target)) if self.target else 0.0

    @property
    def percent(self) -> int:
        """What was raised in hundredths of the target, rounded down; over 100 when the target is passed."""
        return int(100 * self.raised / self.target) if self.target else 0


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Promotion:
    """A book, leaflet or event. `price` and `date` are text for the reader; sizes are CSS pixels."""

    image_url: OptionalWebAddress = ""
    image_alt: Annotated[str, Field(max_length=500)] = ""
    image_width: Pixels | None = None
    image_height: Pixels | None = None
    url: OptionalLink = ""
    button: Annotated[str, Field(max_length=100)] = ""
    price: Annotated[str, Field(max_length=100)] = ""
    date: Annotated[str, Field(max_length=100)] = ""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Community:
    """Ways to take part: tell your story, support groups."""

    links: tuple[LabelledLink, ...] = ()


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Notice:
    """A notice such as “information, not advice”: title and body say it."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Social:
    """Where else the organisation is found."""

    links: tuple[NetworkLink, ...] = ()


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Copyright:
    """Copyright and the terms of reuse: title and body say them."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Corrections:
    """Where a reader reports a factual error: a mail address or a web page."""

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


def read_data(kind: str, data: object, *, name: str = "") -> BlockData:
    """What a block of this kind holds. Raises Invalid with a sentence that names the key."""
    if kind not in KINDS:
        raise Invalid(f"“{kind}” is no kind of block; the kinds are {', '.join(KINDS)}.")
    if not isinstance(data, Mapping):
        raise Invalid(f"The data of a block of the kind {kind} is a table of keys and values.")
    try:
        return TypeAdapter[BlockData](KINDS[kind]).validate_python(dict(data))
    except ValidationError as error:
        raise Invalid(shape_sentence(error, _keys(KINDS[kind]), within=name or kind)) from error


def data_to_json(data: BlockData) -> dict[str, Any]:
    """What is kept in the database; amounts of money are kept exactly, as text."""
    document: dict[str, Any] = TypeAdapter(type(data)).dump_python(data, mode="json", exclude_defaults=True)
    return document


def data_keys(kind: str) -> list[str]:
    """The keys that a block of this kind may have beside its title, body and dates."""
    return [field.name for field in fields(KINDS[kind])]


def _keys(kind: type[BlockData]) -> dict[str, list[str]]:
    inner = {"amounts": Amount, "links": NetworkLink if kind is Social else LabelledLink}
    return {"": [field.name for field in fields(kind)]} | {
        key: [field.name for field in fields(value)] for key, value in inner.items()
    }
