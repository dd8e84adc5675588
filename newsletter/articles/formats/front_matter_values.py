"""Read the values of a front matter, strictly: these files are the editor's own, so a mistake is named."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from newsletter.articles.formats.visibility_fields import says_no, says_yes
from newsletter.articles.html_and_text.judge_images import pixels
from newsletter.articles.incoming_article import Amendment, Citation, Image
from newsletter.articles.parse_dates import parse_date
from newsletter.articles.references.csl import cleaned_csl
from newsletter.articles.references.format_citation import citation_of_csl
from newsletter.errors import Invalid

KINDS = ("study", "report", "guideline", "response", "retraction")

LARGEST_NUMBER = 10**30

# Names as `_by_plain_name` spells them: in lower case, without hyphens and underscores.
_DATES = (
    *("date", "published", "publishedat", "publishedon", "publisheddate", "publishedtime", "pubdate"),
    *("datepublished", "publishdate", "dateposted", "posted", "postedat"),
)
_IMAGES = (
    *(
        "image",
        "cover",
        "coverimage",
        "featuredimage",
        "featureimage",
        "featured",
        "images",
        "heroimage",
        "hero",
    ),
    *(
        "leadimage",
        "header",
        "headerimage",
        "banner",
        "bannerimage",
        "teaser",
        "thumbnail",
        "thumb",
        "ogimage",
    ),
    *("socialimage", "shareimage", "previewimage", "postimage", "img"),
)
_ADDRESSES = (
    *("url", "path", "src", "file", "filename", "image", "feature", "teaser", "thumbnail", "thumb"),
    *("overlay_image", "og_image"),
)
_IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg)(?:[?#]|\Z)|\Ahttps?://", re.IGNORECASE)
# Where pages of Eleventy and its like are listed; readers do not see it.
_COLLECTIONS = frozenset({"all", "post", "posts"})


def words(value: Any) -> str:
    """Return a text, number or date as text, and an empty text for anything else."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return ""
    if isinstance(value, int) and abs(value) > LARGEST_NUMBER:
        return ""  # Python refuses to write out numbers of thousands of digits
    return str(value) if isinstance(value, int | float | date) else ""


def names(head: Mapping[str, Any], *keys: str) -> tuple[str, ...]:
    """The names under the first key that is there: a list, or one text with commas; people may be written `name: …`."""
    value = next((head[key] for key in keys if head.get(key)), None)
    if isinstance(value, str):
        return tuple(part.strip() for part in re.split("[,;]", value) if part.strip())
    parts = value if isinstance(value, list) else [value]
    found = (words(part.get("name") if isinstance(part, dict) else part) for part in parts)
    return tuple(name for name in found if name)


def topics(head: Mapping[str, Any]) -> tuple[str, ...]:
    """The topics: `topics`, else the categories and tags, also those of Zola's `taxonomies`.

    A text of `tags` or `categories` without commas holds one in each word, as Jekyll has it.
    """
    if head.get("topics"):
        return names(head, "topics")
    groups = (head, *(part for part in (head.get("taxonomies"),) if isinstance(part, dict)))
    found = (
        name.lstrip("#")
        for group in groups
        for key in ("categories", "category", "tags", "tag")
        for name in _of_taxonomy(group, key)
    )
    return tuple(name for name in found if name and name.lower() not in _COLLECTIONS)


def _of_taxonomy(head: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = head.get(key)
    if key in {"tags", "categories"} and isinstance(value, str) and not re.search(r"[,;]", value):
        return tuple(value.split())
    return names(head, key)


def moment(head: Mapping[str, Any], zone: tzinfo) -> datetime | None:
    """When the article was published; a date alone means midnight in `zone`. Raises Invalid for any other text."""
    plain = _by_plain_name(head)
    key = next((key for key in _DATES if plain.get(key) and not _is_answer(head[plain[key]])), "")
    if not key:
        return None
    key = plain[key]
    value = head[key]
    if not value:
        return None
    if isinstance(value, datetime):
        return _in_utc(value if value.tzinfo else value.replace(tzinfo=zone))
    if isinstance(value, date):
        return _in_utc(datetime(value.year, value.month, value.day, tzinfo=zone))
    found = parse_date(words(value), zone=zone)
    if not found:
        raise Invalid(
            f"we could not read `{key}` as a date: {words(value)[:60]!r}. "
            "Write it as 2026-03-31 or 2026-03-31T09:00:00+01:00."
        )
    return found


def _by_plain_name(head: Mapping[str, Any]) -> dict[str, str]:
    """The names of a front matter that have a value, by what they are without hyphens, underscores and spaces."""
    return {re.sub(r"[\s_-]", "", name): name for name in reversed(list(head)) if head[name]}


def _is_answer(value: Any) -> bool:
    """Whether a value says yes or no: `published` may be a date or an answer."""
    return says_yes(value) or says_no(value)


def image(head: Mapping[str, Any]) -> Image | None:
    """The lead image: an address alone, or `url` (or `path`), `alt`, `width` and `height`.

    Each generator and theme has a name of its own for it; what is neither a file of an image nor a web address is none.
    """
    plain = _by_plain_name(head)
    found = (_image(head[plain[name]]) for name in _IMAGES if name in plain)
    chosen = next((each for each in found if each), None)
    if chosen and not chosen.alt:
        told = (
            words(head[plain[name]]) for name in ("imagealt", "coveralt", "heroimagealt") if name in plain
        )
        chosen = replace(chosen, alt=next(filter(None, told), ""))
    return chosen


def _image(value: Any) -> Image | None:
    if isinstance(value, list):
        return next((each for part in value[:5] if (each := _image(part))), None)
    if isinstance(value, str):
        address = _address(value)
        return Image(url=address) if address else None
    if not isinstance(value, dict):
        return None
    address = next((given for key in _ADDRESSES if (given := _address(words(value.get(key))))), "")
    width, height = pixels(words(value.get("width"))), pixels(words(value.get("height")))
    alt = words(value.get("alt")) or words(value.get("image_alt"))
    return Image(url=address, alt=alt, width=width, height=height) if address else None


def _address(written: str) -> str:
    """The address of an image; Pelican writes `{static}` for the root of the site, and Obsidian brackets around it."""
    written = re.sub(r"\A\{(?:static|attach|photo)\}", "", written.strip().strip("![]\"'"))
    is_place = _IMAGE_FILE.search(written) or ("/" in written and " " not in written)
    return written if is_place and "{" not in written else ""


def citations(value: Any) -> tuple[Citation, ...]:
    """Read `references`: each a text or `kind`, `citation`, `url`, `doi`, `csl`. Raises Invalid naming a bad one."""
    return tuple(_citation(part, number) for number, part in enumerate(_listed(value, "references"), start=1))


def amendments(value: Any) -> tuple[Amendment, ...]:
    """The `corrections`: each `date` and `text`. Raises Invalid with the number of a wrong one."""
    return tuple(
        _amendment(part, number) for number, part in enumerate(_listed(value, "corrections"), start=1)
    )


def _listed(value: Any, name: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise Invalid(f"`{name}` must be a list. Begin each entry with a dash.")
    return value


def _citation(part: Any, number: int) -> Citation:
    if isinstance(part, str):
        return Citation(kind=KINDS[0], citation=part.strip())
    if not isinstance(part, dict):
        raise Invalid(f"entry {number} of `references` is empty. Add a `citation` to it.")
    kind = words(part.get("kind")).lower() or KINDS[0]
    if kind not in KINDS:
        raise Invalid(
            f"entry {number} of `references` has an unknown kind: {kind!r}. Change it to "
            f"{', '.join(KINDS[:-1])} or {KINDS[-1]}."
        )
    doi = words(part.get("doi")).removeprefix("https://doi.org/").removeprefix("doi:").strip()
    citation, url = words(part.get("citation")), words(part.get("url"))
    csl = _csl(part.get("csl"), number)
    if csl is not None:
        doi, url = doi or csl.get("DOI", ""), url or csl.get("URL", "")
    if csl is not None and not citation:
        return Citation(kind=kind, citation=citation_of_csl(csl), url=url, doi=doi, csl=csl, formatted=True)
    if not (citation or url or doi):
        raise Invalid(f"entry {number} of `references` is empty. Add a `citation` to it.")
    return Citation(kind=kind, citation=citation, url=url, doi=doi, csl=csl)


def _csl(given: Any, number: int) -> dict[str, Any] | None:
    """Read `csl`: an item of CSL-JSON, in which front matter can have numbers and dates where JSON has texts."""
    if given is None:
        return None
    csl = cleaned_csl(given)
    if csl is None:
        raise Invalid(f"`csl` in entry {number} of `references` must be a CSL-JSON item with a `title`.")
    return csl


def _amendment(part: Any, number: int) -> Amendment:
    told = part if isinstance(part, dict) else {}
    text, written = words(told.get("text")), told.get("date")
    found = parse_date(words(written)) if not isinstance(written, date) else written
    if not text or not found:
        raise Invalid(f"entry {number} of `corrections` needs a `date`, such as 2026-03-31, and a `text`.")
    return Amendment(corrected_on=found.date() if isinstance(found, datetime) else found, text=text)


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise Invalid("`date` must be between the years 1 and 9999 when it is converted to UTC.") from error
