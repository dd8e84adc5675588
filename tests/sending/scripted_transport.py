"""A way out that answers as a test tells it, and counts what it really took: the world outside the ledger."""

from collections import Counter
from datetime import timedelta

from newsletter.sending.outcomes import Accepted, NotSent, RecipientsOutcome
from newsletter.sending.transport import BuiltEmail


class Crash(BaseException):
    """The process dies here: nothing of ours catches it."""


class ScriptedTransport:
    """`plan(post)` yields what happens: an Outcome, or a Crash. `taken` counts what the world outside took."""

    name = "maildir"
    batch_size = 4
    one_by_one = False
    lease_duration = timedelta(seconds=60)

    def __init__(self, plan=None):
        self.plan = plan or take_all
        self.taken = Counter()
        self.posts = []
        self.fits = 1_000
        self.closed = 0
        # The addresses of all emails that a rehearsal built, and at which of them the process dies.
        self.built = []
        self.fails_at = 0
        # What the world outside says of a post, instead of the truth at once.
        self.books = None

    def max_envelopes(self, post):
        return self.fits

    def close(self):
        self.closed += 1

    def deliver(self, post):
        self.posts.append(post)
        for step in self.plan(post):
            if isinstance(step, Took):
                self.taken.update(step.recipients)
                continue
            if isinstance(step, BaseException):
                raise step
            if isinstance(step.answer, Accepted):
                self.taken.update(step.recipients)
            yield step

    def build(self, post):
        for envelope in post.envelopes:
            self.built.append(envelope.address)
            if self.fails_at == len(self.built):
                raise Crash
            yield BuiltEmail(envelope.recipient, 1_000)

    def accepted_addresses(self, traces, *, issue, at_most):
        return []

    def evidence(self, trace, recipients):
        if self.books is not None:
            yield from self.books(trace, recipients)
            return
        yield RecipientsOutcome([each for each in recipients if self.taken[each]], Accepted())
        yield RecipientsOutcome([each for each in recipients if not self.taken[each]], NotSent("no trace"))


class Took:
    """The world outside takes these, and its answer is lost."""

    def __init__(self, recipients):
        self.recipients = list(recipients)


def recipients_of(post):
    return [envelope.recipient for envelope in post.envelopes]


def take_all(post):
    yield RecipientsOutcome(recipients_of(post), Accepted("message-1"))


def answering(answer):
    """A plan that gives everybody the same answer."""

    def plan(post):
        yield RecipientsOutcome(recipients_of(post), answer)

    return plan
