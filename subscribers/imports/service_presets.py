"""The exports of other newsletter services: how each is recognised and what its columns mean.

After the files that the services' own export pages give out; every heading is compared by `headings.plain_words`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from subscribers.imports.column_aliases import plain_words


@dataclass(frozen=True, slots=True)
class Preset:
    """A service: the headings that only its exports have together, and the targets of its columns."""

    name: str
    signature: frozenset[str]
    targets: Mapping[str, str]
    ignored: frozenset[str] = field(default_factory=frozenset)
    ignored_beginnings: tuple[str, ...] = ()

    def target_of(self, heading: str) -> str | None:
        """What a column becomes; None where the general rules decide."""
        words = plain_words(heading)
        if words in self.ignored or words.startswith(self.ignored_beginnings or ("\0",)):
            return "ignore"
        return self.targets.get(words)


# What Substack counts about each person; its two exports of today name these alike.
SUBSTACK_FIGURES = (
    "emails", "email opens", "email receives", "email drops", "email last opened", "last email", "links", "link clicks",
    "post views", "posts", "comments", "shares", "days active", "unique", "web", "cancel date", "paid upgrade",
    "bestseller", "is bestseller", "activity", "expiration", "expires at", "revenue", "subscription source", "total",
    "first paid", "first payment", "last clicked", "subscriptions gifted", "receiving emails", "digest",
)  # fmt: skip

PRESETS = (
    Preset(
        "Mailchimp",
        frozenset({"email address", "leid", "euid"}),
        {
            "email address": "address",
            "optin time": "attribute:opted_in_at",
            "confirm time": "joined",
            "timezone": "zone",
            "unsub time": "left",
            "unsub reason": "attribute:reason_for_leaving",
            "clean time": "bounced",
            "tags": "attribute:tags",
            "notes": "attribute:notes",
            "cc": "attribute:country",
            "region": "attribute:region",
        },
        frozenset({
            "member rating", "optin ip", "confirm ip", "latitude", "longitude", "gmtoff", "dstoff", "last changed",
            "leid", "euid", "unsub campaign title", "unsub campaign id", "unsub reason other",
            "clean campaign title", "clean campaign id",
        }),
    ),
    Preset(
        "listmonk",
        frozenset({"uuid", "email", "name", "attributes", "status"}),
        {"attributes": "json", "created at": "joined", "status": "status", "subscription status": "status"},
        frozenset({"uuid", "updated at", "id"}),
    ),
    Preset(
        "Ghost",
        frozenset({"email", "subscribed to emails", "complimentary plan"}),
        {
            "subscribed to emails": "subscribed",
            "labels": "attribute:labels",
            "note": "attribute:note",
            "tiers": "attribute:tiers",
            "created at": "joined",
            "deleted at": "left",
        },
        frozenset({"id", "complimentary plan", "stripe customer id"}),
    ),
    Preset(
        "Substack",
        frozenset({"email", "active subscription", "email disabled"}),
        {
            "email disabled": "left",
            "created at": "joined",
            "plan": "attribute:plan",
            "active subscription": "attribute:paying",
        },
        frozenset({"expiry", "first payment at", "digest enabled", "digest expiry"}),
    ),
    Preset(
        "Substack",
        frozenset({"email", "stripe plan", "start date"}),
        {"start date": "joined", "type": "attribute:plan", "stripe plan": "ignore", "country": "attribute:country"},
        ignored_beginnings=SUBSTACK_FIGURES,
    ),
    Preset(
        "Substack",
        frozenset({"email", "subscription type", "subscription date"}),
        {
            "subscription date": "joined",
            "subscription type": "attribute:plan",
            "subscriber country": "attribute:country",
        },
        ignored_beginnings=SUBSTACK_FIGURES,
    ),
    Preset(
        "Brevo",
        frozenset({"email", "added time", "modified time"}),
        {
            "added time": "joined",
            "firstname": "first_name",
            "lastname": "last_name",
            "contact timezone": "zone",
            "email marketing": "status",
            "double opt in": "ignore",
            "sms": "attribute:phone",
        },
        frozenset({"contact id", "modified time", "ext id", "listids", "sms blacklisted", "sms marketing"}),
    ),
)  # fmt: skip


def known_to_a_service(heading: str) -> bool:
    """Whether a heading is one of those by which the export of a service is recognised."""
    return any(plain_words(heading) in preset.signature for preset in PRESETS)


def recognise(headings: Iterable[str]) -> Preset | None:
    """The service whose export has these headings."""
    words = {plain_words(heading) for heading in headings}
    return next((preset for preset in PRESETS if preset.signature <= words), None)
