"""Turns an SMTP server's reply into an outcome, with a sentence that we may store and show."""

from newsletter.sending.outcomes import Accepted, NotSent, Rejected, Unknown
from newsletter.sending.transports.smtp_replies import (
    About,
    Meaning,
    Reply,
    Result,
    Stage,
    meaning,
    no_such_mailbox,
)

WAIT_AS_GREYLISTS_ASK = 300.0
WAIT_FOR_A_LIMIT = 60.0

SmtpOutcome = Accepted | NotSent | Rejected | Unknown


def outcome_of(stage: Stage, reply: Reply) -> SmtpOutcome:
    """Return the outcome of a message for a reply at a stage."""
    means = meaning(stage, reply)
    match means.result:
        case Result.TAKEN:
            return Accepted()
        case Result.UNCLEAR:
            return Unknown(f"The SMTP server's reply to the message was lost or unclear ({reply}).")
        case Result.LATER:
            return _later(stage, reply, means)
        case Result.REJECTED:
            return _refused(stage, reply, means)


def for_everybody(answer: NotSent | Rejected, why: str, *, pause: bool) -> NotSent:
    """Turn an outcome for one person into one for the whole mailing. Nobody is rejected because of it."""
    return NotSent(f"{answer.reason} {why}", pause=pause, patient=not pause, retry_after=WAIT_FOR_A_LIMIT)


def _later(stage: Stage, reply: Reply, means: Meaning) -> NotSent:
    if not reply.code:
        sentence = f"During {stage}, the SMTP server closed the connection or did not respond ({reply})."
    else:
        sentence = f"During {stage}, the SMTP server asked us to try again later ({reply})."
    if means.about is About.PERSON:
        return NotSent(sentence, retry_after=WAIT_AS_GREYLISTS_ASK, everybody=False)
    said = reply.code >= 400  # noqa: PLR2004 - the server itself asks to wait
    return NotSent(sentence, retry_after=WAIT_FOR_A_LIMIT if said else 0.0, patient=said)


def _refused(stage: Stage, reply: Reply, means: Meaning) -> NotSent | Rejected:
    match means.about:
        case About.PERSON:
            return Rejected(
                f"The SMTP server rejected this recipient ({reply}).",
                personal=means.certain,
                no_such_mailbox=no_such_mailbox(reply.code, reply.enhanced, reply.words),
            )
        case About.MESSAGE if stage is not Stage.MAIL:
            return Rejected(f"The SMTP server rejected the message ({reply}).")
        case _:
            sentence = (
                f"During {stage}, the SMTP server rejected the login or the sender ({reply})."
                if stage in {Stage.AUTH, Stage.MAIL}
                else f"During {stage}, the SMTP server rejected a command ({reply})."
            )
            return NotSent(f"{sentence} Fix the cause, then resume the mailing.", pause=True)
