"""Guesses the language of a text that uses Latin letters, by the words that every text in the language has.

Texts in Latin letters are also recognised where another script is expected. It says nothing about short texts, and
names a language only if the text clearly is in it, and not in the one expected.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from newsletter.preflight.quoted_words import without_quotations

FEWEST_WORDS = 12
# Words that both languages have do not count. These shares were measured with catalogues of translations.
_LEAST_SHARE, _TIMES_AS_MUCH = 0.15, 3
_FEWEST_DIFFERENT = 3
_WORD = re.compile(r"[^\W\d_]+")
# As in Carlos de la Cruz and Maria van der Berg.
_IN_NAMES = re.compile(
    r"(?<=\w )(?:(?:de|la|las|los|del|van|der|den|von|zu|da|do|dos|di|du|le|y|e) )+(?=[A-Z])"
)
_COMMON = {
    "en": """the of and to in is that for it on with as was are be this have from by at or not but they you we
        their has which one all were there been if more when will would who what about out up its into than them
        can only other some could these two may then do any my now over such our your how most people after also
        did many before must where through back years because those every each both between should during here
        us he she his her him had no so an i a""",
    "de": """der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus
        er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor
        zur bis mehr durch man sein wurde sei ihre ihren ihr wir uns unser unsere unserem unseren alle allen wenn
        kann können schon diese dieser diesem dieses jetzt gibt hier heute wieder seit unter zwischen gegen ohne
        niemand muss müssen sehr was wer wo ich du euch ihnen beim vom hinter neue neuen""",
    "fr": """le la les de des du et à un une dans en est que qui pour au aux par sur pas plus ne se ce cette ces il
        elle ils elles nous vous notre votre nos vos leur leurs avec sont a ont été être avoir mais ou où son sa ses
        sans sous tout tous toute toutes comme si même aussi bien peut fait faire entre depuis après avant chez
        lors très dont y l d qu c n s j m personne désormais""",
    "es": """el la los las de del y en un una que a por con para su sus se es no al lo como más pero este esta estos
        estas son fue ha han hay ser está están nos nuestro nuestra nuestros nuestras sin sobre entre cuando muy ya
        también todo todos toda todas desde hasta porque donde quien durante cada así otro otra les le te usted
        ustedes puede pueden si o e""",
    "it": """il lo la gli le di del della dei delle dello degli e è a in un una uno che per con non da dal dalla dai
        si sono al alla ai alle nel nella nei nelle sul sulla sui ha hanno come più ma anche questo questa questi
        queste ci nostro nostra nostri nostre loro suo sua suoi sue essere stato stata tutti tutte tutto quando
        dove chi perché ogni dopo prima fra tra senza molto può possono o ed l d un all dell nell""",
    "nl": """de het een en van in te dat op voor is met zijn die niet aan om er ook als door bij naar uit maar nog
        over wordt worden werd heeft hebben was waren kan kunnen dan meer al of tot zich deze dit onze ons wij we
        ze zij hun je jij u uw hij haar wie wat waar hoe geen nu zo veel alle alleen tussen tijdens zonder tegen
        onder sinds elke iedereen nieuwe moet moeten ik""",
    "pl": """i w z na do się że nie jest to o jak po za od przez dla przy ale co tak tym ich jego jej może są być
        był była było były czy które który która oraz już tylko także pod ze we aby lub gdy bez między przed nad
        nas nasz nasza nasze naszej naszych naszym można ten ta te tej tego tych każdy wszystkich wszystkie
        bardzo jeszcze więcej niż kiedy gdzie kto będzie będą mają ma a u ku proszę została
        został zostało zostały zostanie swoje swój swoją twoje twój twoja której którym których którzy
        jako gdyż przede każda każde""",
    "cy": """y yr ac a yn i o ar am gan at wrth dros drwy heb hyd mae maent oedd bydd byddwn bod wedi nid ni na ddim
        sy sydd eich ein eu ei fy hwn hon hyn hynny rydym ydy yw chi nhw pan lle pwy beth sut mwy cael gael wneud
        gwneud rhai pob bob holl pawb un dau dwy tair pedair gyda efo rhwng cyn ôl ers dan hefyd os ond neu fel
        felly wnaeth gall gallwch gallwn bellach oes r n ch u newydd""",
    "pt": """o os as de do da dos das e em no na nos nas um uma que para com por não se é ao à mais mas como foi são
        ser está estão tem têm seu sua seus suas nosso nossa nossos nossas pelo pela pelos pelas este esta isso
        também já muito quando sem sobre entre até depois todos todas você vocês pode podem ou a""",
    "da": """og i at er en et den det de til på som med for af ikke der han hun vi I jer os har var fra kan skal vil
        men om eller også efter ved mere nu alle denne dette disse deres sin sit sine blev bliver når hvor hvad""",
    "sv": """och i att är en ett den det de till på som med för av inte han hon vi ni oss har var från kan ska vill
        men om eller också efter vid mer nu alla denna detta dessa deras sin sitt sina blev blir när där hur vad""",
    "nb": """og i å er en et den det de til på som med for av ikke der han hun vi dere oss har var fra kan skal vil
        men om eller også etter ved mer nå alle denne dette disse deres sin sitt sine ble blir når hvor hva""",
}
_NAMES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "nl": "Dutch",
    "pl": "Polish",
    "cy": "Welsh",
    "pt": "Portuguese",
    "da": "Danish",
    "sv": "Swedish",
    "nb": "Norwegian",
}
# Languages that are not written in Latin letters.
_IN_OTHER_SCRIPTS = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "el": "Greek",
    "fa": "Persian",
    "he": "Hebrew",
    "hi": "Hindi",
    "ja": "Japanese",
    "ko": "Korean",
    "pa": "Punjabi",
    "ru": "Russian",
    "ta": "Tamil",
    "th": "Thai",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "zh": "Chinese",
}
_LAST_LATIN, _MOSTLY = "\u0250", 0.9
_ALIASES = {"no": "nb", "nn": "nb"}


def other_language(text: str, expected: str) -> str:
    """Return the language that a text seems to be in, if it is not the expected one, as a code such as `de`.

    Empty if the text is short, or if we do not know the expected language. What somebody quotes does not count.
    """
    expected = expected.partition("-")[0].lower()
    expected = _ALIASES.get(expected, expected)
    words = [word.lower() for word in _WORD.findall(_IN_NAMES.sub("", without_quotations(text)))]
    is_readable = expected in _COMMON or (expected in _IN_OTHER_SCRIPTS and _is_in_latin_script(words))
    if len(words) < FEWEST_WORDS or not is_readable:
        return ""
    count = Counter(words)
    language, only_there, only_expected = max(
        (
            (
                each,
                _total(count, _words_of(each) - _words_of(expected)),
                _total(count, _words_of(expected) - _words_of(each)),
            )
            for each in _COMMON
        ),
        key=lambda each: each[1] - each[2],
    )
    different = len((_words_of(language) - _words_of(expected)) & count.keys())
    is_clear = only_there >= _LEAST_SHARE * len(words) and only_there >= _TIMES_AS_MUCH * only_expected
    return language if is_clear and different >= _FEWEST_DIFFERENT else ""


def language_name(language: str) -> str:
    """Return the English name of a language, or its code if we have no name for it."""
    code = language.partition("-")[0].lower()
    return _NAMES.get(code) or _IN_OTHER_SCRIPTS.get(code) or language


def _is_in_latin_script(words: Sequence[str]) -> bool:
    """Return whether nearly all words are in Latin letters, and not only the names in a text in another script."""
    return sum(word[0] < _LAST_LATIN for word in words) >= _MOSTLY * len(words)


def _total(count: Counter[str], words: frozenset[str]) -> int:
    return sum(count[word] for word in words & count.keys())


@lru_cache(None)
def _words_of(language: str) -> frozenset[str]:
    return frozenset(_COMMON.get(language, "").lower().split())
