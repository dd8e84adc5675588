"""Sends by any SMTP server (RFC 5321): one message and one outcome for each recipient, over connections that are kept.

smtp_replies.py decides what a reply means, and smtp_rejection_scope.py whether one person is the cause. A post ends at
the first outcome that is for everybody.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

from newsletter.environment import Environment
from newsletter.errors import Invalid
from newsletter.sending.build_message import message_id_of, on_the_wire, outcome_for_unbuildable
from newsletter.sending.dkim_signing import signer_of
from newsletter.sending.message_bytes import message_bytes
from newsletter.sending.outcomes import Accepted, Evidence, NotSent, RecipientsOutcome
from newsletter.sending.rehearsed_email import EmailValues, built_message
from newsletter.sending.return_path import return_path
from newsletter.sending.transport import (
    ENDS_POST,
    LEASE_OVER,
    NO_LONGER_SENDING,
    BatchReference,
    BuiltEmail,
    Envelope,
    Post,
)
from newsletter.sending.transports.smtp_message import HandOverResult, OutgoingMessage
from newsletter.sending.transports.smtp_pool import SmtpPool
from newsletter.sending.transports.smtp_reconnecting import ReconnectingSmtp
from newsletter.sending.transports.smtp_rejection_scope import RejectionJudge
from newsletter.sending.transports.smtp_replies import Stage

NO_LINE = NotSent("The SMTP server is not accepting any more connections at the moment.", ours=True)
MAX_TURNED_AWAY = 3


class Smtp:
    """The transport `smtp`. Threads share the connections that the server allows."""

    name = "smtp"
    batch_size = 100
    one_by_one = True

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._lines = SmtpPool(environment)

    @property
    def lease_duration(self) -> timedelta:
        """The longest time for one message and its reply, plus a minute for a slow machine."""
        settings = self._environment
        return timedelta(seconds=settings.smtp_timeout_seconds + settings.smtp_reply_timeout_seconds + 60)

    def max_envelopes(self, post: Post) -> int:
        """Return the number of all envelopes: each is a separate message."""
        return len(post.envelopes)

    def deliver(self, post: Post) -> Iterator[RecipientsOutcome]:
        """Send each recipient's message, and yield outcomes as soon as it is clear whom a reply is about."""
        judge, rest = RejectionJudge(others_got_it=post.others_got_it), deque(post.envelopes)
        wrapped = _Wrapped(rest, partial(self._parcel, post))
        while rest and judge.verdict is None:
            why_not_now = post.why_not_now(rest[0])
            if isinstance(why_not_now, NotSent) and why_not_now in ENDS_POST:
                judge.verdict = why_not_now
                break
            if why_not_now is not None:
                yield RecipientsOutcome([rest.popleft().recipient], why_not_now)
                continue
            # The next recipient on this connection would be in doubt too until this outcome is recorded, which has
            # happened when the caller asks for the next outcome.
            with ExitStack() as until_written:
                handed = self._hand_over(post, wrapped, until_written)
                yield from judge.take(rest.popleft().recipient, handed)
        yield from judge.ends()
        if rest and judge.verdict is not None:
            yield RecipientsOutcome([envelope.recipient for envelope in rest], judge.verdict)

    def build(self, post: Post) -> Iterator[BuiltEmail | RecipientsOutcome]:
        """Build and sign each message, without a connection to the server, so what only it refuses is not found."""
        used = EmailValues.of(post.email)
        for envelope in post.envelopes:
            parcel = self._parcel(post, envelope)
            if isinstance(parcel, HandOverResult):
                yield RecipientsOutcome([envelope.recipient], parcel.answer)
            else:
                yield built_message(used, envelope, parcel.message)

    def accepted_addresses(
        self,
        traces: Sequence[BatchReference],  # noqa: ARG002
        *,
        issue: BatchReference | None,  # noqa: ARG002
        at_most: int,  # noqa: ARG002
    ) -> Sequence[str]:
        """Return nobody: we cannot ask an SMTP server."""
        return ()

    def evidence(self, trace: BatchReference, recipients: Sequence[int]) -> Iterator[Evidence]:  # noqa: ARG002
        """Yield nothing: we cannot ask an SMTP server afterwards."""
        return iter(())

    def close(self) -> None:
        """Close every connection politely. Call this when no thread is sending any more."""
        self._lines.close()

    def _hand_over(self, post: Post, wrapped: "_Wrapped", until_written: ExitStack) -> HandOverResult:
        parcel = wrapped.first()
        if isinstance(parcel, HandOverResult):
            return parcel
        handed = self._by_a_line(post, wrapped, parcel, until_written)
        if isinstance(handed.answer, Accepted):
            return replace(handed, answer=Accepted(parcel.message_id))
        if handed.answer is LEASE_OVER and post.lease.stands:
            # The message was not allowed to begin, and the lease is not the reason.
            return replace(handed, answer=NO_LONGER_SENDING)
        return handed

    def _parcel(self, post: Post, envelope: Envelope) -> OutgoingMessage | HandOverResult:
        """Return the message to one recipient as bytes, or why we could not build it."""
        sender = post.email.sender_address
        try:
            signer = signer_of(self._environment)
            if signer is not None:
                signer.domain_for(sender)
        except Invalid as error:
            # The cause is this installation, so nobody is rejected.
            return HandOverResult(NotSent(f"We could not sign the emails. {error}", pause=True))
        try:
            message_id = message_id_of(post.trace.mailing, envelope.recipient, sender)
            data = message_bytes(post.email, envelope, message_id=message_id, date=post.trace.posted_at)
            if signer is not None:
                data = signer.signed(data, sender)
            return OutgoingMessage(
                self._return_path(post, envelope), on_the_wire(envelope.address), data, message_id
            )
        except Invalid as error:
            return HandOverResult(outcome_for_unbuildable(post.email, envelope, error))

    def _return_path(self, post: Post, envelope: Envelope) -> str:
        """Return the address to which servers send bounces of this message."""
        mailbox = self._environment.bounce_address
        if not mailbox:
            return on_the_wire(post.email.sender_address)
        return return_path(mailbox, post.trace.mailing, envelope.recipient)

    def _by_a_line(
        self, post: Post, wrapped: "_Wrapped", parcel: OutgoingMessage, until_written: ExitStack
    ) -> HandOverResult:
        begin = partial(post.begin, wrapped.envelopes[0])
        for _ in range(MAX_TURNED_AWAY):
            line = self._lines.take(may_wait=post.may_wait)
            if line is None:
                break
            with ExitStack() as at_once:
                at_once.callback(self._lines.give_back, line)
                handed = line.hand_over(parcel, post.lease, begin=begin, meanwhile=wrapped.wrap_second)
                if not _is_turned_away(handed, line):
                    until_written.push(at_once.pop_all())
                    return handed
            if not self._lines.are_crowded(line):
                if not post.others_go_on():
                    return handed
                self._lines.rest()
        return HandOverResult(NO_LINE)


class _Wrapped:
    """The messages of a post, each built once: the second one while the server reads the first."""

    def __init__(
        self, envelopes: deque[Envelope], wrap: Callable[[Envelope], OutgoingMessage | HandOverResult]
    ) -> None:
        """Take the remaining `envelopes`, which the caller removes one after another."""
        self.envelopes, self._wrap = envelopes, wrap
        self._made: tuple[Envelope, OutgoingMessage | HandOverResult] | None = None

    def first(self) -> OutgoingMessage | HandOverResult:
        """Return the message for the first envelope."""
        made, self._made = self._made, None
        envelope = self.envelopes[0]
        return made[1] if made is not None and made[0] is envelope else self._wrap(envelope)

    def wrap_second(self) -> None:
        """Build the message for the second envelope, if there is one.

        An error here is raised again, and handled, when it is that message's turn. Now the first message is on its way,
        and its reply must not be lost.
        """
        if len(self.envelopes) > 1 and self._made is None:
            with suppress(Exception):
                self._made = (self.envelopes[1], self._wrap(self.envelopes[1]))


def _is_turned_away(handed: HandOverResult, line: ReconnectingSmtp) -> bool:
    """Return whether the server did not accept the connection but may do so later."""
    answer = handed.answer
    early = handed.stage in {Stage.CONNECT, Stage.GREETING, Stage.EHLO}
    return early and not line.is_open and isinstance(answer, NotSent) and not answer.pause
