"""Says why an audience has nobody in it, and what to do about that."""

from dataclasses import replace
from datetime import date
from typing import NamedTuple

from newsletter.issues.models import SavedSegment
from newsletter.sending.audience import AudienceRule, chosen_people


class Nobody(NamedTuple):
    """Why nobody would receive an email, as the end of a sentence, and what to do, as a sentence."""

    why: str
    what_to_do: str
    is_list_empty: bool = False


def why_nobody(rule: AudienceRule, day: date) -> Nobody:
    """Return why a rule gives nobody on a day. Call it only if that is so."""
    name, choose = rule.mailing_list.name, "Choose another audience."
    if not chosen_people("", rule.mailing_list).exists():
        what_to_do = "Add subscribers to the list first."
        return Nobody(f"because the list “{name}” has no active subscribers", what_to_do, is_list_empty=True)
    if rule.segment and not chosen_people(rule.segment, rule.mailing_list).exists():
        saved = SavedSegment.objects.filter(mailing_list=rule.mailing_list, text=rule.segment).first()
        segment = f"the segment “{saved.name}”" if saved else "the chosen segment"
        return Nobody(f"because {segment} has no members", choose)
    if rule.bases and replace(rule, bases=()).people(day).exists():
        return Nobody(
            "because nobody in its audience has a lawful basis that covers its content",
            "Remove the content that their lawful bases do not cover, or choose another audience.",
        )
    return Nobody(f"because everybody on the list “{name}” is left out or paused", choose)
