"""A paragraph cannot hold a form: a browser ends it before the form, which then has neither its row nor its space."""

import re
from pathlib import Path

TEMPLATES = Path(__file__).parents[3] / "templates"
IN_PARAGRAPH = re.compile(r"<p\b[^>]*>(?:(?!</p>).)*?(?:\{\{ ui\.act\(|<form\b)", re.DOTALL)


def test_no_template_puts_a_form_into_a_paragraph():
    wrong = [
        f"{path.relative_to(TEMPLATES)}: {found[0][:120]}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for found in IN_PARAGRAPH.finditer(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []
