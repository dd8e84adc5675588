"""Style sheets and pages use the same class names. A rule that no page uses was left behind by a renaming."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DESK = "newsletter/static/newsletter/desk"
SHEETS = {f"{DESK}/{path.name}": ("templates/desk", DESK) for path in sorted((ROOT / DESK).glob("*.css"))} | {
    "subscribers/static/subscribers/public.css": ("templates/public", "subscribers/static/subscribers"),
}
MOST_BYTES_OF_A_PAGE = 40_000
# Classes that components compute: the kinds of buttons, and the tones of badges.
COMPUTED = {
    *("primary", "quiet", "danger", "ghost", "link", "big"),
    *("neutral", "accent", "good", "warn", "alarm"),
    *("align-start", "align-end", "htmx-request"),
    # The way a text runs.
    *("ltr", "rtl"),
}


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_class_of_a_style_sheet_is_used_by_a_page(sheet):
    styles = re.sub(r"(?s)/\*.*?\*/", " ", (ROOT / sheet).read_text(encoding="utf-8"))
    # A selector stands before a brace; inside the braces are only properties and, in a layer, more rules.
    selectors = " ".join(re.findall(r"[^{};]+(?=\{)", styles))
    pages = [
        path
        for folder in SHEETS[sheet]
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".html", ".js"}
    ]
    # The main part of an issue's web page is rendered with its email.
    pages.append(ROOT / "templates" / "email" / "partials" / "web_page.html")
    html = " ".join(path.read_text(encoding="utf-8") for path in pages)
    # In the attribute itself, but for what Jinja2 computes there, or as a text in a script.
    attributes = re.findall(r'class="([^"]*)"', re.sub(r"\{[{%].*?[%}]\}", " ", html))
    scripts = [
        text
        for path in pages
        if path.suffix == ".js"
        for text in re.findall(r"""["'`]([\w -]+)["'`]""", path.read_text(encoding="utf-8"))
    ]
    blocks = re.findall(r"\{% block width %\}([\w -]*)\{%", html)
    # Or as a text in what Jinja2 computes.
    computed = re.findall(r"""["']([\w -]+)["']""", " ".join(re.findall(r"\{[{%].*?[%}]\}", html)))
    words = set(re.findall(r"[\w-]+", " ".join(attributes + scripts + blocks + computed))) | COMPUTED
    # uPlot makes its own classes, which begin with u-.
    named = [name for name in re.findall(r"\.([a-z][\w-]*)", selectors) if not name.startswith("u-")]
    assert {name for name in named if name not in words} == set()


def test_the_style_sheets_that_a_page_of_the_desk_loads_are_small():
    def sizes(template):
        linked = re.findall(r"newsletter/desk/([\w/-]+\.css)", template.read_text(encoding="utf-8"))
        return sum((ROOT / DESK / name).stat().st_size for name in linked)

    templates = ROOT / "templates" / "desk"
    whole = {templates / "layout.html", templates / "shell" / "failed.html"}
    frame = sizes(templates / "layout.html")
    issue = sizes(templates / "issue" / "issue_layout.html")
    for template in set(templates.rglob("*.html")) - whole:
        of_an_issue = 'extends "desk/issue/issue_layout.html"' in template.read_text(encoding="utf-8")
        loaded = frame + sizes(template) + (issue if of_an_issue else 0)
        assert loaded < MOST_BYTES_OF_A_PAGE, (template.name, loaded)
