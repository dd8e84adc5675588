"""What another service says of a person: whether they may be mailed, and if not, why."""

from enum import StrEnum
from functools import lru_cache

from subscribers.imports.column_aliases import plain_words


class ImportStatus(StrEnum):
    """`ACTIVE` may be mailed; `LEFT` is recorded as unsubscribed; the suppressions are kept by their reason."""

    ACTIVE = "active"
    UNCONFIRMED = "unconfirmed"
    LEFT = "left"
    HARD_BOUNCE = "hard bounce"
    COMPLAINT = "complaint"
    MANUAL = "manual"

    @property
    def is_suppression(self) -> bool:
        """Whether the address itself must not be mailed: the value is a Suppression.Reason."""
        return self in {ImportStatus.HARD_BOUNCE, ImportStatus.COMPLAINT, ImportStatus.MANUAL}


WORDS = {
    ImportStatus.ACTIVE: "active, subscribed, enabled, confirmed, valid, yes, opted in, opt in, live, member, free, "
    "paid, comped, aktiv, abonniert, angemeldet, bestatigt, actif, abonne, inscrit, confirme, activo, suscrito, "
    "confirmado, "
    "attivo, iscritto, confermato, actief, ingeschreven, bevestigd, ativo, inscrito, aktywny, prenumererar",
    ImportStatus.UNCONFIRMED: "pending, unconfirmed, waiting, not confirmed, unactivated, inactive, not subscribed, "
    "nonsubscribed, non subscribed, transactional, nicht bestatigt, unbestatigt, en attente, non confirme, pendiente, "
    "no confirmado, in attesa, non confermato, in afwachting, pendente",
    ImportStatus.LEFT: "unsubscribed, left, disabled, opted out, opt out, removed, deleted, archived, cancelled, "
    "canceled, no, gone, abgemeldet, ausgetragen, desabonne, desinscrit, dado de baja, baja, cancelado, "
    "disiscritto, cancellato, uitgeschreven, afgemeld, wypisany, avregistrerad",
    ImportStatus.HARD_BOUNCE: "cleaned, bounced, bounce, hard bounce, hard bounced, hardbounced, invalid, "
    "undeliverable, dropped, unzustellbar, rebondi, rebotado, rimbalzato",
    ImportStatus.COMPLAINT: "complained, complaint, complaints, spam, spam complaint, spam report, abuse, junk, "
    "beschwerde, plainte, queja",
    ImportStatus.MANUAL: "blocklisted, blacklisted, blocked, suppressed, banned, gesperrt, bloque, bloqueado, "
    "bloccato, geblokkeerd",
}
MEANINGS = {word: standing for standing, words in WORDS.items() for word in words.split(", ")}
NO = frozenset(
    {
        "",
        "0",
        "false",
        "no",
        "n",
        "f",
        "off",
        "none",
        "null",
        "never",
        "nein",
        "non",
        "nee",
        "nao",
        "nie",
        "nej",
        "falsch",
        "faux",
    }
)

YES = frozenset(
    [
        "yes",
        "y",
        "true",
        "t",
        "on",
        "x",
        "ok",
        "ja",
        "j",
        "wahr",
        "oui",
        "o",
        "vrai",
        "si",
        "s",
        "sim",
        "tak",
        "prawda",
    ]
)
TICKS = frozenset("✓✔☑✅")


@lru_cache(1_000)
def status_of(cell: str) -> ImportStatus | None:
    """What a cell of a status column means; None for a word that is not known. An empty cell says nothing against."""
    words = plain_words(cell)
    return MEANINGS.get(words) if words else ImportStatus.ACTIVE


@lru_cache(1_000)
def says_yes(cell: str) -> bool:
    """Whether a cell is anything but empty, zero or a word for no; a time is a yes."""
    return plain_words(cell) not in NO


@lru_cache(1_000)
def subscribed_of(cell: str) -> ImportStatus | None:
    """What a cell means where a yes says that they are subscribed; None for a word that may be a no.

    A time or another number is a yes. An empty cell says nothing against.
    """
    words = plain_words(cell)
    if (
        not cell.strip()
        or cell.strip() in TICKS
        or words in YES
        or any(sign in "123456789" for sign in words)
    ):
        return ImportStatus.ACTIVE
    return ImportStatus.LEFT if words in NO else MEANINGS.get(words)
