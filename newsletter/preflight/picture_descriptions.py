"""Recognises descriptions of pictures that do not help a reader who cannot see the picture."""

import re
from urllib.parse import unquote, urlsplit

from subscribers.phrases import shortened

LONGEST_USEFUL = 200
_LONGEST_QUOTED = 80
# What a picture is called in our languages.
_PICTURE = (
    r"(?:image|img|picture|pic|photo|photograph|graphic|icon|foto|fotografie|fotografía|bild|abbildung|imagen|immagine|"
    r"afbeelding|llun|ffotograff|zdjęcie|obraz|صورة)"
)
_GENERIC = re.compile(
    rf"(?:the |a |an )?(?:{_PICTURE}|untitled(?: \w+)?|banner|spacer|description|header|beschreibung|"
    r"chart|graph|map|diagram|figure|fig|infographic|thumbnail|headshot|portrait|illustration|logo image|"
    r"(?:add |insert |enter |your |the )?(?:alt|alternative)(?:[ -]?text)?(?: goes)?(?: here)?|"
    rf"(?:add |insert |enter |your )?(?:{_PICTURE} )?description(?: goes)?(?: here)?|describe (?:the|this) {_PICTURE}|"
    r"tbc|todo|placeholder|\W*\w?\W*)"
    r"[\s_-]*(?:\d*|\(\d+\))|(?:img|dsc|dscn|dscf|pxl|wp|whatsapp image)[\s_-]?\d[\d .:_-]*|[\d\s_.:-]+|[0-9a-f-]{16,}|"
    r"(?:screen ?shot|screen capture|bildschirmfoto|capture d[’']écran|captura de pantalla|schermata|schermafbeelding|"
    r"zrzut ekranu)(?:[\s\d.,:_()-]|\b(?:at|um|à|alle|om|a las|am|pm)\b)*",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(r"[\w .%()-]+\.(?:jpe?g|png|gif|webp|avif|svg|bmp|heic|tiff?)", re.IGNORECASE)
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_SAYS_PICTURE = re.compile(
    rf"(?:(?:this|here|it) is )?(?:(?:an?|the|this|ein|eine|das|une?|la|el|een|y) )?{_PICTURE}s? "
    r"(?:of|showing|shows|von|vom|mit|zeigt|de|des|du|d[’']|del|della|di|van|o|przedstawia)\b",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"(?:(?:photo(?:graph)?(?:y|er)?|picture|image|foto|bild|llun|crédit photo|crédits?|credits?|source|quelle|"
    r"fotograf|fotografie)(?: credit)?s?\s*(?::|/|©|by\b|von\b|par\b|gan\b|por\b|di\b)|©|\(c\)|copyright\b)",
    re.IGNORECASE,
)
_AGENCIES = re.compile(
    r"getty|shutterstock|unsplash|pexels|pixabay|istock|alamy|reuters|adobe stock|wikimedia|picture alliance|"
    r"\b(?:afp|dpa|pa media)\b",
    re.IGNORECASE,
)
_LINKING = frozenset(
    {"and", "und", "et", "y", "e", "i", "a", "ac", "von", "van", "de", "der", "for", "via", "by"}
)
_MOST_NAMES = 8
_FEWEST_WORDS = 3
# Words that are in the name of a file, but not in a description.
_OF_FILES = re.compile(
    r"\w*\d\w*|final|copy|draft|edit(?:ed)?|small|large|thumb(?:nail)?|cropped|web|neu|kopie"
)


def why_not_useful(alt: str, url: str = "", headline: str = "") -> str:
    """Return why a picture’s description does not help somebody who cannot see it, as a sentence; empty if it helps."""
    alt = alt.strip()
    says_picture = _SAYS_PICTURE.match(alt)
    beginning = says_picture[0] if says_picture else ""
    wrong = (
        (_GENERIC.fullmatch(alt), "does not say what the picture shows"),
        (_FILE_NAME.fullmatch(alt) or _is_name_of_file(alt, url), "is the name of a file"),
        (_URL.fullmatch(alt), "is an address"),
        (_is_credit(alt), "says who made the picture, but not what the picture shows"),
        (_repeats(alt, headline), "repeats the headline"),
        (beginning, f"begins with “{beginning}”. A screen reader already says that this is a picture"),
        (len(alt) > LONGEST_USEFUL, f"has {len(alt)} characters. Use at most {LONGEST_USEFUL}"),
    )
    why = next((words for is_wrong, words in wrong if is_wrong), "")
    return f"The description “{shortened(alt, _LONGEST_QUOTED)}” {why}." if why else ""


def _is_name_of_file(alt: str, url: str) -> bool:
    try:
        stem = unquote(urlsplit(url).path).rpartition("/")[2].rpartition(".")[0]
    except ValueError:
        return False
    said, named = _parts(alt), _parts(stem)
    if not said or said != named:
        return False
    is_one_word = " " not in alt and re.search("[-_]", alt) is not None
    return is_one_word or any(_OF_FILES.fullmatch(part) for part in said)


def _parts(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _is_credit(alt: str) -> bool:
    found = _CREDIT.match(alt)
    if not found and not _AGENCIES.search(alt):
        return False
    # Names are written with capitals. Other words may describe the picture.
    names = re.findall(r"[^\W\d_][\w’'.-]*", alt[found.end() :] if found else alt)
    return len(names) <= _MOST_NAMES and all(
        name[0].isupper() or name in _LINKING or _AGENCIES.fullmatch(name) for name in names
    )


def _repeats(alt: str, headline: str) -> bool:
    said, words = _parts(alt), _parts(headline)
    return bool(words) and words[: len(said)] == said and len(said) >= min(_FEWEST_WORDS, len(words))
