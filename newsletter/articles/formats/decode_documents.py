"""Bytes into text: unpacked where a server did not say so, in the encoding they are in, whatever they claim."""

import codecs
import re
import zlib
from itertools import pairwise

from newsletter.errors import Invalid

LARGEST = 100_000_000

_SAMPLE = 65_536
_DECLARED = re.compile(
    rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})|<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]{1,40})""",
    re.IGNORECASE,
)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = ((b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_SUPERSETS = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-9": "cp1254",
}
_SHIFTING = frozenset({"iso2022_jp", "iso2022_kr", "hz"})
_REFUSED = frozenset(
    {"utf-7", "unicode_escape", "raw_unicode_escape", "punycode", "idna", "undefined", "utf-16", "utf-32"}
)
# cp-1251, win1251, windows 1251, x-cp1251; x-sjis, x-gbk; utf8mb4 of MySQL.
_MISSPELT = re.compile(
    r"(?:x-)?(?:cp|win|windows|ms)[-_ ]?(\d{3,4})\Z|x-([\w-]+)\Z|utf-?8mb[34]\Z", re.IGNORECASE
)
_FEW = 0.02
_BEYOND_ASCII = bytes(range(128, 256))
_PIECE = re.compile(rb"[^\x80-\xff<>\n]{0,40}[\x80-\xff][^<>\n]{0,400}")
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяё абвгдежзийклмнопрстуфхцчшщьюяіїєґ"
# The signs beyond ASCII of each language that is written in an encoding.
_SIGNS = {
    "cp1252": (
        "äöüß éèêëàâîïôùûüçœæÿ áéíóúñüºª ãõáâàéêíóôúçü àèéìòùî æøåéü åäöé áðéíóúýþæö ëïéèöüó àçèéíïòóúü áéíóúâêîôûŵŷ"
    ),
    "cp1250": "ąćęłńóśźż áčďéěíňóřšťúůýž áäčďéíĺľňóôŕšťúýž áéíóöőúüű ăâîşţ čćđšž ëç",
    "cp1254": "çğıöşüİâîû\u0307",
    "cp1255": "אבגדהוזחטיךכלםמןנסעףפץצקרשת",  # before the next, which explains each of these bytes too
    "cp1251": _CYRILLIC,
    "koi8_r": _CYRILLIC,
    "iso8859_7": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",
    "cp1257": "ąčęėįšųūž āčēģīķļņšūž äöõüšž",
}
_LATIN = frozenset({"cp1250", "cp1252", "cp1254", "cp1257"})
_PUNCTUATION = frozenset("“”„‘’‚«»‹›–—…•·€£§©®™°\xa0¿¡\xad")
_MOST = 0.9
_CLEARLY = 0.1
_MAX_MENDED = 50_000


def decoded(data: bytes, content_type: str = "") -> str:
    """Return the text of a document. Raises Invalid if it unpacks to more than 100 MB."""
    data = _unpacked(data)
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    for beginning, encoding in _WIDE:
        if data.startswith(beginning):
            return data.decode(encoding, "replace")
    declared = _declared(data, content_type)
    if declared and declared[0] in _SHIFTING:
        return data.decode(declared[0], "replace")
    for encoding in ("utf-8", *declared):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return _guessed(data)


def _unpacked(data: bytes) -> bytes:
    """What gzip packed, up to where it is damaged (RFC 1952)."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        unpacked = unpacking.decompress(data, LARGEST)
    except zlib.error as error:
        raise Invalid("The gzip data from the site is damaged. Try again later.") from error
    if unpacking.unconsumed_tail:
        raise Invalid(
            "The document from the site is larger than 100 MB when decompressed. Ask its publisher for "
            "a shorter feed."
        )
    return unpacked


def _declared(data: bytes, content_type: str) -> list[str]:
    """The encodings that the document and then its server claim, by Python's names and widened to what is meant."""
    beginning = data[:2048]
    inside = _DECLARED.search(beginning)
    claims = [(inside[1] or inside[2]).decode("ascii", "replace")] if inside else []
    if found := _CHARSET.search(content_type):
        claims.append(found[1])
    names = []
    for claim in claims:
        try:
            name = codecs.lookup(_MISSPELT.sub(_well_spelt, claim)).name
        except (LookupError, ValueError):
            continue
        if name not in _REFUSED:
            names.append(_SUPERSETS.get(name, name))
    return names


def _well_spelt(found: re.Match[str]) -> str:
    return f"cp{found[1]}" if found[1] else found[2] or "utf-8"


def _guessed(data: bytes) -> str:
    """UTF-8 with a few bytes of Windows among it, else what the bytes beyond ASCII in the whole document look like."""
    text = data.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    beyond_ascii = len(data) - len(data.translate(None, _BEYOND_ASCII))
    rights = beyond_ascii - wrong
    if rights > wrong and wrong <= min(max(3, beyond_ascii * _FEW), _MAX_MENDED):
        return data.decode("utf-8", "newsletter.windows")
    return data.decode(_likeliest(_telling(data)), "replace")


def _telling(data: bytes) -> bytes:
    """The pieces of a document that hold bytes beyond ASCII, of 65,536 bytes at most."""
    found: list[bytes] = []
    size = 0
    for piece in _PIECE.finditer(data):
        found.append(piece[0])
        size += len(piece[0])
        if size > _SAMPLE:
            break
    return b"\n".join(found)


def _likeliest(sample: bytes) -> str:
    """Windows-1252, unless one language of another encoding explains more of the signs beyond ASCII."""
    from charset_normalizer import from_bytes

    encoding = max(_SIGNS, key=lambda each: (_explained(sample, each), each == "cp1252"))
    if _explained(sample, encoding) >= _MOST:
        better = _explained(sample, encoding) - _explained(sample, "cp1252") > _CLEARLY
        return encoding if better else "cp1252"
    best = from_bytes(sample).best()
    return best.encoding if best else "cp1252"


def _explained(sample: bytes, encoding: str) -> float:
    """The share of the characters beyond ASCII that one language has, the best one of this encoding."""
    text = sample.decode(encoding, "replace")
    pairs = [
        (before, each)
        for before, each in pairwise(f" {text}")
        if not each.isascii() and each not in _PUNCTUATION
    ]
    if not pairs:
        return 1.0
    latin = encoding in _LATIN
    # A capital within a word, or two scripts in one, show that another encoding was meant.
    seen = [
        each.lower()[0]
        for before, each in pairs
        if not (each.isupper() and before.islower())
        and (latin or not (before.isascii() and before.isalpha()))
    ]
    return max(sum(each in signs for each in seen) / len(pairs) for signs in _SIGNS[encoding].split())


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Read a byte that is not UTF-8 as Windows-1252: it is most likely one of Windows' quotation marks or accents."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", "replace"), error.end


codecs.register_error("newsletter.windows", _as_windows)
