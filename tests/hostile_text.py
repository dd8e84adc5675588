"""Text as it comes from outside at its worst, text of many scripts, and readers of headers that are not ours."""

import random
import re
from base64 import b64decode
from email.header import decode_header, make_header

from tests import full

WORD = re.compile(r"=\?([^?*]+)(?:\*[^?]*)?\?([bqBQ])\?([^? ]*)\?=")
# Letters of twenty scripts, most with their marks.
SCRIPTS = {
    "Latin": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "Polish": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ",
    "Vietnamese": "ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽ",
    "Greek": "αβγδεζηθικλμνξοπρστυφχψωάέήίόύώ",
    "Cyrillic": "абвгдежзийклмнопрстуфхцчшщъыьэюяіїґў",
    "Armenian": "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ",
    "Georgian": "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
    "Hebrew": "אבגדהוזחטיכלמנסעפצקרשתָּ",
    "Arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي\u0651\u064e\u200f",
    "Persian": "اآبپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی\u200c\u200d",
    "Devanagari": "अआइईउकखगघचछजझटठडढणतथदधनपफबभमयरलवशषसह\u093e\u093f\u0940\u094d\u200d",
    "Bengali": "অআইকখগঘচছজটডতথদধনপফবভমযরলশষসহ\u09be\u09bf\u09cd",
    "Tamil": "அஆஇகஙசஞடணதநபமயரலவழளறன\u0bbe\u0bbf\u0bcd",
    "Thai": "กขคงจฉชซญดตถทธนบปผฝพฟมยรลวศสหอ\u0e31\u0e34\u0e48",
    "Khmer": "កខគឃងចឆជឈញតថទធនបផពភមយរលវសហ\u17b6\u17d2",
    "Tibetan": "ཀཁགངཅཆཇཉཏཐདནཔཕབམ\u0f72\u0f74\u0f0b",
    "Ethiopic": "ሀለሐመሠረሰሸቀበተቸነኘአከወዘየደገጠ",
    "Hangul": "가나다라마바사아자차카타파하뉴스소식",
    "Han": "新聞報導今日健康研究會議潮汐港口",
    "Kana": "あいうえおかきくけこアイウエオ、。ー\u3000",
}
CLUSTERS = [
    "👩‍👩‍👧‍👦",
    "❤️‍🔥",
    "🏳️‍🌈",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "🎗️",
    "می‌خواهم",
    "क्‍ष",
    "e\u0301\u0323",
]
PUNCTUATION = [*list(" .,;:!?()[]<>@\"\\'’“”–—…&%$#=_+*/|{}~^`-"), "=?", "?=", "  ", "\xa0", "\u202f", "\xad"]
INJECTIONS = [
    "=?utf-8?q?x=0d=0aReply-To=3ae=40evil=2eio=0d=0a=0d=0ahttp=3a//evil=2eio?=",
    "=?utf-8?b?eA0KUmVwbHktVG86ZUBldmlsLmlvDQoNCmh0dHA6Ly9ldmlsLmlv?=",
    "=?UTF-8?Q?=0ABcc:evil@e.example?=",
    "=?iso-8859-1*en?q?=0d=0aBcc=3a_x?=",
    "=?utf-16?b?AA0ACgBCAGMAYwA6?=",
    "=?unknown-8bit?q?=0d=0a.=0d=0a?=",
    "=?utf-8?q?=00=e2=80=a8?=",
    "\r\nBcc: victim@example.org\r\n\r\n<script>alert(1)</script>",
    "\nBcc: victim@example.org",
    "\rBcc: victim@example.org",
    "\r.\r",
    "\r\n.\r\nMAIL FROM:<evil@e.example>\r\n",
    "\r\n--=_part\r\nContent-Type: text/html\r\n\r\n<b>evil</b>",
    "--=_part--",
    "\x00\x07\x1b[2J\x7f",
    "\x80\x85\x9f\u2028Bcc: x\u2029",
    "\u202eoi.live@ecilA\u202c",
    "\u2066\u2067\u2068\u2069\u202a\u202b\u202d",
    '" <evil@e.example>, "',
    "x@evil.example, y",
    "*|UNSUBSCRIBE_URL|*",
    "*|FIRST_NAME_TEXT|*|*",
    "{{ first_name }}{% raw %}",
    '<a href="https://evil.example">x</a>&amp;',
    "\ud800\udfff",
    "\ufdd0\uffff",
    "=",
    "?",
    "=?",
    "?=",
]


def dice():
    """Random numbers that a failing run prints the seed of; see tests/full.py."""
    return random.Random(full.SEED)


def a_text(dice, *, longest=12):
    """A subject or name of some words in one or two scripts, with emoji and punctuation; its ends are no spaces."""
    emails = "".join(SCRIPTS[name] for name in dice.sample(sorted(SCRIPTS), dice.choice([1, 1, 2])))
    words = []
    for _ in range(dice.randint(1, longest)):
        word = "".join(dice.choices(emails, k=dice.randint(1, 11)))
        extra = dice.choice([*CLUSTERS, *PUNCTUATION]) if dice.random() < 0.3 else ""
        words.append(word + extra)
    return " ".join(words).strip()


def a_hostile_text(dice):
    """Text that wants to be a header, a body or a command; now and then 5,000 characters long."""
    pieces = [
        dice.choice([dice.choice(INJECTIONS), a_text(dice, longest=3)]) for _ in range(dice.randint(1, 5))
    ]
    text = dice.choice(["", " "]).join(pieces)
    return (text * (5_000 // len(text) + 1))[:5_000] if dice.random() < 0.03 else text


def decoded(value):
    """What RFC 2047 says that a header value means; written apart from Python's own decoder."""
    pieces = re.split(r"[ \t]+", re.sub(r"\r?\n(?=[ \t])", "", value))
    found, was_word = "", False
    for number, piece in enumerate(pieces):
        word = WORD.fullmatch(piece)
        if number and not (word and was_word):
            found += " "
        found += _meaning(word) if word else piece
        was_word = word is not None
    return found


def decoded_by_python(value):
    """The same by the decoder of Python's standard library."""
    return str(make_header(decode_header(re.sub(r"\r?\n(?=[ \t])", "", value))))


def _meaning(word):
    charset, encoding, text = word.groups()
    if encoding in "bB":
        return b64decode(text, validate=True).decode(charset)
    octets = re.sub(r"=([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), text.replace("_", " "))
    return octets.encode("latin-1").decode(charset)
