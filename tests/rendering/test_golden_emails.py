"""The emails in tests/emails, as they were last checked. After a change to a theme, check them again:

UPDATE_EMAILS=1 .venv/bin/pytest tests/rendering/test_golden_emails.py

writes them again. Open each in a browser, narrow and wide, light and dark, and commit them with the change.
"""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from newsletter.rendering.merge_tags import fill_tags
from newsletter.rendering.render_email import render_email
from tests.rendering.email_rules import broken_rules
from tests.rendering.example_issues import MORNING, PERSON, STANDFIRST, add_blocks, cite, edit, publish, write

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_full]
EMAILS = Path(__file__).parents[1] / "emails"
TITLES = (
    "A daily walk and fewer falls",
    "What “doubled risk” means when the risk was one in ten thousand",
    "Sleep, screens, and a study of teenagers that did not measure sleep",
    "Why the trial was stopped early",
    "Mice are not people",
)


def stories(titles, standfirst=STANDFIRST, **changes):
    articles = []
    for number, title in enumerate(titles):
        picture = {"image_url": "https://example.org/hill.jpg", "image_alt": "A hill", "image_width": 1200}
        article = write(
            title,
            standfirst=standfirst,
            url=f"https://example.org/articles/{number}/",
            published_at=MORNING - timedelta(days=number),
            **(picture | {"image_height": 675} if number == 0 else {}),
            **changes,
        )
        articles.append(article)
    cite(
        articles[0],
        "Sun et al., “Treatment-induced damage to the tumor microenvironment promotes prostate cancer therapy "
        "resistance through WNT16B”, Nature Medicine 2012",
        "https://doi.org/10.1038/nm.2890",
    )
    return articles


def full(theme):
    publication = publish(theme=theme)
    add_blocks(publication)
    return edit(publication, stories(TITLES), sections=("Research", "Living well"))


def bare(theme):
    return edit(publish(theme=theme, tagline=""), [], opening="", preheader="")


def bright_with_logo(theme):
    publication = publish(
        theme=theme,
        logo_url="https://example.org/logo.png",
        logo_width=480,
        logo_height=120,
        accent_colour="#ffd400",
        accent_colour_dark="#333300",
        heading_font="Helvetica, Arial, sans-serif",
        body_font="Helvetica, Arial, sans-serif",
    )
    return edit(publication, stories(TITLES[:2]))


def arabic(theme):
    publication = publish(
        theme=theme, language="ar", name="أخبار الصحة", tagline="", organisation="مؤسسة المثال"
    )
    titles = ("المشي اليومي وانخفاض حالات السقوط", "ما الذي أغفله العنوان")
    return edit(publication, stories(titles, "لا تستطيع الدراسة أن تقول إن المشي هو السبب."), opening="")


def japanese(theme):
    publication = publish(
        theme=theme, language="ja", name="健康ニュース", tagline="研究が言うこと、言わないこと"
    )
    titles = ("毎日の散歩と転倒の減少について", "見出しが省いたこと")
    return edit(publication, stories(titles, "研究者は九年間にわたり千二百人を追跡した。" * 6), opening="")


def hostile(theme):
    titles = (
        '<script>alert("1")</script> {{ 7*7 }}',
        "*|UNSUBSCRIBE_URL|*",
        "Pneumono" * 20,
        "A very long title " * 20,
    )
    return edit(publish(theme=theme), stories(titles, "</td></table><!-- *|FIRST_NAME|*"))


@pytest.mark.parametrize("theme", ["classic", "plain"])
@pytest.mark.parametrize("make", [full, bare, bright_with_logo, arabic, japanese, hostile])
def test_the_letter_is_as_it_was_last_looked_at(make, theme):
    email = fill_tags(render_email(make(theme)), PERSON)
    path = EMAILS / f"{theme}-{make.__name__.replace('_', '-')}.html"
    if os.environ.get("UPDATE_EMAILS"):
        path.write_text(email.html, encoding="utf-8")
        path.with_suffix(".txt").write_text(email.text, encoding="utf-8")
    assert broken_rules(email.html) == []
    assert email.html == path.read_text(encoding="utf-8")
    assert email.text == path.with_suffix(".txt").read_text(encoding="utf-8")
