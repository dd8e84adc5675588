"""Where an `<img>` has its picture: in `src`, or in the attributes that scripts load it from later."""

import re
from collections.abc import Mapping

from newsletter.articles.html_and_text.judge_images import is_placeholder
from newsletter.http.clean_urls import followable

# Scripts that load images late keep the picture in the first of these, and a placeholder in `src`.
_LATE = (
    *(
        "data-src",
        "data-lazy-src",
        "data-original",
        "data-lazy",
        "data-lazyload",
        "data-original-src",
        "data-echo",
    ),
    *(
        "data-img-src",
        "data-hi-res-src",
        "data-full-src",
        "data-large-file",
        "data-orig-file",
        "data-image",
        "data-url",
    ),
)
_LATE_SETS = ("data-srcset", "data-lazy-srcset", "data-original-set")
IMAGE_ADDRESSES = ("src", "srcset", *_LATE, *_LATE_SETS)

_CANDIDATE = re.compile(r"\s*([^\s,]\S*[^\s,]|[^\s,])(?:\s+(\d{1,5}(?:\.\d+)?)([wx]))?\s*(?:,|\Z)")
_WIDTHS = re.compile(r"\s\d{1,5}w\s*(?:,|\Z)")
MAX_CANDIDATES = 30
LARGEST_WIDTH = 1600


def best_source(attributes: Mapping[str, str], base: str) -> str:
    """Return the address of the picture that an image shows in the end; empty if it shows none that can be followed."""
    late = [attributes[name] for name in _LATE if attributes.get(name)]
    late += [_widest(attributes[name]) for name in _LATE_SETS if attributes.get(name)]
    shown = [attributes.get("src", ""), _widest(attributes.get("srcset", ""))]
    if _WIDTHS.search(attributes.get("srcset", "")):
        shown.reverse()  # `src` is what a narrow screen loads
    found = [address for each in (*late, *shown) if each and (address := followable(each, base))]
    return next((each for each in found if not is_placeholder(each)), found[0] if found else "")


def _widest(candidates: str) -> str:
    """The largest of a `srcset` that an email has a use for: https://html.spec.whatwg.org/multipage/images.html#srcset-attribute."""
    if not candidates:
        return ""
    found = [each for each, _ in zip(_CANDIDATE.finditer(candidates), range(MAX_CANDIDATES), strict=False)]
    fitting = [each for each in found if each[3] != "w" or float(each[2]) <= LARGEST_WIDTH]
    widest = max(fitting, key=lambda each: float(each[2] or 1), default=None)
    if found and not widest:
        widest = min(found, key=lambda each: float(each[2] or 1))
    return widest[1] if widest else ""
