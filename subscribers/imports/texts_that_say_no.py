"""Which free texts say in so many words that somebody must not be emailed: notes, tags, names, nameless columns."""

import re
from functools import lru_cache

from subscribers.imports.column_aliases import plain_words

# By a piece that each of its expressions has, since every cell of a file is looked at and hardly any has one.
SAYING_NO = {
    "unsub": r"unsubscri|\bunsubs\b",
    "opt": r"\bopt(ed)?[ _-]?out",
    "not": r"\bdo[ _-]?not[ _-]?(e[ _-]?)?(mail|contact|send|write)|not confirmed|\bnot interested\b",
    "mail": r"\bno[ _-](e-?)?mails?\b|keine (weiteren )?(e-?)?mails?\b|\bstop e?-?mail|\bniet (meer )?(e-?)?mailen",
    "stop": r"\bstop (sending|writing)",
    "bounce": r"(hard|soft)[ _-]?bounce|\bbounced\b",
    "list": r"black[ _-]?list|block[ _-]?list|\bsuppression list",
    "suppressed": r"\bsuppressed\b",
    "compla": r"spam complaint|\bcomplained\b",
    "abgemeldet": "abgemeldet",
    "abbestellt": "abbestellt",
    "abonn": r"désabonné|\bex[ -]?abonn",
    "inscrit": "désinscrit",
    "baja": "dad[oa] de baja",
    "iscritt": "disiscritt",
    "schreven": "uitgeschreven",
    "afgemeld": "afgemeld",
    "confirmed": r"\bunconfirmed\b",
    "unactivated": r"\bunactivated\b",
    "consent": r"\bwithdrew consent|consent withdrawn",
    "wypisan": "wypisan",
    "odhlášen": "odhlášen",
    "leiratkoz": "leiratkoz",
    "dezabonat": "dezabonat",
    "odjavlj": "odjavlj",
    "meldt": "avmeldt|afmeldt",
    "avregistrerad": "avregistrerad",
    "писа": "отписа|відписа",
    "απεγγρ": "απεγγρ",
    "退": "退订|退訂",
    "拒收": "拒收",
    "停止": "配信停止",
    "解除": "購読解除",
    "거부": "수신 ?거부",
    "구독": "구독 ?(해지|취소)",
    "remove": r"please remove|\bremove (me|her|him|them|from)\b",
    "off": r"\btake[ns]? (me|her|him|them )?off\b",
    "newsletter": r"\bno (more )?newsletter|\bkein(en?)? newsletter",
    "ne plus": "ne plus (lui |leur )?(envoyer|contacter|écrire)",
    "no ": r"\bno (enviar|contactar|molestar|escribir|interesad[oa]\b)",
    "non ": r"\bnon (inviare|contattare|scrivere|interessat[oa]\b)",
    "niet ": r"\bniet (meer )?(contacteren|benaderen|schrijven)",
    "nie ": r"\bnie (wysyłać|kontaktować)",
    "subscriber": r"\bex[ -]?subscriber",
    "storben": "verstorben|gestorben",
    "deceased": r"\bdeceased\b",
    "passed": "passed away",
    "décéd": r"\bdécédée?\b",
    "lecid": r"\bfal?lecid[oa]\b",
    "decedut": r"\bdecedut[oa]\b",
    "overleden": r"\boverleden\b",
    "zmarł": r"\bzmarł[ay]?\b",
    "†": r"\A\s*†",
    "✝": r"\A\s*✝",
    "interesse": r"\bkein interesse\b",
    "intéress": r"\bpas intéressée?\b",
    "lapsed": r"\A\s*lapsed\s*\Z",
    "resigned": r"\A\s*resigned\s*\Z",
    "terminated": r"\A\s*terminated\s*\Z",
    "former": r"\A\s*former( member)?\s*\Z",
    "member": r"\A\s*ex[ -]?member\s*\Z",
    "beendet": r"\A\s*beendet\s*\Z",
    "ausgetreten": r"\A\s*ausgetreten\s*\Z",
    "gekündigt": r"\A\s*gekündigt\s*\Z",
    "radié": r"\A\s*radiée?\s*\Z",
    "dimess": r"\A\s*dimess[oa]\s*\Z",
    # What mail servers answer about an address that does not exist (RFC 5321, 4.2; RFC 3463, 3.2).
    "5.": r"\A\s*(5\d\d[ -]#?)?5\.\d{1,3}\.\d{1,3}(?![.\d])",
    "no such": r"\bno such (user|mailbox|recipient|address)",
    "user": r"\b(unknown|invalid) user|\buser( is)? (unknown|unavailable|disabled|not found)",
    "mailbox": r"\b(unknown|invalid) mailbox|\bmailbox( is)? (unknown|unavailable|disabled|not found)",
    "recipient": r"\b(unknown|invalid) recipient|\brecipient( is)? (unknown|unavailable|disabled|not found)",
    "address": r"\baddress( is)? (unknown|unavailable|disabled|not found)",
}
_COMPILED = tuple((piece, re.compile(expression)) for piece, expression in SAYING_NO.items())

# Whole cells in plain words (column_aliases.py): within a longer text they say nothing of the kind.
_CONSENT = (
    "(?:gdpr|dsgvo|rgpd|lgpd|avg|consent|permission|einwilligung|consentement|consentimiento|consenso|consentimento|"
    "toestemming)"
)
_TAKEN_BACK = (
    "(?:withdrawn|withdrew|revoked|widerrufen|zuruckgezogen|retire|retirado|revocado|revocato|revoque|ritirato|"
    "ingetrokken|widerruf|objected|objection|erasure|erasure request|deletion request|stop|refused|denied)"
)
_CHANNEL = (
    "(?:(?:by|per|via|par|por) )?(?:post|postal|postal mail|snail mail|(?:tele)?phone|(?:phone )?calls?|letters?|sms|"
    "fax|whatsapp|postalisch|briefe?|briefpost|telefon|telefonisch|courrier|correo postal|telefono|posta|lettera|"
    "telefoon)"
)
_CHANNELS = f"{_CHANNEL}(?: (?:(?:and|or|und|oder|et|ou|y|o|e|en|of) )?{_CHANNEL})?"
_ONLY = "(?:only|nur|ausschliesslich|uniquement|seulement|solo|solamente|soltanto|alleen|enkel)"
_WHOLE = re.compile(
    rf"{_CONSENT} (?:has been |was |is )?{_TAKEN_BACK}(?: \d{{1,4}})*|{_TAKEN_BACK} {_CONSENT}|"
    r"withdrew|widerrufen|widerruf|zuruckgezogen|objected|objection|erasure request|deletion request|"
    r"(?:please )?stop(?: all)?|stopped|stopp|stoppen|"
    r"(?:no|no more|no further|keine?|keinen|pas de|sin|nessun|geen) "
    r"(?:contact|kontakt|kontaktaufnahme|contacto|contatto|communications?)|kontaktsperre|"
    rf"{_CHANNELS} {_ONLY}|{_ONLY} {_CHANNELS}"
)
# A piece of each, to see quickly that hardly any cell has one.
_PIECES = re.compile(
    "only|nur|ausschl|uniquement|seulement|solo|solamente|soltanto|alleen|enkel|stop|withdr|revo|widerr|gezogen|retir|"
    "ritir|ingetrok|object|erasure|deletion|refused|denied|conta|kontakt|communic"
)
_BETWEEN_TAGS = re.compile(r"[,;|\n]")
LONGEST_WHOLE = 60


def says_no_as_a_whole(words: str) -> bool:
    """Whether plain words that are the whole of a cell or tag say so, such as “GDPR withdrawn” or “Post only”."""
    return len(words) <= LONGEST_WHOLE and _WHOLE.fullmatch(words) is not None


def a_tag_says_no(cell: str, words: str) -> bool:
    """Whether one of several tags in a cell with these plain words says so."""
    if not _PIECES.search(words):
        return False
    tags = _BETWEEN_TAGS.split(cell)
    return len(tags) > 1 and any(says_no_as_a_whole(plain_words(tag)) for tag in tags)


def says_no(cell: str) -> bool:
    """Whether a text says in so many words that somebody must not be emailed."""
    text = cell.lower()
    for piece, expression in _COMPILED:  # noqa: SIM110 - three times as fast as any()
        if piece in text and expression.search(text):
            return True
    return False


@lru_cache(10_000)
def name_says_no(name: str) -> bool:
    """Whether a name says so. Names are few and come again, and a single word such as Stopp may be one."""
    if says_no(name):
        return True
    if name.isalpha():
        return False
    words = plain_words(name)
    return " " in words and says_no_as_a_whole(words)
