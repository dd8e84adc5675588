"""How many people of an audience are left out because their lawful basis does not cover what an issue contains.

A mailing keeps the numbers and reasons, so that its report still has them when people or articles have changed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from newsletter.issues.models import Issue
from newsletter.sending.audience import (
    AudienceRule,
    audience_day,
    bases_left_out,
    has_other_bases,
    rule_for,
)
from newsletter.sending.models import Mailing
from subscribers.models import Basis
from subscribers.phrases import counted
from subscribers.segments.count_people import count_people

WILL_NOT = "will not get this issue"


def left_out_by_basis(issue: Issue, rule: AudienceRule, day: date | None = None) -> list[dict[str, Any]]:
    """Return for each lawful basis of a rule how many people it leaves out, and why, without bases of nobody."""
    if not rule.bases:
        return []
    others = replace(rule, bases=()).people(day or audience_day(issue))
    counts = {each: count_people(others.filter(basis=each), rule.mailing_list) for each in rule.bases}
    reasons = bases_left_out(issue)
    return [
        {"basis": each.value, "count": counts[each.value], "why": reasons.get(each, "")}
        for each in Basis
        if counts.get(each.value)
    ]


@dataclass(frozen=True, slots=True)
class CountedAudience:
    """How many people an audience gives, and what their lawful bases change about that, as sentences."""

    people: int
    about_bases: list[str]


def count_audience(rule: AudienceRule, day: date, issue: Issue | None = None) -> CountedAudience:
    """Count the people of a rule on a day: those who would get an issue, or any issue at all if none is given."""
    if issue is None:
        return CountedAudience(rule.size(day), _depending_on_contents(rule, day))
    rule = replace(rule, bases=tuple(bases_left_out(issue)))
    return CountedAudience(rule.size(day), _sentences(left_out_by_basis(issue, rule, day), WILL_NOT))


def _depending_on_contents(rule: AudienceRule, day: date) -> list[str]:
    if not has_other_bases(rule.mailing_list.pk):
        return []
    others = rule.people(day).exclude(basis=Basis.CONSENT).count()
    if not others:
        return []
    have = counted(others, "of these people has", "of these people have")
    depends = "Whether they get an issue depends on what it contains."
    return [f"{have} a lawful basis other than consent. {depends}"]


def sentences_about_bases(issue: Issue, rule: AudienceRule | None = None) -> list[str]:
    """Say for each lawful basis how many people an issue would leave out if it were sent now, and why.

    `rule` is its audience rule, if the caller has it.
    """
    return _sentences(left_out_by_basis(issue, rule or rule_for(issue)), WILL_NOT)


def sentences_about_mailing(mailing: Mailing) -> list[str]:
    """Say for each lawful basis how many people a mailing left out, and why."""
    return _sentences((mailing.left_out or {}).get("by_basis", ()), "did not get this issue")


def _sentences(rows: Iterable[Mapping[str, Any]], what: str) -> list[str]:
    return [
        f"{counted(row['count'], 'person', 'people')} {what} because of the lawful basis "
        f"“{Basis(row['basis']).label}”. {row['why']}"
        for row in rows
    ]
