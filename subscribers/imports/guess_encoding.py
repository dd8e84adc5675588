"""The encoding of a file that does not declare one: UTF-8, else Windows-1252 unless another is clearly better.

A legacy encoding is judged by known headings first, then by how well the letters beyond ASCII fit one language. Lists
of people are short texts, in which statistics of whole languages tell little.
"""

import codecs
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from subscribers.imports.column_aliases import field_of

NUL_SHARE = 0.3  # of every second byte: ASCII text in UTF-16 has nearly all of them
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WESTERN = "windows-1252"
SAMPLE = 16_384
DELIMITERS = re.compile(r"[,;|\t]")
# The letters beyond ASCII of each language that is written in an encoding, in lower case.
ALPHABETS = {
    WESTERN: "äöüß éèêëàâîïôùûüçœæÿ áéíóúñü ãõáâàéêíóôúç àèéìòù æøåéü åäöé áðéíóúýþæö ëïéèöüó àçèéíïòóúü áéíóúâêîôûŵŷ",
    "cp1250": "ąćęłńóśźż áčďéěíňóřšťúůýž áäčďéíĺľňóôŕšťúýž áéíóöőúüű ăâîşţ čćđšž",
    "cp1254": "çğıöşüâîû\u0307",
    "cp1257": "ąčęėįšųūž āčēģīķļņšūž äöõüšž",
    "mac-roman": "äöüß éèêëàâîïôùûüçœæÿ áéíóúñü ãõáâàéêíóôúç àèéìòù æøåéü åäöé",
    "cp850": "äöüß éèêëàâîïôùûüçæÿ áéíóúñü ãõáâàéêíóôúç àèéìòù æøåéü åäöé",
}
# The letters that make up most of a text, by language; other letters of the alphabet fit as well.
FREQUENT = {
    "cp1251": "оеаинтсрвлкмья",
    "koi8-r": "оеаинтсрвлкмья",
    "cp866": "оеаинтсрвлкмья",
    "cp1253": "αοιετσνηυρπάίόςέ",
    "cp1255": "יוהלאםרבתשמןד",
    "cp1256": "اليمنرتبوهةدع",
    "cp874": "านรกเอวงมยสดท่ี",
}
# The first bytes of the characters that most texts are made of, and of their second bytes the lowest.
IDEOGRAPHS = {
    "cp932": ((0x82, 0x83), (0x88, 0x97), 0x40),
    "euc-jp": ((0xA4, 0xA5), (0xB0, 0xCF), 0xA1),
    "big5": ((0xA4, 0xC6), (0xA4, 0xC6), 0x40),
    "gb18030": ((0xB0, 0xD7), (0xB0, 0xD7), 0xA1),
    "cp949": ((0xB0, 0xC8), (0xB0, 0xC8), 0xA1),
}
NOT_LETTERS = frozenset("“”„‘’‚«»‹›–—…•·€£§©®™°\xa0¿¡\xad´`¨ªº")
APART = frozenset("§£¿¡´¨")  # never directly after a letter
WITHIN_WORDS = frozenset("’\xad‑")
FITS, FITS_IDEOGRAPHS, CLEARLY, BY_FAR = 0.9, 0.8, 0.1, 0.5
MOSTLY_FREQUENT, HANGUL, KANA = 0.5, 0.98, 0.2


def guess_encoding(head: bytes, *, is_cut: bool = False) -> str:
    """Return the name of the encoding, from the first bytes of a file. `is_cut`: the file is longer than that."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding
    pairs = max(1, len(head) // 2)
    if head[1::2].count(0) > NUL_SHARE * pairs:
        return "utf-16-le"
    if head[0::2].count(0) > NUL_SHARE * pairs:
        return "utf-16-be"
    foreign = [line for line in head.splitlines() if not line.isascii()]
    if is_cut and foreign:
        foreign = foreign[:-1]  # may be cut within a character
    odd = [line for line in foreign if not _is_utf_8(line)]
    if 2 * len(odd) <= len(foreign):
        return "utf-8"
    first = next((line for line in head.splitlines() if line.strip()), b"")
    is_of_old_mac = b"\r" in head and b"\n" not in head
    return _legacy(b"\n".join(odd)[:SAMPLE], first, is_of_old_mac=is_of_old_mac)


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _legacy(sample: bytes, first: bytes, *, is_of_old_mac: bool) -> str:
    known = {encoding: _known_headings(first, encoding) for encoding in _candidates()}
    most = max(known.values())
    if most > known[WESTERN]:
        return max(_candidates(), key=lambda encoding: (known[encoding], _fit(sample, encoding)))
    western = _fit(sample, WESTERN)
    if is_of_old_mac and _fit(sample, "mac-roman") - western > CLEARLY:
        return "mac-roman"
    for encoding in _candidates():
        least = FITS_IDEOGRAPHS if encoding in IDEOGRAPHS else FITS
        fit = _fit(sample, encoding)
        if encoding != WESTERN and fit - western > (CLEARLY if fit >= least else BY_FAR):
            return _best(sample)
    return WESTERN


def _best(sample: bytes) -> str:
    """The encoding that fits best; of equals the first, since it is the more usual one."""
    return max(
        _candidates(), key=lambda encoding: (round(_fit(sample, encoding), 2), _frequency(sample, encoding))
    )


def _frequency(sample: bytes, encoding: str) -> float:
    """The share of frequent letters, by which a script is told from another that has the same bytes."""
    letters = list(_letters(sample.decode(encoding, "replace"), is_latin=False))
    return sum(letter in FREQUENT.get(encoding, "") for letter in letters) / max(1, len(letters))


@cache
def _candidates() -> tuple[str, ...]:
    return (
        WESTERN,
        "cp949",
        *FREQUENT,
        *(each for each in IDEOGRAPHS if each != "cp949"),
        *list(ALPHABETS)[1:],
    )


def _known_headings(first: bytes, encoding: str) -> int:
    """How many of the headings beyond ASCII mean a field when they are read in this encoding."""
    cells = DELIMITERS.split(first.decode(encoding, "replace"))
    return sum(not cell.isascii() and field_of(cell.strip(' "\ufeff')) != "" for cell in cells)


def _fit(sample: bytes, encoding: str) -> float:
    """The share of the characters beyond ASCII that somebody could have meant, between 0 and 1."""
    if encoding in IDEOGRAPHS:
        return _fit_of_ideographs(sample, encoding)
    text = sample.decode(encoding, "replace")
    if encoding in FREQUENT:
        return _fit_of_script(text, FREQUENT[encoding])
    letters = list(_letters(text, is_latin=True))
    if not letters:
        return 1.0 if encoding == WESTERN else 0.0
    impossible = letters.count("\ufffd")
    best = max(sum(letter in alphabet for letter in letters) for alphabet in ALPHABETS[encoding].split())
    return max(0, best - impossible) / len(letters)


def _letters(text: str, *, is_latin: bool) -> Iterator[str]:
    """The signs beyond ASCII in lower case. One that cannot stand where it stands is the replacement character."""
    for before, sign, after in zip(f" {text}", text, f"{text[1:]} ", strict=False):
        if sign.isascii():
            continue
        is_within = before.isalpha() and (after.isalpha() or sign in APART)
        if sign in NOT_LETTERS and not (is_within and not _may_stand_within(before, sign, after)):
            continue
        is_odd = sign == "Ÿ" or sign in NOT_LETTERS or (sign.isupper() and before.islower())
        if not is_latin:
            is_odd = (
                is_odd or (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha())
            )
        yield "\ufffd" if is_odd else sign.lower()[0]


def _may_stand_within(before: str, sign: str, after: str) -> bool:
    """Whether a sign may stand within a word, as in “O’Brien” and the Catalan “Gal·la”."""
    return before.lower() == after.lower() == "l" if sign == "·" else sign in WITHIN_WORDS


def _fit_of_script(text: str, frequent: str) -> float:
    letters = list(_letters(text, is_latin=False))
    if not letters:
        return 0.0
    block = ord(frequent[0]) & ~0x7F
    in_script = sum(block - 0x80 <= ord(letter) < block + 0x100 for letter in letters) / len(letters)
    share = sum(letter in frequent for letter in letters) / len(letters)
    return in_script * min(1.0, share / MOSTLY_FREQUENT)


def _fit_of_ideographs(sample: bytes, encoding: str) -> float:
    """The share of the characters that are usual ones, and do not stand within a word in Latin letters."""
    (first_kana, last_kana), (first, last), lowest = IDEOGRAPHS[encoding]
    text = sample.decode(encoding, "replace")
    usual = kana = others = 0
    for before, sign in pairwise(f" {text}"):
        if sign.isascii():
            others += sign.isalpha() and before.isalpha() and not before.isascii()
            continue
        data = sign.encode(encoding, "replace")
        if len(data) == 2 and data[1] >= lowest and not (before.isascii() and before.isalpha()):  # noqa: PLR2004
            kana += first_kana <= data[0] <= last_kana
            usual += first <= data[0] <= last or first_kana <= data[0] <= last_kana
        others += 1
    if not usual:
        return 0.0
    share = usual / others
    if encoding == "cp949":
        return share if share >= HANGUL else 0.0
    return share if encoding != "euc-jp" or kana >= KANA * others else 0.0
