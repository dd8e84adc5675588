"""What another service says about a person: whether we may email them and, if not, why."""

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

from subscribers.imports.column_aliases import plain_words, words_of
from subscribers.imports.texts_that_say_no import a_tag_says_no, says_no_as_a_whole


class ImportStatus(StrEnum):
    """`ACTIVE` may be emailed, `LEFT` is recorded as unsubscribed, and the suppressions are kept with their reason."""

    ACTIVE = "active"
    UNCONFIRMED = "unconfirmed"
    LEFT = "left"
    HARD_BOUNCE = "hard bounce"
    COMPLAINT = "complaint"
    MANUAL = "manual"
    FUNDRAISING = "fundraising"

    @property
    def is_suppression(self) -> bool:
        """Whether the address itself must not be emailed. The value is then a Suppression.Reason."""
        return self in {
            ImportStatus.HARD_BOUNCE,
            ImportStatus.COMPLAINT,
            ImportStatus.MANUAL,
            ImportStatus.FUNDRAISING,
        }


WORDS = {
    ImportStatus.ACTIVE: "active, activated, subscribed, enabled, confirmed, verified, valid, yes, opted in, "
    "opt in, live, member, free, "
    "paid, comped, regular, premium, gifted, trialed, past due, churning, express, implied, express consent, "
    "implied consent, explicit, granted, given, accepted, agreed, allowed, approved, single opt in, "
    "double opt in, confirmed opt in, accepte, aceptado, accettato, marketing contact, opted in to email, "
    "aktiv, abonniert, angemeldet, bestatigt, actif, abonne, inscrit, confirme, activo, suscrito, confirmado, "
    "attivo, iscritto, confermato, actief, ingeschreven, bevestigd, ativo, inscrito, aktywny, prenumererar, "
    "tilmeldt, pameldt, prihlasen, feliratkozott, abonat, prijavljen, подписан, підписаний, εγγεγραμμενος, abone, "
    "已订阅, 已訂閱, 購読中, 配信中, 구독중",
    ImportStatus.UNCONFIRMED: "pending, unconfirmed, waiting, not confirmed, unactivated, inactive, not subscribed, "
    "nonsubscribed, non subscribed, transactional, awaiting confirmation, pending confirmation, confirmation pending, "
    "waiting for confirmation, awaiting, unverified, not verified, not opted in, no permission, no permission set, "
    "no permissions set, not set, temp hold, temporary hold, non marketing contact, never subscribed, "
    "non marketable, never opted in, "
    "nicht bestatigt, unbestatigt, en attente, non confirme, pendiente, "
    "no confirmado, in attesa, non confermato, in afwachting, pendente",
    ImportStatus.LEFT: "unsubscribed, left, disabled, opted out, opt out, removed, deleted, archived, cancelled, "
    "canceled, no, gone, unsubscribe, opted out of email, declined, denied, refused, rejected, "
    "refuse, rechazado, rifiutato, deactivated, withdrawn, revoked, quit, churned, ex member, "
    "abbestellt, gekundigt, geloscht, opgezegd, abgemeldet, ausgetragen, desabonne, desinscrit, "
    "dado de baja, baja, cancelado, "
    "disiscritto, cancellato, uitgeschreven, afgemeld, wypisany, avregistrerad, nomail, no mail, no email, no emails, "
    "by user, avmeldt, afmeldt, odhlasen, leiratkozott, dezabonat, odjavljen, отписан, отписался, відписаний, "
    "已退订, 退订, 已退訂, 退訂, 配信停止, 購読解除, 停止, 解除, 退会, 수신거부, 해지",
    ImportStatus.HARD_BOUNCE: "cleaned, bounced, bounce, hard bounce, hard bounced, hardbounced, invalid, "
    "undeliverable, unreachable, dropped, bouncing, by bounces, unzustellbar, rebondi, rebotado, rimbalzato",
    ImportStatus.COMPLAINT: "complained, complaint, complaints, spam, spam complaint, spam report, abuse, junk, "
    "beschwerde, plainte, queja",
    ImportStatus.MANUAL: "blocklisted, blacklisted, blocked, do not contact, do not email, do not mail, dnc, spammy, "
    "suppressed, banned, gesperrt, bloque, bloqueado, bloccato, geblokkeerd",
    ImportStatus.FUNDRAISING: "fundraising, fundraising preference service, fps",
}
MEANINGS = {plain_words(word): standing for standing, words in WORDS.items() for word in words.split(", ")}
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
# “Not activated”: a no to a word that means active.
NOT_ACTIVE = re.compile(r"(?:not|non|un|never)(?: yet)? ?(.+)")
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
# Answers in languages of which we know few headings: we ask about a column of them under any heading.
NO_ELSEWHERE = words_of(
    plain_words(
        "nei ei ne nem nu hayır hayir na nage không tidak нет не ні όχι いいえ 否 不 아니오 아니요 لا לא خیر"
    )
)
YES_ELSEWHERE = words_of(
    plain_words("da ano kyllä joo igen evet ydw ie jah jā taip có ya да так ναι はい 是 예 네 نعم כן بله")
)
NO = NO_ELSEWHERE | words_of(
    "0 false no n f off none null never nein non nee nao nie nej falsch faux nil nan nat"
)
NO |= {"n a"}
YES = YES_ELSEWHERE | words_of("yes y true t on x ok 1 ja j wahr oui o vrai si s sim tak prawda")
# Answers that people write and programs do not, which write true, 1 or t.
WORDY = frozenset(word for word in YES | NO if len(word) > 1 or not word.isascii()) - words_of(
    "true false on off none null nil nan nat ok wahr falsch vrai faux prawda"
)
TRUTHS = (words_of("true false"), words_of("wahr falsch"), words_of("vrai faux"))
# Less than both means something else too often: an initial, a gender, a count.
PAIRS = tuple(map(words_of, ("0 1", "t f", "y n", "j n", "o n", "s n")))
TICKS = frozenset("✓✔☑✅")
CROSSES = frozenset("✗✘✖❌☐×")
DASHES = frozenset("-–—./\\")
# What services write where a time is not known: MySQL's zero and Go's.
NO_TIME = re.compile(r"0000-00-00.*|0001-01-01.*")
# Nothing may follow but the time of day and its zone: “2024-01-02 to 2024-06-01” may have ended.
TIME = re.compile(
    r"(\d{4}[-./]\d\d?[-./]\d\d?|\d\d?([./-])\d\d?\2\d{2,4})"
    r"([T ,]+\d\d?:\d\d(:\d\d([.,]\d+)?)?( ?[ap]m)?( ?(Z|[A-Z]{2,5}|[+-]\d\d:?\d\d)){0,2})?|1\d{9}|1\d{12}",
    re.IGNORECASE | re.ASCII,
)


@lru_cache(1_000)
def status_of(cell: str) -> ImportStatus | None:
    """Return what a cell of a status column means, or None if that is not known. An empty cell says nothing."""
    if not cell.strip():
        return ImportStatus.ACTIVE
    words = _words(cell)
    if words in MEANINGS:
        return MEANINGS[words]
    denied = NOT_ACTIVE.fullmatch(words)
    if denied and MEANINGS.get(denied[1]) is ImportStatus.ACTIVE:
        return ImportStatus.UNCONFIRMED
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
    return ImportStatus.LEFT if _is_no(cell) or cell.strip() in CROSSES else status_of(cell)


@lru_cache(1_000)
def confirmed_of(cell: str) -> ImportStatus | None:
    """Return what a cell means if a yes says that the person confirmed the address, or None if it may be a no."""
    standing = subscribed_of(cell)
    return ImportStatus.UNCONFIRMED if standing is ImportStatus.LEFT and _is_no(cell) else standing


@lru_cache(1_000)
def is_clear_denial(cell: str) -> bool:
    """Whether a cell says clearly yes or no in a column of which a yes is a reason not to mail somebody."""
    return _is_no(cell) or _is_yes(cell) or status_of(cell) not in {None, ImportStatus.ACTIVE}


def is_answer_elsewhere(cell: str) -> bool:
    """Whether a cell is a yes or no in a language of which we know few headings."""
    words = plain_words(cell)
    return words in YES_ELSEWHERE or words in NO_ELSEWHERE


def is_wordy_answer(cell: str) -> bool:
    """Whether a cell is a yes or no as people write it."""
    return plain_words(cell) in WORDY


def are_truths(cells: Iterable[str]) -> bool:
    """Whether cells are the yes and no of programs: `true` or `false`, or both of `0` and `1`, or of `Y` and `N`."""
    found = {plain_words(cell) for cell in cells}
    return found in PAIRS or (bool(found) and any(found <= pair for pair in TRUTHS))


def _words(cell: str) -> str:
    """The words of a cell, those that are written together as `NotConfirmed` too."""
    return plain_words(re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", cell))


def _is_no(cell: str) -> bool:
    text = cell.strip()
    return DASHES.issuperset(text) or plain_words(text) in NO or NO_TIME.fullmatch(text) is not None


def _is_yes(cell: str) -> bool:
    text = cell.strip()
    if text in TICKS or plain_words(text) in YES:
        return True
    return bool(TIME.fullmatch(text) and not NO_TIME.fullmatch(text))


@lru_cache(1_000)
def is_word_for_no(cell: str) -> bool:
    """Whether a cell, or one of the tags in it, is nothing but words for somebody who must not be emailed."""
    words = plain_words(cell)
    if words in COMMON_WORDS:
        return False
    is_known = MEANINGS.get(words, ImportStatus.ACTIVE) is not ImportStatus.ACTIVE
    return is_known or says_no_as_a_whole(words) or a_tag_says_no(cell, words)
