"""Apply the options of `newsletter issues edit`, in a fixed order and one transaction."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from newsletter.articles.pictures.models import OriginalPicture
from newsletter.errors import Invalid, NotFound
from newsletter.issues import edit_issue_articles, edit_issue_texts
from newsletter.issues.issue_pictures import fetch_issue_pictures
from newsletter.issues.item_pictures import (
    LARGEST_UPLOAD,
    restore_picture,
    set_picture,
    uploaded_picture,
)
from newsletter.issues.models import Issue
from newsletter.issues.recompose import recompose_issue
from subscribers.whole_numbers import whole_number

Act = Callable[[Issue, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """The changes asked for. The order of the fields is the order in which they are applied."""

    recompose: bool = False
    again: bool = False
    add: list[int] | None = None
    restore: list[int] | None = None
    drop: list[int] | None = None
    exclude: list[int] | None = None
    pin: list[int] | None = None
    unpin: list[int] | None = None
    section: list[str] | None = None
    lead: int | None = None
    move: list[str] | None = None
    headline: list[str] | None = None
    blurb: list[str] | None = None
    picture: list[str] | None = None
    alt: list[str] | None = None
    own_picture: list[int] | None = None
    subject: str | None = None
    preheader: str | None = None
    opening: str | None = None


def apply(issue: Issue, edits: Edits) -> None:
    """Apply all changes or none. Raises what the functions of issues/edit_issue_articles.py raise."""
    texts = {
        name: [_split(name, word) for word in getattr(edits, name) or ()] for name in ("headline", "blurb")
    }
    sections = [_split("section", word) for word in edits.section or ()]
    moves = [_split("move", word) for word in edits.move or ()]
    opening = None if edits.opening is None else _read(edits.opening)
    descriptions = dict(_split("alt", word) for word in edits.alt or ())
    nothing = Edits(again=edits.again)
    if edits == nothing:
        raise Invalid("Choose what to change. To see the options, run `newsletter issues edit --help`.")
    pictures = _pictures(edits, descriptions)
    with transaction.atomic():
        if edits.recompose:
            recompose_issue(issue)
        _choose(issue, edits)
        for article, title in sections:
            edit_issue_articles.move_to_section(issue, article, title)
        if edits.lead is not None:
            edit_issue_articles.make_lead(issue, edits.lead)
        for article, place in moves:
            edit_issue_articles.move(issue, article, to=_place(place))
        for article, text in texts["headline"]:
            edit_issue_articles.set_headline(issue, article, text)
        for article, text in texts["blurb"]:
            edit_issue_articles.set_blurb(issue, article, text)
        _show(issue, edits, pictures, descriptions)
        _write(issue, edits, opening)
    issue.refresh_from_db()
    if edits.recompose or edits.add or edits.restore or edits.own_picture:
        fetch_issue_pictures(issue)


def _pictures(edits: Edits, descriptions: dict[int, str]) -> dict[int, OriginalPicture]:
    """Return the uploaded picture of each article. It takes a moment, so it comes before the transaction."""
    files = dict(_split("picture", word) for word in edits.picture or ())
    for article in descriptions.keys() - files.keys():
        raise Invalid(f"--alt: use --picture {article}:FILE to say which picture this describes.")
    for article in files.keys() - descriptions.keys():
        raise Invalid(
            f"--picture: use --alt {article}:TEXT to describe the picture, for readers who cannot see it."
        )
    return {article: uploaded_picture(_bytes(name), name=Path(name).name) for article, name in files.items()}


def _show(
    issue: Issue, edits: Edits, pictures: dict[int, OriginalPicture], descriptions: dict[int, str]
) -> None:
    for article, picture in pictures.items():
        set_picture(issue, article, picture, descriptions[article])
    for article in edits.own_picture or ():
        restore_picture(issue, article)


def _choose(issue: Issue, edits: Edits) -> None:
    for article in edits.add or ():
        edit_issue_articles.add(issue, article, again=edits.again)
    for article in edits.restore or ():
        edit_issue_articles.restore_dropped(issue, article, again=edits.again)
    acts: list[tuple[list[int] | None, Act]] = [
        (edits.drop, edit_issue_articles.drop),
        (edits.exclude, edit_issue_articles.exclude_and_drop),
        (edits.pin, edit_issue_articles.pin),
        (edits.unpin, edit_issue_articles.unpin),
    ]
    for articles, act in acts:
        for article in articles or ():
            act(issue, article)


def _write(issue: Issue, edits: Edits, opening: str | None) -> None:
    if edits.subject is not None:
        edit_issue_texts.set_subject(issue, edits.subject)
    if edits.preheader is not None:
        edit_issue_texts.set_preheader(issue, edits.preheader)
    if opening is not None:
        edit_issue_texts.set_opening(issue, opening)


def _split(option: str, word: str) -> tuple[int, str]:
    article, colon, text = word.partition(":")
    number = whole_number(article.strip())
    if not colon or number is None:
        raise Invalid(f"--{option}: “{word}” is not valid. Give the article’s number, a colon and the value.")
    return number, text


def _place(text: str) -> int:
    number = whole_number(text.strip())
    if number is None:
        raise Invalid(f"--move: “{text}” is not a position. Give a number, counting from 1.")
    return number


def _bytes(name: str) -> bytes:
    try:
        with Path(name).open("rb") as file:
            return file.read(LARGEST_UPLOAD + 1)
    except FileNotFoundError as error:
        raise NotFound(f"--picture: the file {name} does not exist.") from error
    except OSError as error:
        raise Invalid(f"--picture: we could not read {name}: {error.strerror}.") from error


def _read(name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return data.decode("utf-8-sig")
    except FileNotFoundError as error:
        raise NotFound(f"--opening: the file {name} does not exist.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"--opening: we could not read {name} as UTF-8 text.") from error
