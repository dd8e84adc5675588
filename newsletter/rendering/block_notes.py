"""The small lines below a block: what an appeal must say besides its own text."""

from dataclasses import replace
from datetime import date

from newsletter.issues.block_data import Appeal
from newsletter.issues.blocks_shown_in_email import Block
from newsletter.rendering.fixed_words import Words
from newsletter.rendering.localisation import long_date
from subscribers.bidi import isolated


def with_notes(block: Block, words: Words, day: date, *, charity_number: str) -> Block:
    """Return a block with the lines that belong below it on a day. Most blocks have none."""
    if not isinstance(block.data, Appeal):
        return block
    return replace(block, notes=tuple(_of_appeal(block.data, words, day, charity_number)))


def _of_appeal(appeal: Appeal, words: Words, day: date, charity_number: str) -> list[str]:
    notes = []
    if appeal.closes_on:
        ended = words["appeal_ended"]
        until = words["open_until"].replace("{date}", isolated(long_date(appeal.closes_on, words.language)))
        notes.append(words.phrase(ended if appeal.closes_on < day else until))
    if appeal.second_purpose:
        reached = appeal.target is not None and appeal.raised >= appeal.target
        notes += [words.phrase(words["target_reached"])] if reached else []
        notes.append(appeal.second_purpose)
    if appeal.figures_source and appeal.figures_on:
        figures = words["figures"].replace("{source}", isolated(appeal.figures_source))
        on = isolated(long_date(appeal.figures_on, words.language))
        notes.append(words.phrase(figures.replace("{date}", on)))
    if charity_number:
        notes.append(words.phrase(words["charity"].replace("{number}", isolated(charity_number))))
    return notes
