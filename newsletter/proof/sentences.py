"""The sentences of a text as readers read it, and the text with one of them replaced.

By its sentence, people say what they comment on.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from newsletter.articles.html_and_text.first_sentences import sentence_ends
from newsletter.errors import Refused
from newsletter.rendering.text_as_read import ReadText, read_text

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
_MEANS_SOMETHING = re.compile(r"([\\`*_\[\]<>&#~|])|(?<=^)([-+]|\d+(?=[.)]))", re.MULTILINE)
_LEFT_EMPTY = re.compile(r"(?<!!)\[\]\([^()\s]*\)|(?<!\*)\*{4}(?!\*)|(?<!\w)_{4}(?!\w)")


def sentences_of(text: str, field: str = "") -> list[str]:
    """Return the sentences of a text in order, as readers read them. Each line begins a new one.

    `field` is the name of the text in its part: an introduction is Markdown, and a headline is not.
    """
    words = read_text(field, text).words
    return [words[start:end] for start, end in _places(words)]


def with_sentence_replaced(text: str, sentence: str, words: str, field: str = "") -> str:
    """Return the text with other words in place of a sentence. Without words, the sentence is removed.

    Links and other marks around words that stay are kept. Raises Refused unless the text has this sentence, as it is,
    exactly once, and if the words cannot be written where the marks are.
    """
    read = read_text(field, text)
    start, end = _place_of(sentence, read)
    if read.words == text:
        return _replaced(text, start, end, words)
    wanted = _squashed(_replaced(read.words, start, end, words))
    plain = _MEANS_SOMETHING.sub(lambda found: _escaped(found[0]), words)
    for written in (words, plain):
        changed = _changed(read, start, end, written) if written else _without(read, start, end)
        if _squashed(read_text(field, changed).words) == wanted:
            return changed
    raise Refused(
        "We cannot use these words automatically, because the sentence contains links or formatting. Change the text "
        "yourself."
    )


def _place_of(sentence: str, read: ReadText) -> tuple[int, int]:
    """Return where the only such sentence is among the words."""
    places = [place for place in _places(read.words) if read.words[slice(*place)] == sentence]
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
    return places[0]


def _replaced(text: str, start: int, end: int, words: str) -> str:
    if words:
        return text[:start] + words + text[end:]
    return f"{text[:start].rstrip(' ')} {text[end:].lstrip(' ')}".strip(" ")


def _changed(read: ReadText, start: int, end: int, words: str) -> str:
    """Return the source in which only the words that differ are replaced. What stands between characters stays."""
    before, after = _WORDS.findall(read.words[start:end]), _WORDS.findall(words)
    offsets = [start]
    for each in before:
        offsets.append(offsets[-1] + len(each))
    changed = read.source
    edits = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    # From the end, so that what comes before keeps its place.
    for kind, first, last, begin, finish in reversed(edits):
        if kind != "equal":
            gone = (offsets[first], offsets[last])
            changed = _with(read, changed, gone, "".join(after[begin:finish]))
    return _LEFT_EMPTY.sub("", changed) if not _LEFT_EMPTY.search(read.source) else changed


def _with(read: ReadText, source: str, place: tuple[int, int], words: str) -> str:
    """Return the source with words in place of those at `place`, which is where they are as they are read."""
    start, end = place
    if start == end:
        begins_line = start == 0 or read.words[start - 1] == "\n"
        at = read.places[start][0] if begins_line else read.places[start - 1][1]
        return source[:at] + words + source[at:]
    gone = sorted(set(read.places[start:end]), reverse=True)
    for begin, finish in gone[:-1]:
        source = source[:begin] + source[finish:]
    begin, finish = gone[-1]
    return source[:begin] + words + source[finish:]


def _without(read: ReadText, start: int, end: int) -> str:
    """Return the source without a sentence. A block that has no other sentence goes with its lines."""
    begins_block = start == 0 or read.words[start - 1] == "\n"
    ends_block = end == len(read.words) or read.words[end] == "\n"
    source = read.source
    if begins_block and ends_block:
        first = source.rfind("\n", 0, read.places[start][0]) + 1
        last = source.find("\n", read.places[end - 1][1])
        before, after = source[:first].rstrip("\n"), source[last:].strip("\n") if last >= 0 else ""
        gap = source[len(before) : first] if before else ""
        return f"{before}{gap}{after}" if after else before
    while end < len(read.words) and read.words[end] == " ":
        end += 1
    if end == len(read.words) or read.words[end] == "\n":
        while start and read.words[start - 1] == " ":
            start -= 1
    return _changed(read, start, end, "")


def _escaped(mark: str) -> str:
    return f"{mark}\\" if mark.isdigit() else f"\\{mark}"


def _squashed(text: str) -> str:
    return " ".join(text.split())


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
