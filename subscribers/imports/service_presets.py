"""The exports of other newsletter services: how each is recognised and what its columns mean.

After the files that the services' own export pages give out; every heading is compared by `column_aliases.plain_words`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from subscribers.imports.column_aliases import plain_words
from subscribers.imports.status_at_other_service import ImportStatus


@dataclass(frozen=True, slots=True)
class Preset:
    """A service: the headings that only its exports have together, and the targets of its columns."""

    name: str
    signature: frozenset[str]
    targets: Mapping[str, str]
    ignored: frozenset[str] = field(default_factory=frozenset)
    ignored_beginnings: tuple[str, ...] = ()
    # Columns in which any text is a yes: the reason why somebody unsubscribed.
    reasons: frozenset[str] = field(default_factory=frozenset)
    # What the service writes in a column, where its words mean something of their own.
    words: Mapping[str, Mapping[str, ImportStatus]] = field(default_factory=dict)

    def target_of(self, heading: str) -> str | None:
        """What a column becomes; None where the general rules decide."""
        words = plain_words(heading)
        if words in self.ignored or words.startswith(self.ignored_beginnings or ("\0",)):
            return "ignore"
        return self.targets.get(words)

    def decides(self, heading: str) -> bool:
        """Whether the service says what this column is."""
        return self.target_of(heading) is not None

    def holds_free_text(self, heading: str) -> bool:
        """Whether people write what they like in this column, such as that somebody must not be emailed."""
        return (self.target_of(heading) or "").removeprefix("attribute:") in FREE_TEXTS

    def fits(self, cells: Mapping[str, Sequence[str]]) -> bool:
        """Whether the headings, each with its first cells, are those of this service."""
        return self.signature <= cells.keys() and all(
            plain_words(cell) in words
            for heading, words in self.words.items()
            for cell in cells.get(heading, ())
        )


FREE_TEXTS = frozenset({"tags", "notes", "note", "labels"})
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
    Preset(
        "MailPoet",
        frozenset({"email", "subscription status", "global status"}),
        {"subscription status": "status", "global status": "status", "list": "attribute:list"},
    ),
    Preset(
        "Constant Contact",
        frozenset({"email address", "email status", "email permission status"}),
        {
            "email status": "status",
            "email permission status": "status",
            "created at": "joined",
            "confirmed opt out date": "left",
            "confirmed opt out reason": "attribute:reason_for_leaving",
            "email lists": "attribute:lists",
            "source name": "attribute:source",
        },
        frozenset({
            "updated at", "confirmed opt out source", "email update source", "opt in date", "opt out date source",
        }),
    ),
    Preset(
        "Campaign Monitor",
        frozenset({"email address", "consent to track"}),
        {"consent to track": "attribute:consent_to_track", "date subscribed": "joined", "subscribe date": "joined"},
    ),
    Preset(
        "HubSpot",
        frozenset({"record id", "email", "marketing contact status"}),
        {
            "unsubscribed from all email": "left",
            "marketing contact status": "status",
            "email hard bounce reason": "bounced",
            "lead status": "attribute:lead_status",
        },
        frozenset({"record id", "marketing contact until next update", "marketing contact status source name"}),
        reasons=frozenset({"email hard bounce reason"}),
    ),
    Preset(
        "phpList",
        frozenset({"email", "confirmed", "blacklisted", "uniqid"}),
        {"confirmed": "confirmed", "blacklisted": "blocked", "disabled": "blocked", "entered": "joined"},
        frozenset({
            "id", "optedin", "bouncecount", "modified", "uniqid", "uuid", "htmlemail", "subscribepage", "rssfrequency",
            "password", "passwordchanged", "extradata", "foreignkey",
        }),
    ),
    Preset(
        "CiviCRM",
        frozenset({"do not email", "do not mail"}),
        {
            "do not email": "left",
            "no bulk emails user opt out": "left",
            "is opt out": "left",
            "on hold": "status",
            "contact is in trash": "left",
            "contact is deleted": "left",
            "is deceased": "left",
            "deceased": "left",
        },
        frozenset({"do not mail", "do not phone", "do not sms", "do not trade"}),
        words={
            "on hold": {
                "": ImportStatus.ACTIVE,
                "0": ImportStatus.ACTIVE,
                "no": ImportStatus.ACTIVE,
                "1": ImportStatus.HARD_BOUNCE,
                "yes": ImportStatus.HARD_BOUNCE,
                "on hold bounce": ImportStatus.HARD_BOUNCE,
                "2": ImportStatus.LEFT,
                "on hold opt out": ImportStatus.LEFT,
            }
        },
    ),
    Preset(
        "Buttondown",
        frozenset({"email", "subscriber type", "creation date"}),
        {
            "subscriber type": "status",
            "creation date": "joined",
            "unsubscription date": "left",
            "unsubscription reason": "attribute:reason_for_leaving",
            "undeliverability date": "bounced",
            "undeliverability reason": "attribute:undeliverability_reason",
            "tags": "attribute:tags",
            "notes": "attribute:notes",
        },
        frozenset({"subscriber import id", "churn date"}),
    ),
    Preset(
        "Keila",
        frozenset({"email", "external id", "data", "status"}),
        {"data": "json", "status": "status", "external id": "ignore"},
        frozenset({"double opt in at"}),
    ),
    Preset(
        "Newsletter (WordPress)",
        frozenset({"email", "name", "surname", "status"}),
        {"name": "first_name", "surname": "last_name", "status": "status"},
        words={
            "status": {
                "": ImportStatus.UNCONFIRMED,
                "c": ImportStatus.ACTIVE,
                "s": ImportStatus.UNCONFIRMED,
                "u": ImportStatus.LEFT,
                "b": ImportStatus.HARD_BOUNCE,
                "p": ImportStatus.COMPLAINT,
            }
        },
    ),
)  # fmt: skip


def known_to_a_service(heading: str) -> bool:
    """Whether a heading is one of those by which the export of a service is recognised."""
    return any(plain_words(heading) in preset.signature for preset in PRESETS)


def recognise(headings: Sequence[str], cells: Sequence[Sequence[str]]) -> Preset | None:
    """Return the service whose export has these headings, with these first cells below each."""
    found = {plain_words(heading): below for heading, below in zip(headings, cells, strict=True)}
    return next((preset for preset in PRESETS if preset.fits(found)), None)
