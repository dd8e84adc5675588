"""Any SMTP server (RFC 5321): one message a recipient, an answer for each, connections kept from batch to batch.

What an answer means is said in smtp_replies.py, and whether it is about one person in smtp_judge.py. A post ends at the
first answer that is for everybody.
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
from newsletter.sending.return_path import return_path
from newsletter.sending.transport import BatchReference, Envelope, Post
from newsletter.sending.transports.smtp_pool import SmtpPool
from newsletter.sending.transports.smtp_reconnecting import HandOverResult, OutgoingMessage, ReconnectingSmtp
from newsletter.sending.transports.smtp_rejection_judge import RejectionJudge
from newsletter.sending.transports.smtp_replies import Stage

NO_LINE = NotSent("The SMTP server is not accepting any more connections at the moment.", ours=True)
MAX_TURNED_AWAY = 3


class Smtp:
    """The transport `smtp`. Threads share what connections the server allows."""

    name = "smtp"
    batch_size = 100
    one_by_one = True

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._lines = SmtpPool(environment)

    @property
    def lease_duration(self) -> timedelta:
        """The longest time for one message and its answer, and a minute for a slow machine."""
        settings = self._environment
        return timedelta(seconds=settings.smtp_timeout_seconds + settings.smtp_reply_timeout_seconds + 60)

    def max_envelopes(self, post: Post) -> int:
        """All of them: each is a message of its own."""
        return len(post.envelopes)

    def deliver(self, post: Post) -> Iterator[RecipientsOutcome]:
        """Send each recipient's message, and say what came back as soon as it is clear whom it is about."""
        judge, rest = RejectionJudge(others_got_it=post.others_got_it), deque(post.envelopes)
        wrapped = _Wrapped(rest, partial(self._parcel, post))
        while rest and judge.verdict is None:
            why_not_now = post.why_not_now(rest[0])
            if why_not_now is not None:
                yield RecipientsOutcome([rest.popleft().recipient], why_not_now)
                continue
            # Whoever uses the connection next would be in doubt beside this person, as long as the answer is not
            # written down: it is when the caller asks for the next outcome.
            with ExitStack() as until_written:
                handed = self._hand_over(post, wrapped, until_written)
                yield from judge.take(rest.popleft().recipient, handed)
        yield from judge.ends()
        if rest and judge.verdict is not None:
            yield RecipientsOutcome([envelope.recipient for envelope in rest], judge.verdict)

    def accepted_addresses(
        self,
        traces: Sequence[BatchReference],  # noqa: ARG002
        *,
        issue: BatchReference | None,  # noqa: ARG002
        at_most: int,  # noqa: ARG002
    ) -> Sequence[str]:
        """Nobody: an SMTP server cannot be asked."""
        return ()

    def evidence(self, trace: BatchReference, recipients: Sequence[int]) -> Iterator[Evidence]:  # noqa: ARG002
        """None: SMTP cannot be asked afterwards."""
        return iter(())

    def close(self) -> None:
        """Say goodbye on every connection; to be called when no thread sends any more."""
        self._lines.close()

    def _hand_over(self, post: Post, wrapped: "_Wrapped", until_written: ExitStack) -> HandOverResult:
        parcel = wrapped.first()
        if isinstance(parcel, HandOverResult):
            return parcel
        handed = self._by_a_line(post, wrapped, parcel, until_written)
        if isinstance(handed.answer, Accepted):
            return replace(handed, answer=Accepted(parcel.message_id))
        return handed

    def _parcel(self, post: Post, envelope: Envelope) -> OutgoingMessage | HandOverResult:
        """The message to one recipient as it travels; or why there is none."""
        sender = post.email.sender_address
        try:
            signer = signer_of(self._environment)
            if signer is not None:
                signer.domain_for(sender)
        except Invalid as error:
            # It is about this installation, and nobody is refused for it.
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
        """Where the servers on the way send what goes wrong with this message."""
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
    """The messages of a post, each made once: the second one while the server takes in the first."""

    def __init__(
        self, envelopes: deque[Envelope], wrap: Callable[[Envelope], OutgoingMessage | HandOverResult]
    ) -> None:
        """`envelopes`: those that are left, which the caller takes away one after another."""
        self.envelopes, self._wrap = envelopes, wrap
        self._made: tuple[Envelope, OutgoingMessage | HandOverResult] | None = None

    def first(self) -> OutgoingMessage | HandOverResult:
        """The message for the first envelope."""
        made, self._made = self._made, None
        envelope = self.envelopes[0]
        return made[1] if made is not None and made[0] is envelope else self._wrap(envelope)

    def wrap_second(self) -> None:
        """Make the message for the envelope after the first one, if there is one.

        What goes wrong here goes wrong again when it is that message's turn, and is said then: the first message is on
        its way, and its answer must not be lost.
        """
        if len(self.envelopes) > 1 and self._made is None:
            with suppress(Exception):
                self._made = (self.envelopes[1], self._wrap(self.envelopes[1]))


def _is_turned_away(handed: HandOverResult, line: ReconnectingSmtp) -> bool:
    """Whether the server did not let the connection come about, and may do so later."""
    answer = handed.answer
    early = handed.stage in {Stage.CONNECT, Stage.GREETING, Stage.EHLO}
    return early and not line.is_open and isinstance(answer, NotSent) and not answer.pause
