"""What another service says about a person: whether we may email them and, if not, why."""

import re
from enum import StrEnum
from functools import lru_cache

from subscribers.imports.column_aliases import plain_words, words_of


class ImportStatus(StrEnum):
    """`ACTIVE` may be emailed, `LEFT` is recorded as unsubscribed, and the suppressions are kept with their reason."""

    ACTIVE = "active"
    UNCONFIRMED = "unconfirmed"
    LEFT = "left"
    HARD_BOUNCE = "hard bounce"
    COMPLAINT = "complaint"
    MANUAL = "manual"

    @property
    def is_suppression(self) -> bool:
        """Whether the address itself must not be emailed. The value is then a Suppression.Reason."""
        return self in {ImportStatus.HARD_BOUNCE, ImportStatus.COMPLAINT, ImportStatus.MANUAL}


WORDS = {
    ImportStatus.ACTIVE: "active, subscribed, enabled, confirmed, valid, yes, opted in, opt in, live, member, free, "
    "paid, comped, regular, premium, gifted, trialed, past due, churning, express, implied, express consent, "
    "implied consent, explicit, granted, given, accepted, agreed, allowed, approved, single opt in, "
    "double opt in, confirmed opt in, accepte, aceptado, accettato, marketing contact, opted in to email, "
    "aktiv, abonniert, angemeldet, bestatigt, actif, abonne, inscrit, confirme, activo, suscrito, confirmado, "
    "attivo, iscritto, confermato, actief, ingeschreven, bevestigd, ativo, inscrito, aktywny, prenumererar",
    ImportStatus.UNCONFIRMED: "pending, unconfirmed, waiting, not confirmed, unactivated, inactive, not subscribed, "
    "nonsubscribed, non subscribed, transactional, awaiting confirmation, pending confirmation, confirmation pending, "
    "waiting for confirmation, awaiting, unverified, not verified, not opted in, no permission, no permission set, "
    "no permissions set, not set, temp hold, temporary hold, non marketing contact, never subscribed, "
    "nicht bestatigt, unbestatigt, en attente, non confirme, pendiente, "
    "no confirmado, in attesa, non confermato, in afwachting, pendente",
    ImportStatus.LEFT: "unsubscribed, left, disabled, opted out, opt out, removed, deleted, archived, cancelled, "
    "canceled, no, gone, unsubscribe, opted out of email, declined, denied, refused, rejected, "
    "refuse, rechazado, rifiutato, deactivated, withdrawn, revoked, quit, churned, ex member, "
    "abbestellt, gekundigt, geloscht, opgezegd, abgemeldet, ausgetragen, desabonne, desinscrit, "
    "dado de baja, baja, cancelado, "
    "disiscritto, cancellato, uitgeschreven, afgemeld, wypisany, avregistrerad",
    ImportStatus.HARD_BOUNCE: "cleaned, bounced, bounce, hard bounce, hard bounced, hardbounced, invalid, "
    "undeliverable, unreachable, dropped, unzustellbar, rebondi, rebotado, rimbalzato",
    ImportStatus.COMPLAINT: "complained, complaint, complaints, spam, spam complaint, spam report, abuse, junk, "
    "beschwerde, plainte, queja",
    ImportStatus.MANUAL: "blocklisted, blacklisted, blocked, do not contact, do not email, do not mail, dnc, spammy, "
    "suppressed, banned, gesperrt, bloque, bloqueado, bloccato, geblokkeerd",
}
MEANINGS = {word: standing for standing, words in WORDS.items() for word in words.split(", ")}
# Under a heading that is not about consent these mean something else too often to ask about.
COMMON_WORDS = frozenset(
    {
        "no",
        "left",
        "gone",
        "not set",
        "dropped",
        "junk",
        "abuse",
        "quit",
        "waiting",
        "awaiting",
        "denied",
        "refused",
        "rejected",
        "refuse",
        "rechazado",
    }
)
# A “no” that has more words around it, such as “Unsubscribed by admin”; the first that is found counts.
PARTS = (
    (re.compile(r"\bspam\b|\bcomplain|\babuse\b"), ImportStatus.COMPLAINT),
    (re.compile(r"\bhard ?bounce|\bbounced?\b|\bundeliverable\b"), ImportStatus.HARD_BOUNCE),
    (re.compile(r"\bblack ?list|\bblock ?list|\bblocked\b|\bsuppressed\b|\bbanned\b"), ImportStatus.MANUAL),
    (
        re.compile(
            r"\bunsubscri|\bopt(ed)? ?out\b|\babgemeldet\b|\bdesabonne|\bdesinscri|\bdisiscritt|\buitgeschreven\b|"
            r"\bafgemeld\b|\bdado de baja\b"
        ),
        ImportStatus.LEFT,
    ),
)
IN_DOUBT = re.compile(r"\b(not|never|no|un|soft|was|previously|re|again)\b")
NO = words_of("0 false no n f off none null never nein non nee nao nie nej falsch faux nil nan nat") | {
    "",
    "n a",
}
YES = words_of("yes y true t on x ok 1 ja j wahr oui o vrai si s sim tak prawda")
TICKS = frozenset("✓✔☑✅")
# What services write where a time is not known: MySQL's zero and Go's.
NO_TIME = re.compile(r"0000-00-00.*|0001-01-01.*")
TIME = re.compile(
    r"\d{4}[-./]\d\d?[-./]\d\d?([T ,].*)?|\d\d?([./-])\d\d?\2\d{2,4}([T ,]+[\d:. apm]+)?|1\d{9}|1\d{12}",
    re.IGNORECASE | re.ASCII,
)
TIME_WITH_WORDS = re.compile(r"[a-z]{5,}", re.IGNORECASE)


@lru_cache(1_000)
def status_of(cell: str) -> ImportStatus | None:
    """Return what a cell of a status column means, or None if that is not known. An empty cell says nothing."""
    words = plain_words(cell)
    if not words:
        return ImportStatus.ACTIVE
    if words in MEANINGS:
        return MEANINGS[words]
    if IN_DOUBT.search(words):
        return None
    return next((standing for part, standing in PARTS if part.search(words)), None)


@lru_cache(1_000)
def says_yes(cell: str) -> bool:
    """Whether a cell is anything but empty, zero or a word for no; a time is a yes."""
    return not _is_no(cell)


@lru_cache(1_000)
def subscribed_of(cell: str) -> ImportStatus | None:
    """Return what a cell means if a yes says that the person is subscribed, or None if it may be a no.

    A time is a yes. An empty cell says nothing.
    """
    if not cell.strip() or _is_yes(cell):
        return ImportStatus.ACTIVE
    return ImportStatus.LEFT if _is_no(cell) else status_of(cell)


@lru_cache(1_000)
def confirmed_of(cell: str) -> ImportStatus | None:
    """Return what a cell means if a yes says that the person confirmed the address, or None if it may be a no."""
    standing = subscribed_of(cell)
    return ImportStatus.UNCONFIRMED if standing is ImportStatus.LEFT and _is_no(cell) else standing


@lru_cache(1_000)
def is_clear_denial(cell: str) -> bool:
    """Whether a cell says clearly yes or no in a column of which a yes is a reason not to mail somebody."""
    return _is_no(cell) or _is_yes(cell) or status_of(cell) not in {None, ImportStatus.ACTIVE}


def _is_no(cell: str) -> bool:
    return (plain_words(cell) in NO and cell.strip() not in TICKS) or NO_TIME.fullmatch(
        cell.strip()
    ) is not None


def _is_yes(cell: str) -> bool:
    text = cell.strip()
    if text in TICKS or plain_words(text) in YES:
        return True
    return bool(TIME.fullmatch(text) and not NO_TIME.fullmatch(text) and not TIME_WITH_WORDS.search(text))


@lru_cache(1_000)
def is_word_for_no(cell: str) -> bool:
    """Whether a cell is nothing but a word of other services for somebody who must not be emailed."""
    words = plain_words(cell)
    return words not in COMMON_WORDS and MEANINGS.get(words, ImportStatus.ACTIVE) is not ImportStatus.ACTIVE
