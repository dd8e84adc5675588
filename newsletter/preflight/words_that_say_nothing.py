"""Words of links that do not say where they lead."""

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
cliciwch yma
yma
mwy
rhagor
darllen mwy
darllenwch fwy
darllen rhagor
dysgu mwy
mwy o wybodaeth
gweler mwy
اضغط هنا
هنا
اقرأ المزيد
こちら
続きを読む
"""
_SAYS_NOTHING = frozenset(_LINKS.strip().splitlines())


def link_says_nothing(words: str) -> bool:
    """Return whether the words of a link do not say where it leads, such as “click here”."""
    return " ".join(re.findall(r"[\w']+", words.casefold())) in _SAYS_NOTHING
