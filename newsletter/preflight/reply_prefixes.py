"""Recognises what mail programs put before the subject of a reply or a forwarded email, in many languages."""

import re
from dataclasses import dataclass

# Mail programs write these, and nobody else does.
_CERTAIN = (
    r"re|fwd?|aw|antw|sv|tr|rv|rif|odp|ynt|ilt|atb|res|enc|回复|答复|转发|回覆|轉寄|رد|إعادة توجيه|اعادة توجيه|"
    r"ответ|отв|"
    r"απ|σχετ|השב|העבר"
)
# These are also words and abbreviations, such as WG for a shared flat.
_DOUBTFUL = (
    r"wg|pd|vs|vb|vl|bls|antwort|weiterleitung|weitergeleitet|réponse|reponse|transfert|respuesta|"
    r"risposta|ymateb|reply|doorgestuurd|ateb|yml|forwarded|pt"
)
# “[News]” and pictures can stand before it.
_BEFORE = r"(?:\s|\[[^\]\n]{1,40}\]|[\U0001f000-\U0001faff\u2190-\u2bff\ufe0f\u200d])*"
_PREFIX = re.compile(
    rf"(?P<before>{_BEFORE})(?P<prefix>(?:(?P<certain>{_CERTAIN})|(?:{_DOUBTFUL}))\s*(?:\[\d+\]|"
    rf"\(\d+\))?\s*[:：])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ReplyPrefix:
    """The beginning of a subject that looks like that of a reply, and the subject without it."""

    words: str
    rest: str
    is_certain: bool


def reply_prefix(subject: str) -> ReplyPrefix | None:
    """Return the prefix of a reply with which a subject begins, or None. Names such as “re:publica” are not certain."""
    found = _PREFIX.match(subject)
    if found is None:
        return None
    after = subject[found.end() :]
    is_name = after[:1].isalpha() and not found["prefix"].endswith("：")
    is_certain = found["certain"] is not None and not is_name
    rest = f"{found['before'].strip()} {after.strip()}".strip()
    return ReplyPrefix(found["prefix"], rest, is_certain)


def without_reply_prefixes(subject: str) -> str:
    """Return a subject without the prefixes of replies."""
    while found := reply_prefix(subject):
        subject = found.rest
    return subject
