"""Check who would receive the issue, and whether they are far fewer or more than last time."""

from collections.abc import Iterator

from newsletter.errors import NewsletterError
from newsletter.issues.look_up_audience import choice_for
from newsletter.issues.models import SavedSegment
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule
from newsletter.sending.audience import AudienceRule, chosen_people
from newsletter.sending.models import Mailing, ProofGroup
from newsletter.sending.why_nobody import why_nobody
from subscribers.phrases import counted

CHECK = "audience"
PLACE = Place("review", "audience")
OURS = Basis("The current subscribers on the list")
LAST_TIME = Basis("The mailing for the last issue")
NOBODY = Rule(
    "audience.nobody",
    "Nobody would receive the issue",
    Level.WARNING,
    "The issue would count as sent without being sent to anyone.",
    "Choose who receives the issue, or add people to the list.",
    OURS,
)
FEWER = Rule(
    "audience.fewer",
    "Far fewer people than last time",
    Level.WARNING,
    "A segment, an exclusion or an import may contain a mistake.",
    "Check who receives the issue.",
    LAST_TIME,
)
MORE = Rule(
    "audience.more",
    "Far more people than last time",
    Level.WARNING,
    ("An import or a wider audience may include people who do not expect this email and report it as spam."),
    "Check who receives the issue.",
    LAST_TIME,
)
EXCLUDES_NOBODY = Rule(
    "audience.excludes-nobody",
    "An exclusion does not leave anybody out",
    Level.WARNING,
    "The segment has no members on the list, so its conditions may be wrong.",
    "Check the segment, or remove the exclusion.",
    OURS,
)
PROOF_GROUP = Rule(
    "audience.proof-group-left-out",
    "The proof group does not receive the issue",
    Level.ADVICE,
    "Nobody in the proof group would see the email as readers receive it.",
    "Add somebody from the proof group to the list.",
    OURS,
)
RULES = (NOBODY, FEWER, MORE, EXCLUDES_NOBODY, PROOF_GROUP)

# A change of this share counts, if it is at least this many people.
FEWER_SHARE, MORE_SHARE = 0.75, 1.5
AT_LEAST = 20


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Count the people, and look at the segments that choose them."""
    try:
        rule, people = checked.audience_rule, checked.audience_size
        if not people:
            nobody = why_nobody(rule, checked.day)
            yield NOBODY.found(f"Nobody would receive this issue, {nobody.why}.", PLACE)
            return
        yield from _exclusions(checked, rule)
    except NewsletterError as error:
        yield NOBODY.found(str(error), PLACE)
        return
    yield from _compared(checked, people)
    groups = list(ProofGroup.objects.filter(publication=checked.publication))
    addresses = {address.casefold() for group in groups for address in group.addresses}
    receive = rule.people(checked.day)
    if addresses and not receive.filter(subscriber__address_key__in=addresses).exists():
        names = " or ".join(f"“{group.name}”" for group in groups[:3])
        yield PROOF_GROUP.found(f"Nobody in {names} would receive this issue.", PLACE)


def _exclusions(checked: CheckedIssue, rule: AudienceRule) -> Iterator[Finding]:
    choice = choice_for(checked.issue)
    for number, text in zip(choice.without_segments, rule.exclusions, strict=False):
        if not chosen_people(text, rule.mailing_list).exists():
            name = SavedSegment.objects.filter(pk=number).values_list("name", flat=True).first()
            what = f"The segment “{name}” has no members, so leaving it out changes nothing."
            yield EXCLUDES_NOBODY.found(what, PLACE)


def _compared(checked: CheckedIssue, now: int) -> Iterator[Finding]:
    sent = Mailing.objects.filter(
        issue__publication=checked.publication.pk, purpose=Mailing.Purpose.ISSUE
    ).exclude(issue=checked.issue)
    last = sent.select_related("issue").first()
    if last is None or abs(now - last.audience) < AT_LEAST:
        return
    said = (
        f"{counted(now, 'person', 'people')} would receive this issue. Issue {last.issue.number} was sent "
        f"to {last.audience:,}."
    )
    if now < last.audience * FEWER_SHARE:
        yield FEWER.found(said, PLACE)
    elif now > last.audience * MORE_SHARE:
        yield MORE.found(said, PLACE)
