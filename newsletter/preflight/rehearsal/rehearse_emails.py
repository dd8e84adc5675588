"""The job of a dress rehearsal: it builds the email of everybody in the audience as sending does, and sends none.

Each page of people is read, checked again and personalised by the functions that sending uses, and built by the
transport. How far the job is, what it has counted and the people it names are committed together every few seconds,
so that a job whose process ended is continued there. If the email has changed meanwhile, it begins again.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.utils import timezone

from newsletter.background_jobs.run_jobs import JobRun
from newsletter.issues.look_up_audience import audience_mark
from newsletter.preflight.rehearsal.audience_file import numbers_of, pages, readers_of
from newsletter.preflight.rehearsal.check_built_emails import (
    Problem,
    in_another_language,
    problems_of,
    refused,
)
from newsletter.preflight.rehearsal_models import Rehearsal, RehearsalProblem
from newsletter.rendering.delivered_html_size import GMAIL_CLIPS_AT
from newsletter.rendering.email import Email
from newsletter.rendering.email_set import EmailSet, EmailVariant
from newsletter.sending.audience import audience_day, bases_not_covering_issue, rule_for
from newsletter.sending.engines.threads import rare_garbage_collection
from newsletter.sending.outcomes import RecipientsOutcome
from newsletter.sending.personalise_email import Answers, Personalizer
from newsletter.sending.recheck_recipients import candidates_among, reason_to_skip
from newsletter.sending.rehearsed_email import EmailValues
from newsletter.sending.send_test_emails import current_emails
from newsletter.sending.transport import BatchReference, Envelope, Post, Transport
from newsletter.sending.transports import transport_named
from newsletter.sending_settings.current import sending_settings
from newsletter.steady_clock import steady_seconds
from subscribers.models import Subscriber
from subscribers.transactions import repeated

PHASE = "Building the emails"
AT_ONCE = 1_000
# A job whose process ended loses the work of this time.
KEPT_EVERY_SECONDS = 2.0
# Of each kind of problem, at most this many people are named. All are counted.
MOST_NAMED = 1_000
FIRST_NAME = frozenset({"*|FIRST_NAME|*", "*|FIRST_NAME_TEXT|*"})
COUNTED = ("variant", "after", "built", "left_out", "nameless", "largest", "problems")


def nobody_watches(_people: int) -> None:
    """The default of `on_people`: show nothing."""


def rehearse(run: JobRun, *, on_people: Callable[[int], None] = nobody_watches) -> Mapping[str, Any]:
    """Build every email of the issue that the job is about, from where an earlier attempt was.

    `on_people` is called with the number of people after each page of them.
    """
    found = Rehearsal.objects.select_related("issue__publication__mailing_list")
    rehearsal = found.filter(job=run.job.pk).first()
    if rehearsal is None:  # the issue was deleted
        return {}
    emails = current_emails(rehearsal.issue)
    transport = transport_named(sending_settings().transport)
    _begin(run, rehearsal, emails, transport)
    on_people(rehearsal.built + rehearsal.left_out)
    with rare_garbage_collection():
        _Work(run, rehearsal, emails, transport).build_all(on_people)
    return {"built": rehearsal.built}


def _begin(run: JobRun, rehearsal: Rehearsal, emails: EmailSet, transport: Transport) -> None:
    """Note what is rehearsed. An earlier attempt is continued only if that was the same."""
    issue = rehearsal.issue
    now = {"digest": emails.digest, "audience": audience_mark(issue), "transport": transport.name}
    if all(getattr(rehearsal, name) == value for name, value in now.items()):
        return
    empty = Rehearsal()
    people = rule_for(issue).size(audience_day(issue))
    fresh = {name: getattr(empty, name) for name in COUNTED}
    for name, value in {**now, **fresh, "people": people}.items():
        setattr(rehearsal, name, value)

    def write() -> None:
        run.hold()
        rehearsal.named_people.all().delete()
        rehearsal.save()

    repeated(write)


class _Work:
    """What one process does for a rehearsal."""

    def __init__(self, run: JobRun, rehearsal: Rehearsal, emails: EmailSet, transport: Transport) -> None:
        self._run, self._rehearsal, self._emails, self._transport = run, rehearsal, emails, transport
        issue = rehearsal.issue
        self._personalizer = Personalizer.of_issue(issue, answers=Answers.asked_in(emails))
        self._found: list[Problem] = []
        self._kept = steady_seconds()
        self._day, self._not_covering = audience_day(issue), frozenset(bases_not_covering_issue(issue))
        self._key = uuid.uuid4()

    def build_all(self, on_people: Callable[[int], None]) -> None:
        """Reach everybody who has not been reached, and store the result."""
        rehearsal, variants = self._rehearsal, self._emails.variants
        rule = rule_for(rehearsal.issue)
        for number in range(rehearsal.variant, len(variants)):
            readers = readers_of(variants, number, rule.people(self._day), rule.mailing_list)
            with numbers_of(readers, rehearsal.after) as file:
                for page in pages(file, AT_ONCE):
                    self._run.tell(PHASE, min(self._reached, rehearsal.people), rehearsal.people)
                    self._build_page(variants[number], page)
                    on_people(len(page))
            rehearsal.variant, rehearsal.after = number + 1, 0
        rehearsal.ended_at = timezone.now()
        self._keep()

    @property
    def _reached(self) -> int:
        row = self._rehearsal
        refused_people: int = row.problems.get(RehearsalProblem.Kind.REFUSED, 0)
        return row.built + row.left_out + refused_people

    def _build_page(self, variant: EmailVariant, page: Sequence[int]) -> None:
        email = variant.email
        everybody, languages = candidates_among(page, self._rehearsal.issue.publication.mailing_list_id)
        may_go = [
            (each, language)
            for each, language in zip(everybody, languages, strict=True)
            if not reason_to_skip(each, self._day, self._not_covering)
        ]
        self._rehearsal.left_out += len(page) - len(may_go)
        envelopes = self._personalizer.envelopes([each for each, _language in may_go])
        used = EmailValues.of(email)
        if used.fallback and used.tags & FIRST_NAME:
            self._rehearsal.nameless += sum(not each.person.first_name.strip() for each in envelopes)
        for post in self._posts(email, envelopes):
            for problem in self._built(post):
                self._note(problem)
        numbers = [each.recipient for each in envelopes]
        known = [theirs for _each, theirs in may_go]
        for problem in in_another_language(numbers, known, email.language, notices=variant.language):
            self._note(problem)
        self._rehearsal.after = page[-1]
        if steady_seconds() - self._kept > KEPT_EVERY_SECONDS:
            self._keep()

    def _posts(self, email: Email, envelopes: Sequence[Envelope]) -> Iterator[Post]:
        """Yield the posts of these envelopes, with as many in each as the transport takes."""
        issue = self._rehearsal.issue
        trace = BatchReference(
            mailing=self._key,
            batch=0,
            attempt=1,
            publication=issue.publication.slug,
            issue=issue.number,
            posted_at=timezone.now(),
        )
        while envelopes:
            post = Post(trace=trace, email=email, envelopes=envelopes)
            fits = max(1, min(self._transport.max_envelopes(post), len(envelopes)))
            whole = fits == len(envelopes)
            yield post if whole else Post(trace=trace, email=email, envelopes=envelopes[:fits])
            envelopes = envelopes[fits:]

    def _built(self, post: Post) -> Iterator[Problem]:
        rehearsal = self._rehearsal
        # This loop runs once for each person, so it counts in its own variables.
        built, largest = 0, rehearsal.largest
        for each in self._transport.build(post):
            if isinstance(each, RecipientsOutcome):
                yield from refused(each)
                continue
            built += 1
            if each.html_bytes > largest:  # noqa: PLR1730 - a call of max takes longer
                largest = each.html_bytes
            if each.unfilled or each.broken or each.html_bytes >= GMAIL_CLIPS_AT:
                yield from problems_of(each)
        rehearsal.built, rehearsal.largest = rehearsal.built + built, largest

    def _note(self, problem: Problem) -> None:
        counts = self._rehearsal.problems
        counts[problem.kind] = counts.get(problem.kind, 0) + 1
        if counts[problem.kind] <= MOST_NAMED:
            self._found.append(problem)

    def _keep(self) -> None:
        """Commit how far the job is, what it has counted, and whom it names."""
        people = {each.subscriber for each in self._found}

        def write() -> None:
            self._run.hold()
            # Somebody may have been erased since their email was built.
            left = set(Subscriber.objects.filter(pk__in=people).values_list("pk", flat=True))
            RehearsalProblem.objects.bulk_create(
                RehearsalProblem(
                    rehearsal=self._rehearsal,
                    subscriber_id=each.subscriber,
                    kind=each.kind,
                    sentence=each.sentence,
                )
                for each in self._found
                if each.subscriber in left
            )
            self._rehearsal.save(update_fields=[*COUNTED, "ended_at"])

        repeated(write)
        self._found.clear()
        self._kept = steady_seconds()
