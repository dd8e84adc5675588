"""Tell pictures from what only decorates a page or counts readers, by the address, stated size and classes alone."""

import re
from urllib.parse import unquote

from newsletter.articles.incoming_article import Image

# A picture with a shorter side leads nothing: avatars, icons, buttons and thumbnails of thumbnails are smaller.
SMALLEST_SIDE = 100
LONGEST_EMOJI = 15
LONGEST_FORMULA = 80

_WHOLE_NUMBER = re.compile(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*\Z")
_PIXELS = re.compile(
    r"//(?:pixel\.(?:wp|quantserve|facebook)\.com/|stats\.wordpress\.com/|b\.scorecardresearch\.com/|pi\.feedsportal\.com/"
    r"|[\w.-]*feedburner\.com/~(?:r|ff|a)/|feeds\.feedblitz\.com/~/i/|[\w.-]*doubleclick\.net/|www\.google-analytics\.com/"
    r"|www\.facebook\.com/tr[/?]|da\.feedsportal\.com/|rss\.buysellads\.com/|[\w.-]*statcounter\.com/"
    r"|[\w.-]+\.met\.vgwort\.de/"
    r"|[^/]+/(?:[^?]*/)?(?:matomo|piwik)\.php\b"
    r"|counter\.theconversation\.com/)",
    re.IGNORECASE,
)
_LARGEST_PIXEL = 2
# Hosts and folders that hold faces of authors, signs and buttons, and nothing else.
_DECORATING_PLACES = re.compile(
    r"""//(?:[\w-]+\.)*(?:gravatar\.com|ggpht\.com|shields\.io|addtoany\.com|addthis\.com|pheedo\.com|badgen\.net)/
    |//avatars\d*\.|//(?:[\w-]+\.)*feedburner\.com/~|//feeds\.wordpress\.com/|//badges?\.|//s\.w\.org/images/core/
    |//(?:[\w-]+\.)*(?:paypalobjects\.com|buymeacoffee\.com|qrserver\.com|ko-fi\.com|liberapay\.com|quicklatex\.com|codecogs\.com)/
    |/latex\.php|/math/render/
    |/(?:avatars?|btns?|user_?avatars?|profile_images|profile_pics?|gravatars?|userpics?|e?moji|emojis|custom_emojis|twemoji
       |smil(?:ies|eys?|e)|emoticons?|icons?|favicons?|buttons?|badges?|bullets?|sprites?|spacers?|social-?icons?)/""",
    re.IGNORECASE | re.VERBOSE,
)
_DECORATION = (
    r"avatars?|gravatar|icons?|favicon|e?moji|emoticon|smil(?:ey|ie)|buttons?|btn|badge|bullet|sprite|logo"
    r"|qr-?code"
)
_SIGNS = r"rss|feed|share|twitter|facebook|linkedin|instagram|youtube|whatsapp|pinterest|bluesky|email|mystery-?man"
_PLACEHOLDER = (
    r"(?:[\w-]*-)?(?:spacer|placeholder|lazy-?load(?:ing|er)?|ajax-loader|spinner|no-?image|no-?photo|image-not-found"
    r"|1x1|default-(?:image|thumbnail|post|featured))(?:-[\w-]*)?"
    r"|blank|clear|transparent|trans|lazy|loading|loader|pixel|dot|empty|gr[ae]y|dummy|default|x|s"
)
_NUMBERED = r"(?:-?\d+(?:x\d+)?)?\Z"
# A word for a decoration is the whole name, its end, or the first of two.
_NAMED_AS_DECORATION = re.compile(
    rf"(?:[\w-]*-)?(?:{_DECORATION}){_NUMBERED}|(?:{_DECORATION})-[^-]+{_NUMBERED}|btn-[\w-]*\Z|apple-touch-icon|(?:{_SIGNS}){_NUMBERED}"
)
_NAMED_AS_PLACEHOLDER = re.compile(rf"(?:{_PLACEHOLDER}){_NUMBERED}")
_DECORATING_CLASS = re.compile(
    r"(?:\A|[\s_-])(?:wp-smiley|emoji|logo|latex|mathjax|formula|equation|ql-img|mwe-math|smiley|emoticon|avatar|gravatar|icon|favicon|spacer|button|badge|bullet|author-(?:image"
    r"|photo|pic)|profile-(?:image|photo|pic)|share|social|spinner)(?:\Z|[\s_-])",
    re.IGNORECASE,
)
_SMILEY = re.compile(r"(?:\A|\s)(?:wp-smiley|smiley|emoji|emoticon)(?:\Z|\s)", re.IGNORECASE)
_FORMULA = re.compile(
    r"(?:\A|\s)(?:latex|ql-img\S*|mwe-math\S*)(?=\s)|/latex\.php|quicklatex\.com|codecogs\.com/",
    re.IGNORECASE,
)
_SIZE_IN_ADDRESS = re.compile(r"(?<![\da-z])(\d{1,4})x(\d{1,4})(?![\da-z])", re.IGNORECASE)
_SIZE_ASKED = re.compile(r"[?&](?:s|sz|size|w|width|h|height)=(\d{1,4})(?:px)?(?=&|#|\Z)", re.IGNORECASE)


def is_picture(image: Image) -> bool:
    """Tell a picture from an avatar, an icon, an emoji, a button, a spacer, a placeholder and a tracking pixel."""
    if is_tracking_pixel(image) or is_placeholder(image.url) or _DECORATING_CLASS.search(image.marks):
        return False
    sides = [side for side in (image.width, image.height) if side is not None]
    if sides:
        if min(sides) < SMALLEST_SIDE:
            return False
        if len(sides) > 1 and min(sides) >= 2 * SMALLEST_SIDE:
            return True  # so large that its name does not matter
    return not _is_decoration(image.url)


def is_placeholder(address: str) -> bool:
    """Tell whether an image only stands where another one will be loaded, or where none is."""
    return address.lower().startswith("data:") or bool(_NAMED_AS_PLACEHOLDER.match(_name_in(address)))


def is_emoji(image: Image) -> bool:
    """Tell whether an image stands for an emoji: its description is that sign."""
    signs = image.alt.strip()
    return 0 < len(signs) <= LONGEST_EMOJI and not signs.isascii() and not any(map(str.isalnum, signs))


def stands_for_words(image: Image) -> bool:
    """Tell whether an image shows what its description says: a smiley, or a formula without commands of TeX."""
    if not 0 < len(image.alt) <= LONGEST_FORMULA or "\\" in image.alt:
        return False
    return bool(_SMILEY.search(image.marks) or _FORMULA.search(f"{image.marks} {image.url}"))


def pixels(value: str | int | None) -> int | None:
    """Return a width or height in CSS pixels; None if it is missing, relative or nonsense."""
    found = _WHOLE_NUMBER.match(str(value)) if value is not None else None
    return int(found[1]) or None if found else None


def is_tracking_pixel(image: Image) -> bool:
    """Tell whether an image is there to count readers and not to be seen."""
    sides = (image.width, image.height)
    return any(side is not None and side <= _LARGEST_PIXEL for side in sides) or bool(
        _PIXELS.search(image.url)
    )


def _is_decoration(address: str) -> bool:
    if _DECORATING_PLACES.search(address) or _NAMED_AS_DECORATION.match(_name_in(address)):
        return True
    path, _, query = address.partition("?")
    stated = [(int(found[1]), int(found[2])) for found in _SIZE_IN_ADDRESS.finditer(path)]
    if any(0 < max(sides) < SMALLEST_SIDE for sides in stated):
        return True
    return any(0 < int(found[1]) < SMALLEST_SIDE for found in _SIZE_ASKED.finditer(f"?{query}"))


def _name_in(address: str) -> str:
    """The name of the file in an address, in lower case, its words joined by hyphens."""
    path = address.partition("?")[0].partition("#")[0]
    name = unquote(path.rpartition("/")[2]).rpartition(".")[0] or path.rpartition("/")[2]
    return re.sub(r"[\s_.+@]+", "-", name.lower())
