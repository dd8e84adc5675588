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
continue reading
go
click
click this link
please click here
tap here
follow this link
see here
read here
read more here
find out more here
find out
read it here
view
view here
view more
show more
more info
more information
further information
for more information
info
this page
this article
this website
full story
full article
download here
download
open
visit
hier
mehr erfahren
mehr infos
mehr informationen
weitere informationen
zum artikel
artikel lesen
jetzt lesen
zur seite
dieser link
diesem link
mehr
weiterlesen
mehr lesen
hier klicken
klicken sie hier
ici
cliquez ici
en savoir plus
lire la suite
lire plus
voir plus
plus
plus d'informations
plus d'infos
ce lien
cette page
suite
aquí
ver más
más información
este enlace
haga clic aquí
leer más
más
qui
clicca qui
leggi di più
leggi
scopri di più
continua a leggere
maggiori informazioni
klik hier
lees meer
lees verder
meer
meer lezen
meer informatie
tutaj
kliknij tutaj
więcej
czytaj więcej
dowiedz się więcej
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
    return " ".join(re.findall(r"[\w']+", words.casefold().replace("’", "'"))) in _SAYS_NOTHING
