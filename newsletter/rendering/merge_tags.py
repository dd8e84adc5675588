"""Merge tags mark what differs per person. An email has open tags such as `*|FIRST_NAME|*`, filled when it is sent.

Every value has two tags, because a provider inserts values as they are: one for HTML, where the value is escaped, and
one ending in `_TEXT` for the subject and text. No content can smuggle in a tag: while an email is rendered, tags are
written as words that nobody can guess. Then anything that looks like a tag is broken, and the words become tags.
"""

import re
import secrets
from dataclasses import replace
from html import escape
from typing import NamedTuple

from newsletter.errors import Invalid
from newsletter.issues.placeholders import NAMES
from newsletter.rendering.email import TAG, Email
from subscribers.clean_text import is_printable_ascii, name_on_one_line

# Only themes use the last one: it is the beginning of a link, to which an article and an answer are added.
TAGS = (*NAMES, "useful_url")
LONGEST_NAME = 80
LONGEST_URL = 2_000

WORD_JOINER = "\u2060"
_WORD = re.compile(r"tag[0-9a-f]{16}n\dx")


class MergeValues(NamedTuple):
    """The personal values of one reader. The URLs are absolute and signed for this reader alone.

    `useful_url` is the beginning of the links by which readers say whether an article is useful; an email without such
    links needs none.
    """

    unsubscribe_url: str
    preferences_url: str
    read_online_url: str
    first_name: str = ""
    useful_url: str = ""


def substitutions(person: MergeValues, fallback: str) -> dict[str, str]:
    """Return every merge tag and its value for this person, escaped for the place of the tag.

    `fallback` replaces a missing first name. Values contain no line breaks or control characters, and a name is cut at
    80 characters. Raises Invalid for a URL that is not http(s), has a space or is over 2,000 characters.
    """
    name = person.first_name
    if not (name.isalpha() and len(name) <= LONGEST_NAME):
        name = _clean_name(name) or _clean_name(fallback)
    unsubscribe, preferences, online = person.unsubscribe_url, person.preferences_url, person.read_online_url
    urls: tuple[str, ...] = (unsubscribe, preferences, online)
    if person.useful_url:
        urls = (*urls, person.useful_url)
    if not (_may_be_addresses("".join(urls)) and all(map(_is_web_address, urls))):
        raise Invalid(
            f"A personal link must be a single http or https URL of at most {LONGEST_URL:,} characters."
        )
    escaped = str if _means_nothing_in_html("".join((name, *urls))) else escape
    useful = person.useful_url
    answers = {"*|USEFUL_URL|*": escape(useful), "*|USEFUL_URL_TEXT|*": useful} if useful else {}
    return {
        **answers,
        "*|FIRST_NAME|*": escaped(name),
        "*|FIRST_NAME_TEXT|*": name,
        "*|UNSUBSCRIBE_URL|*": escaped(unsubscribe),
        "*|UNSUBSCRIBE_URL_TEXT|*": unsubscribe,
        "*|PREFERENCES_URL|*": escaped(preferences),
        "*|PREFERENCES_URL_TEXT|*": preferences,
        "*|READ_ONLINE_URL|*": escaped(online),
        "*|READ_ONLINE_URL_TEXT|*": online,
    }


def fill_tags(email: Email, person: MergeValues) -> Email:
    """Return the email as this person gets it, for transports that fill tags themselves. Raises as `substitutions`."""
    values = substitutions(person, email.first_name_fallback)
    subject, preheader, html, text = (
        "".join([values.get(piece, piece) for piece in pieces]) for pieces in email.pieces
    )
    return replace(email, subject=subject, preheader=preheader, html=html, text=text)


def fill_page(email: Email, person: MergeValues) -> str:
    """Return the main part of the issue's web page as this person sees it. Raises as `substitutions`."""
    values = substitutions(person, email.first_name_fallback)
    return "".join([values.get(piece, piece) for piece in TAG.split(email.page)])


# This runs for every reader. Plain string methods take a third of the time of regular expressions, and less if they
# check all values of a reader at once.
def _may_be_addresses(urls: str) -> bool:
    return is_printable_ascii(urls) and " " not in urls


def _is_web_address(url: str) -> bool:
    return len("https://") < len(url) <= LONGEST_URL and url.startswith(("https://", "http://"))


def _means_nothing_in_html(text: str) -> bool:
    return not ("&" in text or "<" in text or ">" in text or '"' in text or "'" in text)


def _clean_name(name: str) -> str:
    if (
        len(name) <= LONGEST_NAME
        and name.isprintable()
        and "|" not in name
        and "  " not in name
        and name == name.strip()
    ):
        return name
    return break_tags(name_on_one_line(name)[:LONGEST_NAME].strip())


def break_tags(text: str) -> str:
    """Return the text with every `*|` and `|*` split by an invisible word joiner, so that it contains no merge tag."""
    if "|" not in text:
        return text
    return text.replace("*|", f"*{WORD_JOINER}|").replace("|*", f"|{WORD_JOINER}*")


def looks_like_tag_word(text: str) -> bool:
    """Return whether the text has the form of a word that stands for a merge tag while an email is rendered."""
    return _WORD.fullmatch(text) is not None


def without_tag_words(text: str) -> str:
    """Return the text without such words."""
    return _WORD.sub("", text)


class OpenTags:
    """The words that stand for merge tags while one email is rendered. Nobody else can know them."""

    def __init__(self) -> None:
        # Fixed width, and no letter case or sign that Markdown, URLs or line breaking would treat specially.
        secret = secrets.token_hex(8)
        self.words = {name: f"tag{secret}n{number}x" for number, name in enumerate(TAGS)}
        self._name_of = {word: name for name, word in self.words.items()}

    def open_in_html(self, html: str) -> str:
        """Return the finished HTML with the words turned into tags. Tags that the content contained are broken."""
        return self._open(html, "")

    def open_in_text(self, text: str) -> str:
        """Do the same for subject, preheader and text."""
        return self._open(text, "_TEXT")

    def _open(self, text: str, ending: str) -> str:
        def tag(word: re.Match[str]) -> str:
            name = self._name_of.get(word[0])
            return word[0] if name is None else f"*|{name.upper()}{ending}|*"

        return _WORD.sub(tag, break_tags(text))
