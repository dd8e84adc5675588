"""Words of links that do not say where they lead, and descriptions of pictures that do not say what they show."""

import re

_LINKS = """
click here
here
more
read more
learn more
find out more
this
this link
link
read on
see more
details
continue
go
hier
mehr
weiterlesen
mehr lesen
hier klicken
klicken sie hier
ici
cliquez ici
en savoir plus
lire la suite
plus
aquí
haga clic aquí
leer más
más
qui
clicca qui
leggi di più
klik hier
lees meer
aqui
clique aqui
saiba mais
اضغط هنا
هنا
اقرأ المزيد
こちら
続きを読む
"""
_DESCRIPTION = re.compile(
    r"(?:the |a |an )?(?:image|img|picture|pic|photo|photograph|graphic|icon|foto|bild|imagen|immagine|screenshot|"
    r"untitled|banner|spacer|alt|alt text|image description|description)[\s_-]*\d*|"
    r"(?:img|dsc|dscn|pxl)[\s_-]?\d[\d_-]*|\d+|[\w.%-]+\.(?:jpe?g|png|gif|webp|avif|svg|bmp)|[0-9a-f-]{16,}",
    re.IGNORECASE,
)
_SAYS_NOTHING = frozenset(_LINKS.strip().splitlines())


def link_says_nothing(words: str) -> bool:
    """Return whether the words of a link do not say where it leads, such as “click here”."""
    return " ".join(re.findall(r"[\w']+", words.casefold())) in _SAYS_NOTHING


def description_says_nothing(alt: str) -> bool:
    """Return whether a picture’s description does not say what it shows, such as “image1”."""
    return _DESCRIPTION.fullmatch(alt.strip()) is not None
