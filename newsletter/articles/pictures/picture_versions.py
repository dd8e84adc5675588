"""The versions that a picture gets, and the places that they are for. Importing this imports no decoder."""

from dataclasses import dataclass


class UnsuitableError(Exception):
    """The file is not a picture that we can show; the message is a sentence about it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture is shown. `tallest` is the maximum height, as a share of the width.

    A photo that is too tall is cropped, and a graphic gets margins, unless the place shows the whole picture: then it
    is made narrower. Sizes are pixels of the file, of which a screen may use two for each CSS pixel.
    """

    width: int
    tallest: float
    is_whole: bool = False


PLACES = {
    "lead": Place(1_200, 3 / 4),
    "thumbnail": Place(400, 1),
    "promotion": Place(960, 5 / 4, is_whole=True),
    "logo": Place(480, 1 / 2, is_whole=True),
}
ARTICLE = frozenset({"lead", "thumbnail"})


@dataclass(frozen=True, slots=True)
class Version:
    """A file for one place. `ending` is jpg or png."""

    place: str
    ending: str
    width: int
    height: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The versions of a picture, and the size in pixels of the picture that they were made from."""

    width: int
    height: int
    versions: tuple[Version, ...]
