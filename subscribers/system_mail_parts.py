"""Renders the parts of a system email: subject, text wrapped at 78 columns (RFC 5322 §2.1.1), and HTML in a look."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.template import engines

from subscribers.bidi import isolated, isolated_html, isolates_where_needed
from subscribers.mail_look import MailLook
from subscribers.punctuation import colon
from subscribers.translated_languages import direction, texts_in, written_in
from subscribers.wrap_text import wrap

SUBJECT, TEXT, HTML = "subject.txt", "body.txt", "body.html"
SIGNATURE = "-- "


def render_parts(kind: str, language: str, look: MailLook, context: Mapping[str, Any]) -> dict[str, str]:
    """Render `templates/email/KIND` in a language, or else in English. Return the parts by name."""
    spoken = written_in(language)
    way, texts = direction(spoken), texts_in(spoken)
    right_to_left = way == "rtl"
    shared = {
        "_": texts.gettext,
        "ngettext": texts.ngettext,
        "colon": colon(texts),
        "lang": spoken,
        "direction": way,
        "start": "right" if right_to_left else "left",
        "end": "left" if right_to_left else "right",
        "look": look,
        "isolated": isolated,
        "bdi": partial(isolated_html, direction=way),
    }
    parts = {
        part: engines["jinja2"].get_template(f"email/{kind}/{part}").render({**shared, **context})
        for part in (SUBJECT, TEXT, HTML)
    }
    return {**parts, TEXT: _wrapped(isolates_where_needed(parts[TEXT], way))}


def _wrapped(text: str) -> str:
    return "\n".join(line if line == SIGNATURE else wrap(line) for line in text.split("\n"))
