"""Decides whether rejections are about one person or about everybody; in the second case nobody is rejected.

We only believe that a rejection that names no person is about one recipient if others received the same message. Until
one of them does, nothing is recorded. If several in a row get the same reply, the mailing is paused and all of them
wait.
"""

from collections.abc import Iterator

from newsletter.sending.outcomes import Accepted, NotSent, RecipientsOutcome, Rejected, Unknown
from newsletter.sending.transports.smtp_message import HandOverResult
from newsletter.sending.transports.smtp_outcomes import for_everybody
from newsletter.sending.transports.smtp_replies import Stage, meaning

# Equal replies in a row that do not say that they are about a person, and any rejections in a row.
EQUAL_IN_A_ROW, REFUSED_IN_A_ROW, LATER_IN_A_ROW, BROKEN_IN_A_ROW = 3, 10, 5, 3
# The share of rejections of the message itself, once enough recipients were tried.
TRIED_BEFORE_A_SHARE, ONE_IN = 10, 5
MAX_UNCLEAR = 2
NOT_ABOUT_PEOPLE = (
    "The server gave the same reply for several recipients in a row, so no single recipient is the cause. "
    "We did not mark anyone as rejected."
)
OTHERS_WAIT = NotSent("We stopped sending before we reached this recipient.", ours=True)
SILENT = "TimeoutError"


class RejectionJudge:
    """Takes the result of each message of one post, in order, and yields the outcomes.

    Once there is a `verdict`, the post ends, and the verdict is the outcome for everybody who is left.
    """

    def __init__(self, *, others_got_it: bool) -> None:
        self.verdict: NotSent | None = None
        self._others_got_it = others_got_it
        self._undecided: list[tuple[int, Rejected, bool]] = []
        self._row: tuple[Stage | None, int, str] | None = None
        self._in_a_row = self._tried = self._messages_refused = self._unclear = 0

    def take(self, recipient: int, handed: HandOverResult) -> Iterator[RecipientsOutcome]:
        """Yield the outcomes that are known now, for this recipient and perhaps earlier ones."""
        self._tried += 1
        answer = handed.answer
        match answer:
            case Accepted():
                self._others_got_it, self._in_a_row = True, 0
                yield RecipientsOutcome([recipient], answer)
                yield from self._decided()
            case Unknown():
                self._unclear += 1
                yield RecipientsOutcome([recipient], answer)
                # A server that is slow for one recipient is slow for the next, and each would be in doubt.
                if handed.reply.words == SILENT or self._unclear >= MAX_UNCLEAR:
                    self.verdict = OTHERS_WAIT
            case NotSent(ours=True) | NotSent(everybody=True):
                self.verdict = answer
                yield RecipientsOutcome([recipient], answer)
            case NotSent():
                yield from self._later(recipient, answer, handed)
            case Rejected():
                self._refused(recipient, answer, handed)

    def ends(self) -> Iterator[RecipientsOutcome]:
        """Yield the remaining outcomes: the undecided recipients are rejected, or wait with everybody else."""
        if self.verdict is None and not self._others_got_it:
            doubtful = next((answer for _, answer, certain in self._undecided if not certain), None)
            if doubtful is not None:
                why = (
                    "Nobody has received this issue yet, so the email itself may be the cause. Check the "
                    "email, then resume the mailing."
                )
                self.verdict = for_everybody(doubtful, why, pause=True)
        if self.verdict is None:
            yield from self._decided()
            return
        certain = [(recipient, answer) for recipient, answer, is_certain in self._undecided if is_certain]
        if len(self._undecided) < REFUSED_IN_A_ROW:
            for recipient, answer in certain:
                yield RecipientsOutcome([recipient], answer)
            self._undecided = [each for each in self._undecided if not each[2]]
        if self._undecided:
            yield RecipientsOutcome([recipient for recipient, *_ in self._undecided], self.verdict)
            self._undecided.clear()

    def _decided(self) -> Iterator[RecipientsOutcome]:
        for recipient, answer, _certain in self._undecided:
            yield RecipientsOutcome([recipient], answer)
        self._undecided.clear()

    def _later(self, recipient: int, answer: NotSent, handed: HandOverResult) -> Iterator[RecipientsOutcome]:
        if not self._is_certain(handed):
            self._count(handed)
            if self._in_a_row >= (LATER_IN_A_ROW if handed.reply.code else BROKEN_IN_A_ROW):
                self.verdict = for_everybody(answer, NOT_ABOUT_PEOPLE, pause=False)
                yield RecipientsOutcome([recipient], self.verdict)
                return
        yield RecipientsOutcome([recipient], answer)

    def _refused(self, recipient: int, answer: Rejected, handed: HandOverResult) -> None:
        certain = handed.stage is None or self._is_certain(handed)
        self._undecided.append((recipient, answer, certain))
        if not certain:
            self._count(handed)
            self._messages_refused += handed.stage is not Stage.RCPT
        share = self._tried >= TRIED_BEFORE_A_SHARE and self._messages_refused * ONE_IN > self._tried
        if (
            share
            or len(self._undecided) >= REFUSED_IN_A_ROW
            or (not certain and self._in_a_row >= EQUAL_IN_A_ROW)
        ):
            why = f"{NOT_ABOUT_PEOPLE} Fix the cause, then resume the mailing."
            self.verdict = for_everybody(answer, why, pause=True)

    def _count(self, handed: HandOverResult) -> None:
        row = (handed.stage, *handed.reply.kind)
        self._in_a_row = self._in_a_row + 1 if row == self._row else 1
        self._row = row

    @staticmethod
    def _is_certain(handed: HandOverResult) -> bool:
        return handed.stage is not None and meaning(handed.stage, handed.reply).certain
