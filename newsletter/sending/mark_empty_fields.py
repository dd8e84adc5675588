"""Marks in a preview the fields for which a reader has no value, so that nobody takes the words there for theirs."""

import re
from dataclasses import replace
from html import escape

from newsletter.rendering.email import TAG, Email
from newsletter.rendering.merge_tags import MergeValues, substitutions

# The tags of fields that a reader may lack, and their names.
FIELDS = {"*|FIRST_NAME|*": "first name", "*|FIRST_NAME_TEXT|*": "first name"}
STYLE = "background:#ffdd00;color:#0b0c0c;outline:2px dashed #0b0c0c;padding:0 3px"
# Elements whose text shows no other elements.
_TITLE = re.compile(r"<(/?)(?:title|style)\b", re.IGNORECASE)


def marked(email: Email, filled: Email, person: MergeValues) -> Email:
    """Return an email that was filled for somebody without a first name, with that field marked in HTML and text."""
    values = substitutions(person, email.first_name_fallback)
    return replace(filled, html=_marked_html(email.html, values), text=_marked_text(email.text, values))


def _marked_html(html: str, values: dict[str, str]) -> str:
    # A mark can stand neither inside a tag nor in a title.
    written, shows_elements, in_title = [], True, False
    for position, piece in enumerate(TAG.split(html)):
        if position % 2 == 0:
            written.append(piece)
            opened, closed = piece.rfind("<"), piece.rfind(">")
            shows_elements = shows_elements if opened == closed == -1 else closed > opened
            for found in _TITLE.finditer(piece):
                in_title = not found[1]
        elif piece in FIELDS and shows_elements and not in_title:
            words = escape(_words(piece, values))
            written.append(f'<mark style="{STYLE}">{words}</mark>')
        else:
            written.append(values.get(piece, piece))
    return "".join(written)


def _marked_text(text: str, values: dict[str, str]) -> str:
    pieces = TAG.split(text)
    return "".join(
        _words(piece, values) if piece in FIELDS else values.get(piece, piece) if position % 2 else piece
        for position, piece in enumerate(pieces)
    )


def _words(tag: str, values: dict[str, str]) -> str:
    instead = values.get(tag.replace("|*", "_TEXT|*") if not tag.endswith("_TEXT|*") else tag, "")
    return f"[{FIELDS[tag]} missing: {instead}]" if instead else f"[{FIELDS[tag]} missing]"
