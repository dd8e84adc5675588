"""The email about a correction has the notices about the topics of its article, in the language of each reader."""

import pytest

from newsletter.articles.models import Article
from newsletter.corrections.approve_notice import approve_notice, render_notice
from newsletter.corrections.send_notice import mailings_of, send_notice
from newsletter.errors import InvalidFields
from newsletter.issues.notice_translations import WantedText, change_notices_in
from newsletter.issues.topic_rules import WantedRule, change_topic_rules
from newsletter.preflight.approve_correction_email import approve_checked_notice
from newsletter.sending.models import Recipient
from subscribers.models import Subscriber
from tests.corrections.conftest import deliver

CALL, POLISH = "In an emergency, call 999.", "W nagłym wypadku zadzwoń pod numer 999."


@pytest.fixture
def rule(publication, article):
    Article.objects.filter(pk=article.pk).update(topics=["Cancer"])
    change_topic_rules(publication, [WantedRule(topic="Cancer", emergency_numbers="999")])


def translated(publication, text=POLISH):
    change_notices_in(publication, "pl", [WantedText(notice=CALL, text=text, confirmed=True)])


def words(text):
    return " ".join(text.split())


@pytest.mark.usefixtures("rule")
def test_each_reader_of_a_correction_gets_the_notice_of_their_language_once(correction, publication):
    translated(publication)
    Subscriber.objects.filter(first_name__in=["Ana", "Cem"]).update(locale="pl-PL")
    seen = render_notice(correction, publication).digest
    notice = send_notice(approve_notice(correction.pk, publication, seen=seen), without_undo=True)
    deliver()
    [mailing] = mailings_of(notice)
    got = {
        each.subscriber.first_name: words(each.batch.variant.email["text"])
        for each in Recipient.objects.filter(mailing=mailing).select_related("subscriber", "batch__variant")
    }
    assert set(got) == {"Ana", "Ben", "Cem", "Dora"}
    for name, text in got.items():
        said, other = (POLISH, CALL) if name in {"Ana", "Cem"} else (CALL, POLISH)
        assert (text.count(said), text.count(other)) == (1, 0), name


@pytest.mark.usefixtures("rule")
def test_the_checks_of_a_correction_read_the_notices_of_every_language(correction, publication):
    translated(publication, "TODO [Name]: zadzwoń pod numer 999.")
    seen = render_notice(correction, publication).digest
    with pytest.raises(InvalidFields) as refused:
        approve_checked_notice(correction.pk, publication, seen=seen)
    assert "“TODO” and “[Name]”" in refused.value.fields["overruled_because"]


def test_the_email_about_an_article_on_another_topic_has_no_notices(correction, publication):
    before = render_notice(correction, publication)
    change_topic_rules(publication, [WantedRule(topic="Cancer", emergency_numbers="999")])
    translated(publication)
    assert render_notice(correction, publication).digest == before.digest
