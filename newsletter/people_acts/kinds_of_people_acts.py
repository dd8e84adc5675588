"""The kinds of acts on many people: who may do each, what it needs, and how it is recorded in the audit log."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from newsletter.accounts import audit_log
from newsletter.accounts.actor import Role, why_not_role
from newsletter.errors import InvalidFields
from subscribers.imports.run_import import CONSENT_MISSING
from subscribers.lawful_basis import ON_CONSENT, BasisStatement
from subscribers.models import Basis, List, Topic
from subscribers.phrases import counted

ADD, ADD_TOPIC, REMOVE_TOPIC = "add-to-list", "add-topic", "remove-topic"
UNSUBSCRIBE, SUPPRESS, ERASE = "unsubscribe", "suppress", "erase"
# The kinds of background jobs that do an act and undo it.
ACT, UNDO = "act-on-people", "undo-act-on-people"
CHANGING, ON_EVERYBODY = "Changing subscribers", "Making a change for everybody found by a search"
CHANGED, UNCHANGED, REFUSED = "changed", "unchanged", "refused"
# Somebody who is on the list with another lawful basis has consented.
CONSENTED = "consented"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleAct:
    """What is done: the kind, and the list, topic, consent, lawful basis or reason that it needs."""

    kind: str
    mailing_list: List | None = None
    topic: Topic | None = None
    consent: str = ""
    reason: str = ""
    on: BasisStatement = ON_CONSENT


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of act: its sentence for the log, whether it needs a list or a topic, and who may do it."""

    sentence: str
    needs_list: bool = False
    needs_topic: bool = False
    role: Role = Role.EDITOR


KINDS: Mapping[str, Kind] = {
    ADD: Kind("Added {people} to the list “{list}”", needs_list=True),
    ADD_TOPIC: Kind("Added the topic “{topic}” for {people}", needs_topic=True),
    REMOVE_TOPIC: Kind("Removed the topic “{topic}” from {people}", needs_topic=True),
    UNSUBSCRIBE: Kind("Unsubscribed {people} from the list “{list}”", needs_list=True),
    SUPPRESS: Kind("Suppressed the addresses of {people}"),
    ERASE: Kind("Erased {people} and everything stored about them", role=Role.ADMINISTRATOR),
}


CONSENT_RECORDED = "Recorded the consent of {people} who had another lawful basis for the list “{list}”"


def why_not_act(kind: str, *, on_a_search: bool) -> str:
    """Return why the actor may not do this to the people ticked, or to everybody found. Empty if they may."""
    if kind not in KINDS:
        return "This action does not exist. Reload the page."
    if on_a_search:
        return why_not_role(Role.ADMINISTRATOR, ON_EVERYBODY)
    return why_not_role(KINDS[kind].role, CHANGING if kind != ERASE else "Erasing people")


def require_whole(act: PeopleAct) -> None:
    """Raise InvalidFields if the list, topic or consent that an act needs is missing."""
    kind = KINDS[act.kind]
    if kind.needs_list and act.mailing_list is None:
        raise InvalidFields({"to_list": "Choose a list."})
    if kind.needs_topic and act.topic is None:
        raise InvalidFields({"to_topic": "Choose a topic."})
    if act.kind == ADD and not act.consent.strip():
        raise InvalidFields({"consent": CONSENT_MISSING})
    if act.kind == ADD:
        # What the basis requires of everybody. What it requires of an address is asked for each person.
        act.on.require_for("")


def act_of(said: Mapping[str, Any], texts: Mapping[str, str]) -> PeopleAct:
    """Return the act that a job is about. Raises InvalidFields if its list or topic was removed."""
    act = PeopleAct(
        kind=said["kind"],
        mailing_list=List.objects.filter(pk=said["list"]).first(),
        topic=Topic.objects.select_related("list").filter(pk=said["topic"]).first(),
        consent=texts.get("consent", ""),
        reason=texts.get("reason", ""),
        on=_basis_in(said),
    )
    require_whole(act)
    return act


def arguments_of(act: PeopleAct) -> dict[str, Any]:
    """Return what a job keeps of an act besides its texts. `act_of` reads it."""
    day = act.on.collected_on
    return {
        "kind": act.kind,
        "list": act.mailing_list.pk if act.mailing_list else None,
        "topic": act.topic.pk if act.topic else None,
        "basis": act.on.basis.value,
        "collected_on": day.isoformat() if day else None,
        "own_details": act.on.own_details,
    }


def _basis_in(said: Mapping[str, Any]) -> BasisStatement:
    day = said.get("collected_on")
    return BasisStatement(
        Basis(said.get("basis") or Basis.CONSENT),
        date.fromisoformat(day) if day else None,
        own_details=bool(said.get("own_details")),
    )


def log_act(act: PeopleAct, outcomes: Counter[str]) -> None:
    """Record in the audit log how many people were changed, without naming any."""
    sentences = {CHANGED: KINDS[act.kind].sentence, CONSENTED: CONSENT_RECORDED}
    for outcome, sentence in sentences.items():
        if outcomes[outcome]:
            _log(act, sentence, outcomes[outcome])


def _log(act: PeopleAct, sentence: str, people: int) -> None:
    words = {
        "people": counted(people, "person", "people"),
        "list": act.mailing_list.name if act.mailing_list else "",
        "topic": act.topic.name if act.topic else "",
    }
    thing = (
        f"list {act.mailing_list.pk}" if act.mailing_list else f"topic {act.topic.pk}" if act.topic else ""
    )
    audit_log.write(
        "erase" if act.kind == ERASE else "subscriber",
        f"{sentence.format(**words)}.",
        thing=thing,
    )
