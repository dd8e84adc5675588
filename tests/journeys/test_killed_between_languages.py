"""The process that sends to readers of five languages is killed again and again: each gets the own notices, once."""

import random
import signal
from collections import Counter
from email import message_from_bytes
from email import policy as mail_policy

import pytest

from tests.journeys.installation import Nursery, Press

PEOPLE, KILLS, MAX_STARTS = 60, 6, 30
CALL = "In an emergency, call 999."
# By the remainder of a reader's number.
LANGUAGES = ("pl", "ar", "cy", "de-AT", "", "en")
TEXTS = {
    "pl": "W nagłym wypadku zadzwoń pod 999.",
    "ar": "في حالات الطوارئ، اتصل بـ 999.",
    "cy": "Mewn argyfwng, ffoniwch 999.",
    "de": "Rufen Sie im Notfall 999 an.",
}
PREPARE = f"""
import django; django.setup()
from newsletter.articles.models import Article
from newsletter.issues.models import Issue
from newsletter.issues.notice_translations import WantedText, change_notices_in
from newsletter.issues.topic_rules import WantedRule, change_topic_rules
from newsletter.scheduling.approval import approve
from subscribers.models import Subscriber
Article.objects.update(topics=["Cancer"])
publication = Issue.objects.get(number=1).publication
change_topic_rules(publication, [WantedRule(topic="Cancer", emergency_numbers="999")])
for language, text in {TEXTS!r}.items():
    change_notices_in(publication, language, [WantedText(notice={CALL!r}, text=text, confirmed=True)])
for person in Subscriber.objects.all():
    number = int(person.address.removeprefix("reader").partition("@")[0])
    Subscriber.objects.filter(pk=person.pk).update(locale={LANGUAGES!r}[number % len({LANGUAGES!r})])
for issue in Issue.objects.order_by("number"):
    approve(issue)
"""


@pytest.fixture
def nursery(tmp_path):
    press = Press(tmp_path)
    press.seed(people=PEOPLE, issues=2)
    press.run("-c", PREPARE)
    nursery = Nursery(press, tmp_path / "output")
    nursery.press = press
    yield nursery
    nursery.close()


def outbox(press, mailing_key):
    """The number of each reader who has a message of a mailing, and its text."""
    folder = press.home / "outbox" / "new"
    for path in folder.glob(f"{mailing_key.replace('-', '')}*"):
        message = message_from_bytes(path.read_bytes(), policy=mail_policy.default)
        name = message["To"].addresses[0].username
        yield int(name.removeprefix("reader")), message.get_body(("plain",)).get_content()


def test_whoever_is_killed_while_sending_each_reader_gets_the_notices_of_their_language_once(nursery):
    chance = random.Random("languages")
    code, printed = nursery.run("issues", "send", 2, "--without-undo")
    assert code == 0, printed
    steps, kills = nursery.steps, 0
    for _start in range(MAX_STARTS):
        last = chance.randint(1, steps) if kills < KILLS else None
        code, printed = nursery.run("issues", "send", 1, "--without-undo", last_step=last)
        kills += code == -signal.SIGKILL
        if code == 0:
            break
    assert code == 0, printed
    assert kills > 0
    newest = max(nursery.json("mailings", "list"), key=lambda each: each["mailing"])
    got = list(outbox(nursery.press, newest["key"]))
    assert Counter(number for number, _text in got) == dict.fromkeys(range(PEOPLE), 1)
    for number, text in got:
        own = TEXTS.get(LANGUAGES[number % len(LANGUAGES)].partition("-")[0], CALL)
        assert {each for each in (CALL, *TEXTS.values()) if each in text} == {own}, number
