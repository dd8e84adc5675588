"""The sentences of a text, by which people say what they comment on, and the text with one of them replaced."""

from collections.abc import Iterator, Sequence

from newsletter.articles.steps.write_standfirst import sentence_ends
from newsletter.errors import Refused


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text in order, exactly as they are written. Each line begins a new one."""
    return [text[start:end] for start, end in _places(text)]


def with_sentence_replaced(text: str, sentence: str, words: str) -> str:
    """Return the text with other words in place of a sentence. Without words, the sentence is removed.

    Raises Refused unless the text has this sentence, as it is, exactly once.
    """
    places = [(start, end) for start, end in _places(text) if text[start:end] == sentence]
    if not places:
        raise Refused(
            "The sentence has changed since these words were suggested, so we did not use them. The "
            f"sentence was: “{sentence}”"
        )
    if len(places) > 1:
        raise Refused(
            "The text contains this sentence more than once, so we do not know which one is meant. Change "
            "the text yourself."
        )
    ((start, end),) = places
    if words:
        return text[:start] + words + text[end:]
    return f"{text[:start].rstrip(' ')} {text[end:].lstrip(' ')}".strip(" ")


def _places(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each sentence begins and ends, without the spaces around it."""
    offset = 0
    for line in text.split("\n"):
        yield from _places_in_line(line, offset, [*sentence_ends(line), len(line)])
        offset += len(line) + 1


def _places_in_line(line: str, offset: int, ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    start = 0
    for end in ends:
        words = line[start:end]
        if words.strip():
            begins = start + len(words) - len(words.lstrip())
            yield offset + begins, offset + start + len(words.rstrip())
        start = end
