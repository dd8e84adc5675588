"""Chooses the picture of each article, promotion and logo of an issue: our own copy, or that of its own site."""

import re
from collections.abc import Iterable, Sequence

from django.urls import reverse

from newsletter.articles.pictures import placeholder_picture
from newsletter.articles.pictures.models import OriginalPicture, PictureFile
from newsletter.articles.pictures.picture_candidates import Candidate, candidates
from newsletter.articles.pictures.picture_versions import PLACES
from newsletter.articles.pictures.store_pictures import originals_at, with_versions
from newsletter.issues.block_data import Promotion
from newsletter.issues.blocks_shown_in_email import Block
from newsletter.issues.models import Item, Publication
from newsletter.issues.page_urls import absolute_url
from newsletter.rendering.picture_sizes import ROOM, Picture, picture
from subscribers.clean_text import folded
from subscribers.phrases import counted, shortened

State = OriginalPicture.State
LONGEST_ALT = 300
_FILE_NAME = re.compile(r"[\w.%-]+\.(?:jpe?g|png|gif|webp|avif|svg|bmp)", re.IGNORECASE)
_NOT_A_WORD = re.compile(r"\W+")


def grey_areas_warning(html: str) -> str:
    """Return a sentence about the pictures for which a grey area stands in an email; empty if there are none."""
    count = html.count(f"/{placeholder_picture.NAME}")
    if not count:
        return ""
    pictures = counted(count, "picture has", "pictures have")
    return (
        f"{pictures} not been fetched yet, so readers would see a grey area instead. Fetch the missing "
        "pictures, or choose different pictures for the articles."
    )


def logo_warning(publication: Publication) -> str:
    """Return a sentence if emails cannot show the publication's logo, or an empty string if they can, or have none."""
    url = publication.logo_url
    if not url or publication.hotlink_pictures:
        return ""
    original = originals_at([url]).get(url)
    if original is not None and original.state == State.READY:
        return ""
    instead = "so emails show the publication’s name instead."
    if original is None or not original.reason:
        return f"The logo has not been fetched yet, {instead} Fetch the issue’s pictures."
    return f"We cannot show the logo, {instead} {original.reason}"


class EmailPictures:
    """The pictures of one issue, read with at most four queries, however many there are."""

    def __init__(self, publication: Publication, items: Sequence[Item], blocks: Iterable[Block]) -> None:
        self._publication = publication
        self._promotions = {block.name: block for block in blocks if isinstance(block.data, Promotion)}
        self._candidates = {item.pk: candidates(item.article) for item in items}
        self._known: dict[str, OriginalPicture] = {}
        self._uploaded: dict[int, OriginalPicture] = {}
        if not publication.hotlink_pictures:
            self._known = originals_at(self._urls())
        if uploaded := [key for item in items if (key := item.uploaded_picture)]:
            self._uploaded = {each.pk: each for each in with_versions().filter(pk__in=uploaded)}

    def of_item(self, item: Item, place: str) -> Picture | None:
        """Return the picture of an article, a grey area if it has not come yet, or None if there is none to show."""
        if item.without_picture:
            return None
        headlines = (item.headline or item.article.title, item.article.title)
        article = item.article
        if uploaded := item.uploaded_picture:
            alt = item.picture_alt or ("" if item.picture_id else article.image_alt)
            return _shown(self._uploaded[uploaded], place, alt_text(alt, *headlines))
        if self._publication.hotlink_pictures:
            size = article.image_width, article.image_height
            return picture(
                article.image_url,
                alt_text(item.picture_alt or article.image_alt, *headlines),
                size,
                ROOM[place],
            )
        found = self._chosen(item)
        if found is None:
            return None
        original = self._known.get(found.url)
        ready = (
            _shown(original, place, alt_text(item.picture_alt or found.alt, *headlines)) if original else None
        )
        return ready or _grey_area(place)

    def logo(self) -> Picture | None:
        """Return the logo, or None. Then the name of the publication is shown."""
        publication = self._publication
        size = publication.logo_width, publication.logo_height
        return self._of_publication(
            publication.logo_url, publication.logo_alt or publication.name, size, "logo"
        )

    def promotions(self) -> dict[str, Picture | None]:
        """Return the picture of each promotion, by the block's name."""
        return {name: self._promotion(block) for name, block in self._promotions.items()}

    def _promotion(self, block: Block) -> Picture | None:
        data = block.data
        assert isinstance(data, Promotion)
        size = data.image_width, data.image_height
        return self._of_publication(data.image_url, alt_text(data.image_alt, block.title), size, "promotion")

    def _of_publication(
        self, url: str, alt: str, size: tuple[int | None, int | None], place: str
    ) -> Picture | None:
        if self._publication.hotlink_pictures:
            return picture(url, alt, size, ROOM[place])
        original = self._known.get(url)
        return _shown(original, place, alt, size[0]) if original else None

    def _chosen(self, item: Item) -> Candidate | None:
        """Return the first picture of an article that is not known to be unsuitable."""
        for candidate in self._candidates[item.pk]:
            original = self._known.get(candidate.url)
            if original is None or original.state != State.UNSUITABLE:
                return candidate
        return None

    def _urls(self) -> set[str]:
        urls = {candidate.url for found in self._candidates.values() for candidate in found}
        promoted = {
            block.data.image_url for block in self._promotions.values() if isinstance(block.data, Promotion)
        }
        return (urls | promoted | {self._publication.logo_url}) - {""}


def items_without_description(publication: Publication, items: Sequence[Item]) -> list[Item]:
    """Return the printed items whose picture is shown and has no description for readers who cannot see it."""
    pictures = EmailPictures(publication, items, ())
    shown = ((item, pictures.of_item(item, "lead" if item.lead else "thumbnail")) for item in items)
    return [
        item
        for item, each in shown
        if each is not None and not each.alt and not each.url.endswith(f"/{placeholder_picture.NAME}")
    ]


def alt_text(alt: str, *headlines: str) -> str:
    """Return a picture's description; empty if it only repeats the headline, or is the name of a file.

    A screen reader would read the headline twice.
    """
    said = _words(alt)
    if not said or _FILE_NAME.fullmatch(alt.strip()):
        return ""
    if any(said == _words(each) for each in headlines):
        return ""
    return shortened(folded(alt), LONGEST_ALT)


def _words(text: str) -> str:
    return _NOT_A_WORD.sub(" ", text.casefold()).strip()


def _shown(original: OriginalPicture, place: str, alt: str, at_most: int | None = None) -> Picture | None:
    files: dict[str, PictureFile] = {version.place: version.file for version in original.versions.all()}
    if original.state != State.READY or place not in files:
        return None
    file, room = files[place], ROOM[place]
    tallest = PLACES[place].tallest * room * file.width / file.height
    width = max(1, min(room, at_most or room, file.width, round(tallest)))
    return Picture(
        url=url_of(file.name), alt=alt, width=width, height=max(1, round(width * file.height / file.width))
    )


def _grey_area(place: str) -> Picture:
    height = round(ROOM[place] * placeholder_picture.SHAPE)
    return Picture(url=url_of(placeholder_picture.NAME), alt="", width=ROOM[place], height=height)


def url_of(name: str) -> str:
    """Return the URL at which we serve a file. It is the same for every reader."""
    return absolute_url(reverse("media", args=[name]))
