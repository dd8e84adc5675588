"""What SendGrid’s answer to a request means: the outcome of the post, by status and headers."""

import math
import time
from collections.abc import Mapping, Sequence

from newsletter.sending.outcomes import Accepted, NotSent, Outcome, RejectedWhole, Unknown
from newsletter.sending.transports.sendgrid_refusal import refusal_of, words_of

LONGEST_MESSAGE_ID = 200
# The server did not read the whole request, or wants it later (RFC 9110 §15.5.9, RFC 8470 §5.2).
ASKS_AGAIN = (408, 425, 429)


def answer_of(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    recipients: Sequence[int] = (),
    sandbox: bool = False,
) -> Outcome:
    """Return the outcome for the status of a request. Only 202 means accepted, or 200 in the sandbox."""
    if status == 202 or (sandbox and status == 200):  # noqa: PLR2004 - as the reference names them
        return Accepted(message_id_of(headers.get("X-Message-Id")))
    if status == 429:  # noqa: PLR2004
        return NotSent("SendGrid asked us to send fewer requests.", retry_after=_wait(headers))
    if 400 <= status < 500:  # noqa: PLR2004
        return _refused(status, headers, body, recipients)
    if 300 <= status < 400:  # noqa: PLR2004
        return Unknown(
            f"SendGrid responded with a redirect ({status}). Check NEWSLETTER_SENDGRID_HOST.", pause=True
        )
    return Unknown(f"SendGrid responded with status {status}.", retry_after=_wait(headers))


def _refused(
    status: int, headers: Mapping[str, str], body: bytes, recipients: Sequence[int]
) -> RejectedWhole | NotSent:
    if status in {400, 413}:
        return refusal_of(body, status, recipients)
    if status in ASKS_AGAIN:
        return NotSent(f"SendGrid did not accept the request ({status}).", retry_after=_wait(headers))
    check = "SENDGRID_API_KEY and the sender" if status in {401, 403} else "NEWSLETTER_SENDGRID_HOST"
    return NotSent(f"SendGrid rejected the request ({status}): {words_of(body)} Check {check}.", pause=True)


def _wait(headers: Mapping[str, str]) -> float:
    """Return the seconds to wait, by Retry-After (seconds) or X-RateLimit-Reset (Unix time); 0 without either."""
    for name, start in (("Retry-After", 0.0), ("X-RateLimit-Reset", time.time())):
        try:
            seconds = float(headers.get(name, "")) - start
        except ValueError:
            continue
        if not math.isnan(seconds):
            return min(max(seconds, 0.0), 3_600.0)
    return 0.0


def message_id_of(said: object) -> str:
    """Return SendGrid's ID for a request with unexpected characters removed, to store in the ledger."""
    text = said if isinstance(said, str) else ""
    return "".join(sign for sign in text if "!" <= sign <= "~")[:LONGEST_MESSAGE_ID]
