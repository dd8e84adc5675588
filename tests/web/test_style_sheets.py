"""Style sheets and pages use the same class names. A rule that no page uses was left behind by a renaming."""

import re
from pathlib import Path

import pytest

from newsletter.web.desk.dashboard_view import Kind

ROOT = Path(__file__).parents[2]
SHEETS = {
    "newsletter/static/newsletter/desk.css": ("templates/desk", "newsletter/static/newsletter"),
    "subscribers/static/subscribers/public.css": ("templates/public", "subscribers/static/subscribers"),
}


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_class_of_a_style_sheet_is_used_by_a_page(sheet):
    styles = re.sub(r"(?s)/\*.*?\*/|\{[^{}]*\}", " ", (ROOT / sheet).read_text(encoding="utf-8"))
    pages = [path for folder in SHEETS[sheet] for path in (ROOT / folder).iterdir() if path.suffix != ".css"]
    # The main part of an issue's web page is rendered with its email.
    pages.append(ROOT / "templates" / "email" / "partials" / "web_page.html")
    html = " ".join(path.read_text(encoding="utf-8") for path in pages)
    # In the attribute itself, but for what Jinja2 computes there, or as the last argument of the macro for a button.
    attributes = re.findall(r'class="([^"]*)"', re.sub(r"\{[{%].*?[%}]\}", " ", html))
    used = " ".join(attributes + re.findall(r', "([^"]*)"\) ?\}\}', html))
    words = set(re.findall(r"[\w-]+", used)) | {f"kind-{kind.name.lower()}" for kind in Kind}
    assert {name for name in re.findall(r"\.([a-z][\w-]*)", styles) if name not in words} == set()
