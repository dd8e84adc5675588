"""The words of acts on many people: as a choice, as a question, and what came of them."""

from collections.abc import Mapping

from newsletter.background_jobs.models import BackgroundJob
from newsletter.people_acts.kinds_of_people_acts import (
    ADD,
    ADD_TOPIC,
    ERASE,
    REMOVE_TOPIC,
    SUPPRESS,
    UNDO,
    UNSUBSCRIBE,
)

# What an editor chooses from, in this order.
ACT_LABELS: Mapping[str, str] = {
    ADD: "Add to a list",
    ADD_TOPIC: "Give a topic",
    REMOVE_TOPIC: "Take a topic away",
    UNSUBSCRIBE: "Unsubscribe from a list",
    SUPPRESS: "Suppress their addresses",
    ERASE: "Erase them",
}
HEADINGS: Mapping[str, str] = {
    ADD: "Add {people} to a list?",
    ADD_TOPIC: "Give {people} a topic?",
    REMOVE_TOPIC: "Take a topic from {people}?",
    UNSUBSCRIBE: "Unsubscribe {people}?",
    SUPPRESS: "Suppress the addresses of {people}?",
    ERASE: "Erase {people}?",
}
DONE: Mapping[str, str] = {
    ADD: "{people} added to the list",
    ADD_TOPIC: "{people} got the topic",
    REMOVE_TOPIC: "{people} lost the topic",
    UNSUBSCRIBE: "{people} unsubscribed",
    SUPPRESS: "{people} suppressed",
    ERASE: "{people} erased",
}
REFUSALS: Mapping[str, str] = {
    ADD: "unsubscribed or suppressed, and stay so",
    REMOVE_TOPIC: "have no other topic, so without it they would get every topic",
}
UNCHANGED_WORDS: Mapping[str, str] = {
    ADD: "on the list already",
    ADD_TOPIC: "get the topic already, or are not on the list",
    REMOVE_TOPIC: "did not choose the topic",
    UNSUBSCRIBE: "not on the list",
    SUPPRESS: "suppressed already",
    ERASE: "erased already",
}


def label_of_act(job: BackgroundJob) -> str:
    """Return what an act on many people does, in the words in which it was chosen."""
    return ("Undo: " if job.kind == UNDO else "") + ACT_LABELS.get(job.arguments.get("kind", ""), "")
