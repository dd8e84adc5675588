"""The headings of an introduction rank below the name of the publication, and no level is skipped for a reader."""

import re

import pytest

from newsletter.rendering.render_email import render_email
from newsletter.rendering.render_markdown import markdown_html
from tests.rendering.example_issues import edit, publish, write


@pytest.mark.parametrize(
    ("source", "highest", "levels"),
    [
        ("# A\n\n## B", 2, "23"),
        ("### A\n\n#### B\n\n### C", 2, "232"),
        ("# A\n\n### B", 2, "24"),
        ("### A\n\n# B", 2, "42"),
        ("# A\n\n###### B", 4, "46"),
        ("# A\n\n### B", None, "33"),
    ],
)
def test_a_heading_keeps_its_distance_from_the_highest_of_its_text(source, highest, levels):
    html = markdown_html(source, "ltr", highest)
    assert "".join(re.findall(r"<h(\d)>", html)) == levels
    assert "".join(re.findall(r"</h(\d)>", html)) == levels


@pytest.mark.django_db
@pytest.mark.parametrize("theme", ["classic", "plain"])
def test_a_heading_of_the_introduction_follows_the_name_of_the_publication(theme):
    email = render_email(edit(publish(theme=theme), [write()], opening="### Dates\n\nIn May."))
    assert re.search(r"<h2 [^>]*font:bold[^>]*>Dates</h2>", email.html), re.findall(".*Dates.*", email.html)
    assert "<h2>Dates</h2>" in email.page
