"""Says in words what differs between two emails: what was added, removed, changed or moved, and in which article."""

from collections.abc import Collection, Iterator, Sequence
from difflib import SequenceMatcher

from newsletter.issues.issue_version_diff import Difference
from newsletter.issues.word_diff import word_changes
from newsletter.preflight.differences.email_parts import EmailPart, EmailParts, parts_of
from newsletter.rendering.email import Email
from newsletter.scheduling.email_diff import FIELDS
from newsletter.scheduling.text_differences import is_version

AROUND = "Outside the articles"
LONGEST = 160


def compare_emails(before: Email, after: Email, urls: Collection[str] = ()) -> list[Difference]:
    """Return what differs in the second email: first its head, then its introduction, its articles, and the rest.

    `urls` are those of articles that they may contain.
    """
    if before.digest == after.digest:
        return []
    old, new = parts_of(before, urls), parts_of(after, urls)
    found = [
        *_fields(before, after),
        *_part(old.introduction, new.introduction, "In the introduction"),
        *_articles(old, new),
        *_part(old.around, new.around, AROUND),
    ]
    return found or [Difference("Only the layout or the style has changed.")]


def _fields(before: Email, after: Email) -> Iterator[Difference]:
    for field, name in FIELDS.items():
        old, new = getattr(before, field), getattr(after, field)
        if old == new or (field == "sender_name_ascii" and before.sender_name != after.sender_name):
            continue  # the transliterated name follows from the name
        if not (old and new):
            yield Difference(
                f"The {name} was removed: “{_cut(old)}”." if old else f"The {name} was added: “{_cut(new)}”."
            )
        else:
            yield Difference(f"The {name} was changed.", word_changes(old, new))


def _articles(old: EmailParts, new: EmailParts) -> Iterator[Difference]:
    for url, article in old.articles.items():
        if url not in new.articles:
            yield Difference(f"The article “{_cut(article.title)}” was removed.")
    for url, article in new.articles.items():
        if url not in old.articles:
            yield Difference(f"The article “{_cut(article.title)}” was added.")
    kept = [url for url in new.articles if url in old.articles]
    for url in _moved([url for url in old.articles if url in new.articles], kept):
        yield Difference(f"The article “{_cut(new.articles[url].title)}” was moved.")
    for url in kept:
        before, after = old.articles[url], new.articles[url]
        if before.title != after.title:
            yield Difference(
                f"The headline “{_cut(before.title)}” was changed.", word_changes(before.title, after.title)
            )
        yield from _part(before, after, f"In “{_cut(after.title)}”")


def _moved(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Return those that are no longer in the same order, as few as possible."""
    stayed: set[str] = set()
    for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        stayed.update(before[block.a : block.a + block.size])
    return [each for each in after if each not in stayed]


def _part(old: EmailPart, new: EmailPart, where: str) -> Iterator[Difference]:
    yield from _sentences(old.sentences, new.sentences, where)
    for words, url in new.links.items():
        before = old.links.get(words, url)
        if before != url:
            sentence = f"{where}, the link “{_cut(words)}” now leads to another page."
            yield Difference(sentence, word_changes(before, url))
    yield from _pictures(old.pictures, new.pictures, where)


def _sentences(old: list[str], new: list[str], where: str) -> Iterator[Difference]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if kind == "equal":
            continue
        removed, added = old[old_from:old_to], new[new_from:new_to]
        while removed and added and is_version(removed[0], added[0]):
            before, after = removed.pop(0), added.pop(0)
            yield Difference(f"{where}, a sentence was changed.", word_changes(before, after))
        yield from (Difference(f"{where}, this was removed: “{each}”") for each in removed)
        yield from (Difference(f"{where}, this was added: “{each}”") for each in added)


def _pictures(old: list[tuple[str, str]], new: list[tuple[str, str]], where: str) -> Iterator[Difference]:
    for index in range(max(len(old), len(new))):
        if index >= len(new):
            yield Difference(f"{where}, a picture was removed.")
        elif index >= len(old):
            yield Difference(f"{where}, a picture was added.")
        else:
            (old_url, old_alt), (new_url, new_alt) = old[index], new[index]
            if old_url != new_url:
                yield Difference(f"{where}, the picture was replaced.")
            if old_alt != new_alt:
                sentence = f"{where}, the description of the picture was changed."
                yield Difference(sentence, word_changes(old_alt, new_alt))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()}…"
