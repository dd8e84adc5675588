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
    ADD_TOPIC: "Add a topic",
    REMOVE_TOPIC: "Remove a topic",
    UNSUBSCRIBE: "Unsubscribe from a list",
    SUPPRESS: "Suppress their addresses",
    ERASE: "Erase them",
}
HEADINGS: Mapping[str, str] = {
    ADD: "Add {people} to a list?",
    ADD_TOPIC: "Add a topic for {people}?",
    REMOVE_TOPIC: "Remove a topic for {people}?",
    UNSUBSCRIBE: "Unsubscribe {people}?",
    SUPPRESS: "Suppress the addresses of {people}?",
    ERASE: "Erase {people}?",
}
DONE: Mapping[str, str] = {
    ADD: "{people} {were} added to the list",
    ADD_TOPIC: "The topic was added for {people}",
    REMOVE_TOPIC: "The topic was removed for {people}",
    UNSUBSCRIBE: "{people} {were} unsubscribed",
    SUPPRESS: "{people} {were} suppressed",
    ERASE: "{people} {were} erased",
}
REFUSALS: Mapping[str, str] = {
    ADD: "they have unsubscribed or are suppressed, or the lawful basis does not allow it",
    REMOVE_TOPIC: "without this topic, they would get every topic",
}
UNCHANGED_WORDS: Mapping[str, str] = {
    ADD: "they are already on the list, and their lawful basis stays the same",
    ADD_TOPIC: "they already get the topic or are not on the list",
    REMOVE_TOPIC: "they did not choose the topic",
    UNSUBSCRIBE: "they are not on the list",
    SUPPRESS: "they are already suppressed",
    ERASE: "they have already been erased",
}


def label_of_act(job: BackgroundJob) -> str:
    """Return what an act on many people does, in the words in which it was chosen."""
    return ("Undo: " if job.kind == UNDO else "") + ACT_LABELS.get(job.arguments.get("kind", ""), "")
