"""A finding of the checks before approval: how serious it is, where, what and why, how to mend it, and what says so."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from newsletter.issues.models import Issue


class Level(StrEnum):
    """How serious a finding is. An error blocks approval, unless an approver overrules it."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"

    @property
    def label(self) -> str:
        """The level for editors."""
        return self.value.capitalize()


# The most serious first.
LEVELS = tuple(Level)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding can be mended: a part of the issue's page, and a field, an article or a block on it.

    The part `settings` has no page of the issue: then `field` is a part of the settings of the publication.
    """

    part: str
    field: str = ""
    article: int = 0
    block: str = ""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a rule rests on: who says so, where, and the month in which somebody last read it there."""

    text: str
    url: str = ""
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class Thing:
    """One of several things of a finding: its title, what else is said about it, and where to mend it."""

    title: str
    place: Place
    note: str = ""


@dataclass(frozen=True, slots=True)
class Remedy:
    """A mend that the software can make: the label of its button, the change, and the sentence when it is done."""

    label: str
    apply: Callable[[Issue], None]
    done: str = "Done."


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What somebody should know before an issue is approved. If it tells of several things, `things` lists them."""

    rule: str
    level: Level
    what: str
    place: Place
    why: str = ""
    mend: str = ""
    basis: Basis = field(default_factory=lambda: Basis(""))
    things: tuple[Thing, ...] = ()
    remedy: Remedy | None = None
    # The order of the email: the smaller, the nearer to its beginning.
    position: float = 0.0
    overruled_because: str = ""
    overruled_by: str = ""
    # The text that somebody judges who overrules the finding. If it changes, the finding is another one.
    judged: str = ""

    @property
    def fingerprint(self) -> str:
        """The same for the same finding in a later version of the email."""
        things = "\n".join(f"{each.title} {each.note}" for each in self.things)
        parts = (self.rule, str(self.place), self.what, things, *filter(None, [self.judged]))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @property
    def blocks_approval(self) -> bool:
        """Whether this is an error that nobody overruled."""
        return self.level is Level.ERROR and not self.overruled_because

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain values for JSON."""
        return {
            "rule": self.rule,
            "level": self.level.value,
            "what": self.what,
            "why": self.why,
            "mend": self.mend,
            "place": _filled(self.place),
            "things": [
                {"title": each.title, "note": each.note, "place": _filled(each.place)} for each in self.things
            ],
            "rests_on": {"text": self.basis.text, "url": self.basis.url, "as_of": self.basis.as_of},
            "can_be_mended_here": self.remedy is not None,
            "overruled_because": self.overruled_because,
            "overruled_by": self.overruled_by,
        }


@dataclass(frozen=True, slots=True)
class Rule:
    """What a check looks for. `level` is the usual one, which a publication can change.

    A rule that never blocks cannot be made an error. `title` names the rule in the settings.
    """

    name: str
    title: str
    level: Level
    why: str
    mend: str
    basis: Basis
    never_blocks: bool = False

    def found(
        self,
        what: str,
        place: Place,
        *,
        position: float = 0.0,
        things: Sequence[Thing] = (),
        remedy: Remedy | None = None,
        mend: str = "",
        judged: str = "",
    ) -> Finding:
        """Return a finding of this rule, at its usual level. See Finding for `judged`."""
        return Finding(
            rule=self.name,
            level=self.level,
            what=what,
            place=place,
            why=self.why,
            mend=mend or self.mend,
            basis=self.basis,
            things=tuple(things),
            remedy=remedy,
            position=position,
            judged=judged,
        )

    def found_in_each(
        self, things: Sequence[Thing], *, one: str, several: str, position: float = 0.0
    ) -> Sequence[Finding]:
        """Return one finding of all the things: a sentence of its own about one, or a list below a sentence."""
        if not things:
            return ()
        if len(things) == 1:
            (thing,) = things
            what = one.format(title=thing.title, note=thing.note).strip()
            judged = "" if thing.note in what else thing.note
            return (self.found(what, thing.place, position=position, judged=judged),)
        what = several.format(count=f"{len(things):,}")
        if len(notes := {thing.note for thing in things}) == 1 and (note := notes.pop()).endswith("."):
            what = f"{what} {note}"
            things = [replace(thing, note="") for thing in things]
        return (self.found(what, things[0].place, position=position, things=things),)


def at_level(finding: Finding, rule: Rule, levels: Mapping[str, str]) -> Finding | None:
    """Return a finding at the level that a publication chose for its rule, or None if it turned the rule off."""
    chosen = levels.get(rule.name, "")
    if chosen == "off":
        return None
    if chosen not in set(Level) or (rule.never_blocks and chosen == Level.ERROR):
        return finding
    return replace(finding, level=Level(chosen))


def _filled(place: Place) -> dict[str, Any]:
    values = {"part": place.part, "field": place.field, "article": place.article, "block": place.block}
    return {name: value for name, value in values.items() if value}
