"""Notices in the languages of readers: one email for each, and the email that there was for everybody else."""

import re

import pytest
from lxml import html

from newsletter.issues.models import NoticeTranslation, TopicRule
from newsletter.issues.notice_translations import WantedText, change_notices_in
from newsletter.issues.topic_rules import WantedRule, change_topic_rules
from newsletter.rendering.email_parts import WHOLE, EmailParts, article_part
from newsletter.rendering.email_set import EmailSet, EmailVariant
from newsletter.rendering.render_email import render_email, render_emails
from newsletter.rendering.topic_notices import suggested_texts
from tests.rendering.example_issues import edit, publish, write

pytestmark = pytest.mark.django_db
CALL, ASK = "In an emergency, call 999.", "Ask a nurse if you are “unsure”."
POLISH, ARABIC = "W nagłym wypadku zadzwoń pod 999 & <czekaj>.", "في حالات الطوارئ، اتصل بـ 999."
RULE = WantedRule(topic="Cancer", emergency_numbers="999", notice=ASK)
THEMES = pytest.mark.parametrize("theme", ["classic", "plain"])


def publication_with(language="en-GB", **texts):
    """A publication with two notices, of which the first has these texts."""
    publication = publish(theme=texts.pop("theme", "classic"), language=language)
    change_topic_rules(publication, [RULE])
    for tag, text in texts.items():
        change_notices_in(
            publication, tag.replace("_", "-"), [WantedText(notice=CALL, text=text, confirmed=True)]
        )
    return publication


def issue_with(**texts):
    return edit(publication_with(**texts), [write(topics=["Cancer"])])


def by_language(emails):
    return {each.language: each.email for each in emails.variants}


@THEMES
def test_each_language_gets_its_own_text_once_and_marked(theme):
    issue = issue_with(pl=POLISH, ar=ARABIC, theme=theme)
    emails = by_language(render_emails(issue))
    assert list(emails) == ["ar", "pl", ""]
    for tag, text in (("pl", POLISH), ("ar", ARABIC), ("", CALL)):
        email = emails[tag]
        for part in (email.html, email.page):
            page = html.fromstring(part)
            [found] = [each for each in page.iter("p") if each.text_content() == text]
            assert not [
                each for each in page.iter("p") if each.text_content() in {POLISH, ARABIC, CALL} - {text}
            ]
            inner = next(iter(found), None)
            assert (inner.get("lang") if inner is not None else None) == (tag or None)
            assert found.get("dir") == ("rtl" if tag == "ar" else None)
            assert ASK in page.text_content()
        assert " ".join(email.text.split()).count(text) == 1
        assert email.language == "en-GB"
    assert emails["pl"].subject == emails[""].subject


def test_an_email_without_notices_in_other_languages_is_what_it_was():
    issue = issue_with()
    alone = EmailSet((EmailVariant(email=render_email(issue)),))
    before = render_emails(issue)
    assert before.to_list() == alone.to_list()
    publication = issue.publication
    # A draft, a notice that the email does not have, and a text that is the same.
    change_notices_in(publication, "de", [WantedText(notice=CALL, text="Im Notfall: 999")])
    change_notices_in(publication, "fr", [WantedText(notice="Never said.", text="Jamais.", confirmed=True)])
    change_notices_in(publication, "cy", [WantedText(notice=CALL, text=CALL, confirmed=True)])
    assert render_emails(issue).to_list() == before.to_list()


def test_the_email_for_everybody_else_stays_byte_for_byte():
    issue = issue_with()
    before = render_emails(issue)
    change_notices_in(issue.publication, "pl", [WantedText(notice=CALL, text=POLISH, confirmed=True)])
    after = render_emails(issue)
    assert after.main == before.main
    assert after.digest != before.digest


def test_a_notice_that_changes_is_no_longer_translated_by_the_old_text():
    issue = issue_with(pl=POLISH)
    change_topic_rules(issue.publication, [WantedRule(topic="Cancer", emergency_numbers="112", notice=ASK)])
    emails = render_emails(issue)
    assert len(emails.variants) == 1
    assert "999" not in emails.main.text


def test_languages_of_one_family_share_an_email_unless_their_texts_differ():
    issue = issue_with(pt="Ligue 999.", pt_BR="Disque 999.")
    assert [each.language for each in render_emails(issue).variants] == ["pt-BR", "pt", ""]
    NoticeTranslation.objects.filter(language="pt-BR").update(text="Ligue 999.")
    emails = render_emails(issue)
    assert [each.language for each in emails.variants] == ["pt", ""]
    assert emails.variants[0].readers == 'language is "pt" or language starts with "pt-"'
    NoticeTranslation.objects.filter(language="pt").update(notice=ASK)
    emails = by_language(render_emails(issue))
    assert set(emails) == {"pt", ""}
    assert 'lang="pt-BR">Ligue 999.' in emails["pt"].html


def test_two_notices_with_one_text_are_one():
    issue = issue_with(pl="Zadzwoń pod 999.")
    change_notices_in(
        issue.publication, "pl", [WantedText(notice=ASK, text="Zadzwoń pod 999.", confirmed=True)]
    )
    assert render_emails(issue).variants[0].email.text.count("Zadzwoń pod 999.") == 1


def test_english_notices_in_an_arabic_email_say_so():
    publication = publish(language="ar")
    change_topic_rules(publication, [WantedRule(topic="Cancer", notice="اسأل الممرضة.")])
    change_notices_in(
        publication, "en", [WantedText(notice="اسأل الممرضة.", text="Ask a nurse.", confirmed=True)]
    )
    email = by_language(render_emails(edit(publication, [write(topics=["Cancer"])])))["en"]
    assert re.search(r'<p [^>]*dir="ltr"[^>]*><bdi lang="en" dir="ltr">Ask a nurse.</bdi></p>', email.html)


def test_a_text_in_any_language_changes_the_whole_email_and_no_other_part():
    article = write(topics=["Cancer"])
    issue = edit(publication_with(), [article])
    before = EmailParts(issue)
    whole, part = before.digest(WHOLE), before.digest(article_part(article.pk))
    change_notices_in(issue.publication, "pl", [WantedText(notice=CALL, text=POLISH, confirmed=True)])
    after = EmailParts(issue)
    assert after.digest(WHOLE) != whole
    assert after.digest(article_part(article.pk)) == part


def test_a_hostile_text_is_shown_as_text_and_makes_no_tag():
    issue = issue_with(pl="<script>alert(999)</script> *|UNSUBSCRIBE_URL|* {{ tags }}")
    email = render_emails(issue).variants[0].email
    assert "<script>" not in email.html
    assert "&lt;script&gt;alert(999)" in email.html
    assert email.text.count("*|UNSUBSCRIBE_URL_TEXT|*") == render_emails(issue).main.text.count(
        "*|UNSUBSCRIBE_URL_TEXT|*"
    )


def test_only_our_fixed_texts_and_what_the_newsletter_said_itself_are_suggested():
    publication = publication_with()
    TopicRule.objects.update(says_not_advice=True, notice={"en-GB": ASK, "cy": "Gofynnwch i nyrs."})
    welsh = {each.notice: each.suggestion for each in suggested_texts(publication, "cy")}
    assert list(welsh)[1:] == [CALL, ASK]
    assert welsh[CALL] == "Mewn argyfwng, ffoniwch 999."
    assert welsh[ASK] == "Gofynnwch i nyrs."
    assert {each.suggestion for each in suggested_texts(publication, "he")} == {""}


def test_the_text_of_a_notice_that_was_edited_is_suggested_for_the_new_one_and_not_used():
    publication = publication_with()
    stored = [WantedText(notice=ASK, text="Zapytaj pielęgniarkę.", confirmed=True)]
    change_notices_in(publication, "pl", stored)
    edited = "Ask a nurse if you are “not sure”."
    change_topic_rules(publication, [WantedRule(topic="Cancer", notice=edited)])
    assert [(each.notice, each.suggestion) for each in suggested_texts(publication, "pl")] == [
        (edited, "Zapytaj pielęgniarkę.")
    ]
    assert len(render_emails(edit(publication, [write(topics=["Cancer"])])).variants) == 1
    change_topic_rules(publication, [WantedRule(topic="Cancer", notice="We are open on Sundays.")])
    assert [each.suggestion for each in suggested_texts(publication, "pl")] == [""]
