"""Read a folder of Markdown files with front matter, one article a file.

A file `site.toml` in the folder may say `base_url` (where the articles are published), `title`, `language`,
`author` and `zone` (the IANA zone of dates without one). Links and images resolve against an article's `url`, else
against `base_url`.
Raw HTML is never trusted: it is sanitised like everything else that comes in.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.subscript import sub_plugin
from mdit_py_plugins.superscript import superscript_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from newsletter.articles.formats.autolink_bare_urls import with_bare_links
from newsletter.articles.formats.decode_documents import decoded
from newsletter.articles.formats.front_matter import split_front_matter
from newsletter.articles.formats.front_matter_values import (
    amendments,
    citations,
    image,
    moment,
    names,
    topics,
    words,
)
from newsletter.articles.formats.markdown_limits import budgeted, why_too_much
from newsletter.articles.formats.site_generator_syntax import rendered_syntax, why_template
from newsletter.articles.formats.visibility_fields import is_hidden, public_from, public_until
from newsletter.articles.html_and_text.html_to_text import text_as_html
from newsletter.articles.incoming_article import IncomingArticle, Reading
from newsletter.articles.leave_out_unpublished import published_only
from newsletter.articles.parse_dates import parse_date
from newsletter.errors import Invalid, NotFound
from newsletter.http.clean_urls import absolute
from newsletter.http.markdown_with_idna_links import MarkdownParser
from subscribers.clean_text import folded

KIND = "markdown"

LARGEST = 1_000_000
MAX_FILES = 20_000
SITE_FILE = "site.toml"

_SUFFIXES = frozenset({".md", ".markdown", ".mdown"})
_HIDDEN_FOLDERS = frozenset({"draft", "drafts", "unpublished", "private", "trash", "wip", "node_modules"})
_FIRST_HEADING = re.compile(r"#[ \t]([^\n]*+)(?:\n|\Z)|([^\n#>\-*+`|]++)\n=++[ \t]*+(?:\n|\Z)")
_DATE_IN_NAME = re.compile(r"(?:^|(?<=/))(\d{4}[-_]\d{1,2}[-_]\d{1,2})(?:[-_ ]+([^/]+))?(?=[^/]*\Z)")
# What a generator computes an address from: `{{ title | slugify }}`, `/:year/:title/`, or a style such as `pretty`.
_ADDRESS_TEMPLATE = re.compile(r"\{\{|\{%|<%|(?:^|/):\w|\A(?:pretty|date|none|ordinal|weekdate)\Z")
_EMPTY_BEGINNING = re.compile(r"\A(?:[ \t]*+\n)++")
_CLOSING_MARKS = re.compile(r"(?:\A|(?<=[ \t]))#++\Z")
_MARKDOWN = budgeted(
    with_bare_links(
        MarkdownParser("commonmark")
        .enable(["table", "strikethrough"])
        .use(footnote_plugin)
        .use(deflist_plugin)
        .use(tasklists_plugin)
        .use(admon_plugin)
        .use(sub_plugin)
        .use(superscript_plugin)
    )
)


@dataclass(frozen=True, slots=True)
class Site:
    """What `site.toml` says of all articles in a folder."""

    base_url: str = ""
    title: str = ""
    language: str = ""
    author: str = ""
    zone: tzinfo = UTC


def read_folder(path: Path) -> Reading:
    """Return the public articles in a folder and below it, without README files, hidden files, and folders of drafts.

    The reading is complete: an article whose file is gone was withdrawn. So a file that cannot be read is an error, not
    a gap. Raises NotFound if the folder is missing, and Invalid, with file and field, if a file is wrong.
    """
    if not path.is_dir():
        raise NotFound(f"{path} is not a folder. Correct the source's location.")
    try:
        site = _site(path)
        articles = tuple(article for file in _files(path) if (article := _named_article(file, path, site)))
    except OSError as error:
        raise Invalid(f"{error.filename or path} cannot be read: {error.strerror}.") from error
    return published_only(
        Reading(kind=KIND, articles=articles, title=site.title, language=site.language, complete=True)
    )


def read_markdown(text: str, name: str, site: Site = Site()) -> IncomingArticle | None:
    """One article from the text of a file; `name` is its path in the folder. None if it is hidden. Raises Invalid."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    head, body = split_front_matter(text)
    if is_hidden(head):
        return None
    if why := why_too_much(body):
        raise Invalid(why)
    body = rendered_syntax(body, first_line=1 + text.count("\n") - body.count("\n"))
    for key in ("title", *_SUMMARIES):
        if why := why_template(words(head.get(key))):
            raise Invalid(f"`{key}` {why}")
    title, body = _title(words(head.get("title")), body)
    url = _url(head, name, site)
    published = moment(head, site.zone) or _date_in_name(name, site.zone)
    return IncomingArticle(
        url=url,
        guid=words(head.get("guid")) or words(head.get("id")) or name,
        title=title
        or _without_date(Path(name).stem).replace("-", " ").replace("_", " ").strip().capitalize(),
        html=rendered(body),
        summary_html=text_as_html(next((said for key in _SUMMARIES if (said := words(head.get(key)))), "")),
        base_url=url or site.base_url,
        published_at=published,
        authors=names(head, "authors", "author") or ((site.author,) if site.author else ()),
        topics=topics(head),
        language=words(head.get("language")) or words(head.get("lang")) or site.language,
        image=image(head),
        licence=words(head.get("licence")) or words(head.get("license")),
        rights=words(head.get("rights")) or words(head.get("copyright")),
        references=citations(head.get("references")),
        corrections=amendments(head.get("corrections")),
        public_from=public_from(head, site.zone) or published,
        public_until=public_until(head, site.zone),
    )


_SUMMARIES = ("standfirst", "summary", "description", "excerpt")


def _files(folder: Path) -> Iterator[Path]:
    found = 0
    for file in sorted(folder.rglob("*")):
        inside = file.relative_to(folder).parts
        hidden = any(part.startswith((".", "_")) for part in inside) or any(
            part.lower() in _HIDDEN_FOLDERS for part in inside[:-1]
        )
        if hidden or file.suffix.lower() not in _SUFFIXES or file.stem.lower() == "readme":
            continue
        if not file.is_file() or not file.resolve().is_relative_to(folder.resolve()):
            continue
        found += 1
        if found > MAX_FILES:
            raise Invalid(
                f"{folder} has more than {MAX_FILES:,} Markdown files. Split it into several sources."
            )
        yield file


def _named_article(file: Path, folder: Path, site: Site) -> IncomingArticle | None:
    name = file.relative_to(folder).as_posix()
    if file.stat().st_size > LARGEST:
        raise Invalid(
            f"{name}: the file is larger than 1 MB. Shorten it, or begin its name with `_` to leave it out."
        )
    try:
        return read_markdown(decoded(file.read_bytes()).lstrip("\ufeff"), name, site)
    except Invalid as error:
        raise Invalid(f"{name}: {error}") from error


def _site(folder: Path) -> Site:
    file = folder / SITE_FILE
    if not file.is_file():
        return Site()
    try:
        told: Mapping[str, Any] = tomllib.loads(decoded(file.read_bytes()))
        zone = ZoneInfo(words(told.get("zone")) or "UTC")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Invalid(f"{SITE_FILE}: the file is not valid TOML ({error}). Correct it.") from error
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Invalid(
            f"{SITE_FILE}: zone must be an IANA time zone, such as Europe/London. Correct it."
        ) from error
    base_url = words(told.get("base_url"))
    if base_url and not absolute(base_url):
        raise Invalid(
            f"{SITE_FILE}: base_url must be a web address such as https://example.org/. Correct it."
        )
    base_url = base_url if not base_url or base_url.endswith("/") else f"{base_url}/"
    return Site(
        base_url, words(told.get("title")), words(told.get("language")), words(told.get("author")), zone
    )


def _title(given: str, body: str) -> tuple[str, str]:
    """The title, and the body without a first heading that is it."""
    body = _EMPTY_BEGINNING.sub("", body)
    heading = _FIRST_HEADING.match(body)
    found = _CLOSING_MARKS.sub("", (heading[1] or heading[2] or "").strip()).strip() if heading else ""
    if not heading or not found:
        return given, body
    if given and folded(given).casefold() != folded(found).casefold():
        return given, body
    return given or _MARKDOWN.renderInline(found), body[heading.end() :]


def _url(head: Mapping[str, Any], name: str, site: Site) -> str:
    """`url` of the front matter, else `slug` or the file's name at the site's base; empty without a base."""
    given = (words(head.get(key)) for key in ("url", "permalink", "link"))
    if address := next((each for each in given if each and not _ADDRESS_TEMPLATE.search(each)), ""):
        return absolute(address, site.base_url)
    if not site.base_url:
        return ""
    place = words(head.get("slug")) or re.sub(r"(?:^|/)index$", "/", _without_date(name.rpartition(".")[0]))
    return absolute(quote(place.lstrip("/")), site.base_url) or site.base_url


def _date_in_name(name: str, zone: tzinfo) -> datetime | None:
    """The day with which the name of a post begins in Jekyll, Zola and their like: 2026-03-31-title.md."""
    found = _DATE_IN_NAME.search(name)
    return parse_date(found[1].replace("_", "-"), zone=zone) if found else None


def _without_date(place: str) -> str:
    return _DATE_IN_NAME.sub(lambda found: found[2] or found[0], place)


def rendered(body: str) -> str:
    """Return Markdown as HTML, which is not safe yet. Raises Invalid if it is nested too deeply."""
    try:
        return str(_MARKDOWN.render(body))
    except RecursionError as error:
        raise Invalid("the text is nested too deeply. Simplify its lists and quotations.") from error
