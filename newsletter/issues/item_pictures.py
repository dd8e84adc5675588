"""The picture of an article in one issue: one that an editor uploads, another of the article's own, or none.

An uploaded picture becomes the same files as the pictures of articles.
"""

from collections.abc import Sequence

from django.utils import timezone

from newsletter.accounts.actor import ANY, Role, require_role
from newsletter.articles.article_keys import key_of
from newsletter.articles.find_articles import find_article
from newsletter.articles.pictures.fetch_pictures import NeededPicture, fetch_pictures
from newsletter.articles.pictures.limited_rewrite_process import OutOfTimeError, rewrite_apart
from newsletter.articles.pictures.models import OriginalPicture
from newsletter.articles.pictures.picture_candidates import Candidate, candidates
from newsletter.articles.pictures.picture_versions import ARTICLE, UnsuitableError
from newsletter.articles.pictures.store_pictures import originals_at, store_uploaded
from newsletter.errors import Invalid, Refused
from newsletter.issues.edit_issue_articles import check_item
from newsletter.issues.four_eyes import require_editor
from newsletter.issues.locked_draft import CHANGING, named, open_draft
from newsletter.issues.models import Issue, Item
from subscribers.clean_text import folded

LARGEST_UPLOAD = 15_000_000
LONGEST_NAME = 100
MEGABYTE = 1_000_000


class PictureChangedError(Refused):
    """Another picture was chosen, or described, since a form was opened. Nothing was stored."""


def uploaded_picture(data: bytes, places: frozenset[str] = ARTICLE, *, name: str = "") -> OriginalPicture:
    """Store a picture that an editor uploads, in the sizes for some places: without them, those of an article.

    `name` is that of the file, for errors. Raises Invalid with a sentence if the file cannot be shown in an email, and
    Refused unless an editor uploads it.
    """
    require_role(Role.AUTHOR, "Uploading a picture", publication=ANY)
    file = f"“{folded(name)[:LONGEST_NAME]}”" if name else "this picture"
    if len(data) > LARGEST_UPLOAD:
        raise Invalid(too_large(len(data), name))
    try:
        made = rewrite_apart(data, places)
    except UnsuitableError as error:
        raise Invalid(f"We cannot use {file}. {error} Choose another picture.") from error
    except OutOfTimeError as error:
        raise Invalid("We are still preparing other pictures. Try again in a minute.") from error
    return store_uploaded(data, made, timezone.now())


def too_large(size: int, name: str = "") -> str:
    """Return the sentence about an upload of this size in bytes, which is larger than a picture can be."""
    file = f"“{folded(name)[:LONGEST_NAME]}”" if name else "The picture"
    return (
        f"{file} is larger than {LARGEST_UPLOAD // MEGABYTE} MB (it is {size / MEGABYTE:.1f} MB). Make it smaller, "
        "then upload it again."
    )


def set_picture(
    issue: Issue, article: int, picture: OriginalPicture, alt: str, *, seen: str | None = None
) -> None:
    """Show an uploaded picture with an article in this issue, with a description for readers who cannot see it.

    `seen` is the `picture_version` that a form started from. Raises PictureChangedError if another picture was chosen
    since then, and Invalid without a description.
    """
    with open_draft(issue, role=Role.AUTHOR) as draft:
        item = draft.item(article)
        _require_as_seen(item, seen)
        if not alt.strip():
            raise Invalid(
                f"Describe the picture for {named(item)} in a few words, for readers who cannot see it."
            )
        _show(item, picture=picture, alt=alt)
        draft.did = f"Changed the picture for {named(item)}."


def choose_picture(issue: Issue, article: int, url: str, *, seen: str | None = None) -> None:
    """Show another of an article's own pictures in this issue, with the description that its source gives.

    It is fetched first where it has not been. Never call this inside a transaction. Raises Invalid if the article has
    no such picture, or if it cannot be shown.
    """
    require_editor(issue.publication, CHANGING, role=Role.AUTHOR)
    found = {each.url: each for each in candidates(find_article(article))}.get(url)
    if found is None:
        raise Invalid("The article no longer has this picture. Reload the page, then choose another picture.")
    fetch_pictures([NeededPicture((url,), ARTICLE)])
    original = originals_at([url]).get(url)
    if original is None or original.state != OriginalPicture.State.READY:
        reason = original.reason if original else ""
        raise Invalid(f"We cannot show this picture. {reason} Choose another picture.".replace("  ", " "))
    with open_draft(issue, role=Role.AUTHOR) as draft:
        item = draft.item(article)
        _require_as_seen(item, seen)
        _show(item, picture=original, alt=found.alt)
        draft.did = f"Chose another of the article’s pictures for {named(item)}."


def set_picture_alt(issue: Issue, article: int, alt: str) -> None:
    """Describe the picture of an article in this issue. An empty text restores the description of the source.

    Raises Invalid without a description of an uploaded picture.
    """
    with open_draft(issue, role=Role.AUTHOR) as draft:
        item = draft.item(article)
        if item.picture is not None and not item.picture.url and not alt.strip():
            raise Invalid(
                f"Describe the picture for {named(item)} in a few words, for readers who cannot see it."
            )
        _show(item, picture=item.picture, alt=alt.strip() or _alt_of_source(item))
        draft.did = f"Changed the picture description for {named(item)}."


def remove_picture(issue: Issue, article: int, *, seen: str | None = None) -> None:
    """Show an article without a picture in this issue."""
    with open_draft(issue, role=Role.AUTHOR) as draft:
        item = draft.item(article)
        _require_as_seen(item, seen)
        _show(item, picture=None, alt="", without=True)
        draft.did = f"Removed the picture from {named(item)}."


def restore_picture(issue: Issue, article: int, *, seen: str | None = None) -> None:
    """Show an article's own picture again, as its source describes it."""
    with open_draft(issue, role=Role.AUTHOR) as draft:
        item = draft.item(article)
        _require_as_seen(item, seen)
        _show(item, picture=None, alt="")
        draft.did = f"Restored the original picture for {named(item)}."


def alt_shown(item: Item) -> str:
    """Return the description of the picture as it is now: that of this issue, or else that of the source."""
    return item.picture_alt or alt_of_article(item, candidates(item.article))


def alt_of_article(item: Item, found: Sequence[Candidate]) -> str:
    """Return how the article describes the picture that an item shows, if the issue has not chosen another one."""
    if item.picture_id:
        return ""
    if item.article.picture_id:
        return item.article.image_alt
    return next((each.alt for each in found), "")


def picture_version(item: Item) -> str:
    """Return which picture an item shows and how, as a short text by which two choices are told apart."""
    shown = "none" if item.without_picture else str(item.picture_id or "site")
    return f"{shown} {key_of(item.picture_alt)}"


def _require_as_seen(item: Item, seen: str | None) -> None:
    """Raise PictureChangedError if a picture was chosen since a form was opened. None compares nothing."""
    if seen is not None and seen != picture_version(item):
        described = f" Its description is “{alt_shown(item)}”." if not item.without_picture else ""
        raise PictureChangedError(
            f"Somebody else has changed the picture for {named(item)} or its description since you opened "
            f"it. The page now shows the new picture.{described} To use yours, save again. If you chose a "
            "file, choose it again first."
        )


def _alt_of_source(item: Item) -> str:
    """Return how the source describes the chosen picture of an item; empty if none was chosen."""
    url = item.picture.url if item.picture else ""
    return next((each.alt for each in candidates(item.article) if url and each.url == url), "")


def _show(item: Item, *, picture: OriginalPicture | None, alt: str, without: bool = False) -> None:
    item.picture, item.picture_alt, item.without_picture = picture, folded(alt), without
    check_item(item)
    item.save(update_fields=["picture", "picture_alt", "without_picture"])
