"""An installation's own themes: found, checked, and told what is wrong in one sentence with template and line."""

import re

import pytest

from newsletter.errors import Invalid
from newsletter.issues.topic_rules import WantedRule, change_topic_rules
from newsletter.rendering.check_theme import check_theme
from newsletter.rendering.create_theme import new_theme
from newsletter.rendering.render_email import render_email
from newsletter.rendering.theme_sandbox import render
from tests.docs_examples import DOCS
from tests.rendering.example_issues import cite, edit, publish, write

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_full]

COLOURS = 'page = "#ffffff"\ncard = "#ffffff"\nink = "#111111"\nquiet = "#555555"\nrule = "#dddddd"\n'
DARK = 'page = "#000000"\ncard = "#000000"\nink = "#eeeeee"\nquiet = "#aaaaaa"\nrule = "#444444"\n'
PARTS = {
    "theme.toml": f'title = "Ours"\n[light]\n{COLOURS}[dark]\n{DARK}',
    "subject.txt": "{{ subject }}",
    "body.html": '{% extends "partials/email.html" %}\n{% set night = [] %}\n'
    '{% block body %}<h1>{{ publication.name }}</h1>{% include "partials/footer.html" %}{% endblock %}\n',
    "body.txt": '{% include "partials/email.txt" %}\n',
}


@pytest.fixture
def theme(home):
    """Write the theme `ours` into the home folder, with some of its files changed; None leaves a file out."""

    def put(**changes):
        folder = home / "themes" / "ours"
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in (
            PARTS | {key.replace("_", "."): value for key, value in changes.items()}
        ).items():
            (folder / name).unlink(missing_ok=True)
            if content is not None:
                (folder / name).write_text(content, encoding="utf-8")

    return put


def email():
    return render_email(edit(publish(theme="ours"), [write()]))


def refusal():
    with pytest.raises(Invalid) as error:
        email()
    return str(error.value)


def test_a_theme_in_the_home_folder_is_used_and_shares_the_partials(theme):
    theme()
    assert "<h1>Health News</h1>" in email().html


def test_an_undefined_name_is_named_with_template_and_line(theme):
    theme(body_html=PARTS["body.html"].replace("publication.name", "publication.nam"))
    assert refusal().startswith("Template ours/body.html, line 3: ")
    assert "nam" in refusal()


def test_an_undefined_name_in_the_text_is_named_too(theme):
    theme(body_txt="one\n{{ subjekt }}\n")
    assert refusal() == "Template ours/body.txt, line 2: 'subjekt' is undefined."


def test_a_syntax_error_is_named_with_template_and_line(theme):
    theme(body_html="one\ntwo {% if %}\n")
    assert refusal().startswith("Template ours/body.html, line 2: ")


def test_a_part_that_cannot_be_found_is_named(theme):
    theme(body_html='{% extends "partials/lettre.html" %}')
    assert "partials/lettre.html" in refusal()


@pytest.mark.parametrize(
    "escape",
    [
        "{{ publication.__class__.__mro__ }}",
        "{{ ''.__class__ }}",
        "{{ sections.append(1) }}",
        "{{ render.__globals__ }}",
        "{% include '../../newsletter.sqlite3' %}",
        "{% for x in range(99999999) %}{% endfor %}",
    ],
)
def test_a_theme_cannot_leave_the_sandbox(theme, escape):
    theme(body_html=escape)
    assert refusal().startswith("Template ours/body.html")


@pytest.mark.parametrize("link", ["unsubscribe_url", "preferences_url", "read_online_url"])
@pytest.mark.parametrize("part", ["body.html", "body.txt"])
def test_a_theme_that_leaves_out_a_link_is_refused(theme, link, part):
    everything = (
        "{{ tags.unsubscribe_url }} {{ tags.preferences_url }} {{ tags.read_online_url }} {{ publication.reason }} "
        "{{ publication.postal_address | join('\n') }}"
    )
    theme(**{part.replace(".", "_"): everything.replace("{{ tags." + link + " }}", "")})
    assert refusal() == f"Theme ours: {part} must include the link tags.{link}. Add the link."


@pytest.mark.parametrize("name", ["reason", "postal_address"])
def test_a_theme_that_leaves_out_the_address_or_the_reason_is_refused(theme, name):
    theme(
        body_txt="{{ tags.unsubscribe_url }} {{ tags.preferences_url }} {{ tags.read_online_url }} "
        + (
            "{{ publication.reason }}"
            if name == "postal_address"
            else "{{ publication.postal_address | join(' ') }}"
        )
    )
    assert refusal() == f"Theme ours: body.txt must include publication.{name}. Add the variable."


@pytest.mark.parametrize(("kind", "name"), [("response", "responses"), ("retraction", "retractions")])
@pytest.mark.parametrize("url", ["https://example.org/reply?a=1&b=2", ""])
def test_a_theme_that_leaves_out_what_others_say_is_refused(theme, kind, name, url):
    theme()
    article = write("Walking")
    cite(article, "The reply of a society, at some length, to what the study says", url, kind=kind)
    with pytest.raises(Invalid, match=f"body.html must include the {name} of every story, such as “Walking”"):
        render_email(edit(publish(theme="ours"), [article]))


def test_a_theme_that_leaves_out_a_notice_is_refused(theme):
    own = PARTS["body.html"].replace(
        '{% include "partials/footer.html" %}',
        "{{ tags.unsubscribe_url }}{{ tags.preferences_url }}{{ tags.read_online_url }}{{ publication.reason }}"
        "{{ publication.postal_address | join(' ') }}",
    )
    theme(body_html=own)
    publication = publish(theme="ours")
    issue = edit(publication, [write(topics=["Cancer"])])
    assert render_email(issue)
    change_topic_rules(publication, [WantedRule(topic="Cancer", says_not_advice=True)])
    with pytest.raises(Invalid, match=r"Theme ours: body.html must include all notices. Add them."):
        render_email(issue)


@pytest.mark.parametrize("missing", ["subject_txt", "body_html", "body_txt"])
def test_a_theme_with_a_file_missing_says_which(theme, missing):
    theme(**{missing: None})
    assert missing.replace("_", ".") in refusal()


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("title =", "could not read"),
        (PARTS["theme.toml"] + "[extra]\n", "extra is not a valid key"),
        (PARTS["theme.toml"].replace("#111111", "black"), "light.ink must be #"),
        (
            PARTS["theme.toml"].replace("#555555", "#bbbbbb"),
            "light.quiet on light.page has a contrast of 1.9",
        ),
        ('title = "x"\n[light]\n' + COLOURS, "[dark]"),
    ],
)
def test_a_mistake_in_theme_toml_is_told(theme, toml, sentence):
    theme(theme_toml=toml)
    assert refusal().startswith("Theme ours: ")
    assert sentence in refusal()


def test_a_theme_changes_single_words_and_adds_a_language(theme):
    theme(
        theme_toml=PARTS["theme.toml"]
        + '[words.en]\nunsubscribe = "Leave"\n[words.is]\npreferences = "Stillingar"\n'
        + '[words.de-AT]\nby = "Von {authors}!"\n'
    )
    english = email()
    icelandic = render_email(edit(publish(theme="ours", language="is"), [write()]))
    austrian = render_email(edit(publish(theme="ours", language="de-at"), [write(authors=["Ada"])]))
    assert "Leave: *|UNSUBSCRIBE_URL_TEXT|*" in english.text
    assert "Stillingar: *|PREFERENCES_URL_TEXT|*" in icelandic.text
    assert "Read online: *|READ_ONLINE_URL_TEXT|*" in icelandic.text
    assert "Abmelden: *|UNSUBSCRIBE_URL_TEXT|*" in austrian.text
    assert "Von Ada!" in austrian.text


def test_a_template_of_each_home_is_its_own_and_an_edited_one_counts_at_once(settings, tmp_path):
    said = []
    for home, text in (("one", "first"), ("two", "second"), ("one", "third")):
        folder = tmp_path / home / "themes" / "own"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "email.txt").write_text(f"{text} {{{{ name }}}}", encoding="utf-8")
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"home": tmp_path / home})
        said.append(render("own/email.txt", {"name": "x"}))
    assert said == ["first x", "second x", "third x"]


def test_a_theme_made_as_the_page_says_is_used(home):
    page = (DOCS / "how-to" / "make-a-theme.md").read_text(encoding="utf-8")
    (colours,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (header,) = re.findall(r"```html\+jinja\n(.*?)```", page, re.DOTALL)
    (styles,) = re.findall(r"```css\+jinja\n(.*?)```", page, re.DOTALL)
    (night,) = re.findall(r"```\n(  \(.*?)```", page, re.DOTALL)
    assert "newsletter themes new garden\n" in page
    folder = new_theme("garden")
    assert folder == home.resolve() / "themes" / "garden"
    (folder / "theme.toml").write_text(colours, encoding="utf-8")
    with (folder / "style.css").open("a", encoding="utf-8") as file:
        file.write(styles)
    body = (folder / "body.html").read_text(encoding="utf-8")
    body, changed = re.subn(
        r'<tr><td class="masthead">.*?\n</td></tr>\n', lambda _: header, body, count=1, flags=re.DOTALL
    )
    assert changed
    (folder / "body.html").write_text(
        body.replace("{% set night = [\n", "{% set night = [\n" + night), "utf-8"
    )
    email = render_email(edit(publish(theme="garden"), [write()]))
    assert "#eef2ea" in email.html
    assert 'bgcolor="#2f5d3a"' in email.html
    assert ".on-band{color:#0e120e!important}" in email.html
    assert "Unsubscribe from this list" in email.html
    assert "Unsubscribe from this list" in email.text
    assert check_theme("garden") == []
