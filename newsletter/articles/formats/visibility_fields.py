"""Read from the fields of a piece whether its own system shows it to everybody, and from when until when.

The fields are those of Jekyll, Hugo, Eleventy, Zola, Hexo, Pelican, Docusaurus, Obsidian and their like. A value counts
by what it means and not by how it is spelt: `false`, `no`, `off` and `0` are one answer.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from newsletter.articles.parse_dates import in_utc, parse_date
from newsletter.errors import Invalid

# Names as `_by_plain_name` spells them: in lower case, without hyphens and underscores.
_HIDING_NAMES = """
    draft isdraft drafts private isprivate hidden ishidden unlisted unpublished headless protected encrypted encrypt
    membersonly subscribersonly internal internalonly confidential embargoed archived isarchived expired deleted trashed
    exclude excluded excludefromfeed excludefromlist excludefromcollections eleventyexcludefromcollections
    nopublish donotpublish skip excludefromrss hidefromfeed hidefromrss hidefromlist nofeed norss
"""
_SHOWING_NAMES = """
    published publish ispublished dgpublish public ispublic visible isvisible listed permalink render output
    feed rss list infeed showinfeed
"""
_HIDING_IF_TRUE = frozenset(_HIDING_NAMES.split())
_HIDING_IF_FALSE = frozenset(_SHOWING_NAMES.split())
_HIDING_IF_PRESENT = frozenset(["password", "passwordhash", "postpassword", "redirectto"])
_STATES = frozenset(["status", "state", "poststatus", "workflow", "workflowstate", "visibility", "access"])
_NOT_PUBLIC = re.compile(
    r"""draft|entwurf|brouillon|borrador|bozza|rascunho|concept\Z|kladde|utkast|privat|priv[eé]|pend|review(?!ed)|hid(?:e|den)
    |unpublish|non?[ -]?publish|not[ -]publish|unlist|trash|delet|schedul|geplant|planned|embargo|expir|archiv|protect
    |password|encrypt|intern|confidential|member|paid|premium|subscriber|tiers|wip\Z|work\ in\ progress|in\ progress
    |.*\b(?:review|approval|unfinished|incomplete)\b|not\b|await|waiting|on\ hold|submitted\b|ready\ (?:for|to)\b
    |to\ be\b|ideas?\Z|todo|to\ do|future|skip|inherit|never|false|off\Z|no(?:ne|body)?\Z""",
    re.VERBOSE,
)
_BEGINNINGS = (
    "publishdate",
    "publishat",
    "publishon",
    "goesliveat",
    "embargo",
    "embargountil",
    "embargodate",
)
_DATES = ("date", "published", "publishedat", "publisheddate", "pubdate", "datepublished")
_ENDINGS = (
    *("expirydate", "expiry", "expires", "expiresat", "expireson", "expirationdate", "expiration"),
    *("unpublishdate", "unpublishat", "unpublishon", "unpublishedat", "publishuntil", "validuntil"),
)
_TRUE = frozenset({"true", "yes", "y", "on", "1", "always"})
_FALSE = frozenset({"false", "no", "n", "off", "0", "never", "none"})


def is_hidden(fields: Mapping[str, Any]) -> bool:
    """Tell whether the fields say that not everybody may read the piece, at whatever time."""
    told = _by_plain_name(fields)
    return (
        any(says_yes(told[name]) for name in _HIDING_IF_TRUE & told.keys())
        or any(says_no(told[name]) for name in _HIDING_IF_FALSE & told.keys())
        or any(_is_given(told[name]) for name in _HIDING_IF_PRESENT & told.keys())
        or any(_names_a_hidden_state(told[name]) for name in _STATES & told.keys())
        or _is_never_built(told)
    )


def public_from(fields: Mapping[str, Any], zone: tzinfo) -> datetime | None:
    """The moment from which the piece is public: what the fields say of publishing, else its date.

    Raises Invalid if a date that says so cannot be read, since the piece might be published too early.
    """
    told = _by_plain_name(fields)
    moments = [_moment(told, name, zone) for name in _BEGINNINGS if _is_given(told.get(name))]
    if not moments:
        moments = [_lenient_moment(told[name], zone) for name in _DATES if _is_given(told.get(name))][:1]
    return max((moment for moment in moments if moment), default=None)


def public_until(fields: Mapping[str, Any], zone: tzinfo) -> datetime | None:
    """The moment from which the piece is not public any more. Raises Invalid if such a date cannot be read."""
    told = _by_plain_name(fields)
    moments = [_moment(told, name, zone) for name in _ENDINGS if _is_given(told.get(name))]
    return min((moment for moment in moments if moment), default=None)


def says_yes(value: Any) -> bool:
    """Tell whether a value means yes, whatever its type."""
    return value is True or str(value).strip().lower() in _TRUE


def says_no(value: Any) -> bool:
    """Tell whether a value means no, whatever its type; an absent or empty one means nothing."""
    return value is False or str(value).strip().lower() in _FALSE - ({"none"} if value is None else set())


def _by_plain_name(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {re.sub(r"[\s_-]", "", str(name)).lower(): value for name, value in fields.items()}


def _is_given(value: Any) -> bool:
    return bool(str(value).strip()) and value is not None and not says_no(value) and value is not True


def _names_a_hidden_state(value: Any) -> bool:
    parts = value if isinstance(value, list) else [value]
    return any(
        part is False or (isinstance(part, str) and _NOT_PUBLIC.match(part.strip().lower().replace("_", " ")))
        for part in parts
    )


def _is_never_built(told: Mapping[str, Any]) -> bool:
    """Tell what Hugo's `build` says (`render` or `list` may be `never`), and Eleventy's `permalink: {build: false}`."""
    for name in ("build", "permalink"):
        options = told.get(name)
        if isinstance(options, Mapping) and any(
            says_no(options.get(each)) or str(options.get(each)).lower() == "link"
            for each in ("render", "list", "build")
        ):
            return True
    return False


def _moment(told: Mapping[str, Any], name: str, zone: tzinfo) -> datetime | None:
    found = _lenient_moment(told[name], zone)
    if found is None:
        raise Invalid(
            f"we could not read `{name}` as a date: {str(told[name])[:60]!r}. "
            "Write it as 2026-03-31 or 2026-03-31T09:00:00+01:00."
        )
    return found


def _lenient_moment(value: Any, zone: tzinfo) -> datetime | None:
    try:
        if isinstance(value, datetime):
            return in_utc(value if value.tzinfo else value.replace(tzinfo=zone))
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) - timedelta(days=1)
    return parse_date(str(value), zone=zone)
