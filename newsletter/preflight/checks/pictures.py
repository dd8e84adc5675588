"""Check that the pictures of the email can be shown, and are described for readers who cannot see them."""

from collections.abc import Iterator

from newsletter.articles.pictures.models import OriginalPicture
from newsletter.issues.issue_pictures import pictures_of_items
from newsletter.preflight.checked_issue import CheckedIssue, at_item, title_of, words_of
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule, Thing
from newsletter.rendering.choose_pictures import grey_areas_warning, items_without_description, logo_warning

CHECK = "pictures"
OURS = Basis("What we know about the pictures")
MISSING = Rule(
    "pictures.missing",
    "We cannot show a picture",
    Level.WARNING,
    "Readers see a grey area, or nothing, instead of the article’s picture.",
    "Fetch the missing pictures, or choose a different picture for the article.",
    OURS,
)
NOT_DESCRIBED = Rule(
    "pictures.not-described",
    "A picture has no description",
    Level.WARNING,
    "Readers who cannot see the picture, or whose mail program does not load it, cannot know what it shows.",
    "Describe the picture in a few words.",
    Basis(
        "WCAG 2.2, success criterion 1.1.1",
        "https://www.w3.org/TR/WCAG22/#non-text-content",
        "November 2026",
    ),
)
LOGO = Rule(
    "pictures.logo",
    "We cannot show the logo",
    Level.WARNING,
    "The email shows the publication’s name instead.",
    "Fetch the missing pictures, or choose a different logo.",
    OURS,
)
RULES = (MISSING, NOT_DESCRIBED, LOGO)
_FAULTY = (OriginalPicture.State.FAILED, OriginalPicture.State.UNSUITABLE)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Name the pictures that cannot be shown, and those without a description."""
    missing = list(_missing(checked))
    yield from missing
    yield from NOT_DESCRIBED.found_in_each(
        [*_articles_without_description(checked), *_promotions_without_description(checked)],
        one="The picture for “{title}” has no description for readers who cannot see it.",
        several="{count} pictures have no description for readers who cannot see them.",
    )
    yield from _not_described_in_texts(checked)
    if sentence := logo_warning(checked.publication):
        yield LOGO.found(sentence, Place("settings", "look"))
    grey = grey_areas_warning(checked.email.html) if checked.email else ""
    if grey and not missing:
        yield MISSING.found(grey, Place("contents"))


def _articles_without_description(checked: CheckedIssue) -> list[Thing]:
    items = items_without_description(checked.publication, checked.items)
    return [Thing(title_of(item), at_item(item, "alt")) for item in items]


def _promotions_without_description(checked: CheckedIssue) -> list[Thing]:
    pictures = checked.contents.pictures if checked.contents else {}
    return [
        Thing(block.title or block.name, checked.places.block(block))
        for block in checked.blocks
        if (picture := pictures.get(block.name)) is not None and not picture.alt
    ]


def _not_described_in_texts(checked: CheckedIssue) -> Iterator[Finding]:
    """Name the pictures that somebody put into the introduction or the text of a block."""
    titles = {checked.places.block(block): block.title or block.name for block in checked.blocks}
    for picture in checked.pictures:
        is_in_text = any(
            "md" in (each.get("class") or "").split() for each in picture.element.iterancestors()
        )
        # A link that contains only this picture is a finding of its own.
        links = [each for each in picture.element.iterancestors("a") if not words_of(each)]
        if is_in_text and picture.alt is not None and not picture.alt.strip() and not links:
            where = titles.get(picture.place)
            what = f"A picture in {f'“{where}”' if where else 'the introduction'} has no description."
            yield NOT_DESCRIBED.found(what, picture.place, position=picture.position)


def _missing(checked: CheckedIssue) -> Iterator[Finding]:
    if checked.publication.hotlink_pictures:
        return
    places = {item.article_id: at_item(item) for item in checked.items}
    yield from MISSING.found_in_each(
        [
            Thing(each.headline, places[each.article], each.reason or "It has not been fetched yet.")
            for each in pictures_of_items(checked.items)
            if each.state in _FAULTY and each.article in places
        ],
        one="We cannot show the picture for “{title}”. {note}",
        several="We cannot show the pictures for {count} articles.",
    )
