"""The email about a correction to an article that three of five issues carried, through 20 kills: exactly the people
who got one of those three, once each.

A process is killed at a drawn step (tests/steps.py), or when the fake SendGrid has one of its requests.
"""

import json
import random
import signal

import pytest

from tests.fakes.killing_sendgrid import KillingSendGrid
from tests.full import rounds
from tests.journeys.installation import Nursery, Press
from tests.journeys.test_kill import assert_the_sum_is_the_audience, tell_the_truth

pytestmark = [pytest.mark.kill, pytest.mark.enable_socket]

KILLS = 20
MAX_STARTS = 8 * KILLS
PEOPLE = 240
SENDGRID_PEOPLE = 2_400
# Issue N goes to everybody whose number has one of these remainders when it is divided by eight. Those with the
# remainders 5, 6 and 7 never get the article, and all with the remainder 0 leave the list afterwards.
READERS = {1: (0, 1, 2), 2: (5, 6), 3: (2, 3), 4: (6, 7), 5: (1, 3, 4)}
LEFT = 0
SENT_TO = {remainder for number in (1, 3, 5) for remainder in READERS[number]} - {LEFT}
FILL = """
import django; django.setup()
from django.utils import timezone
from newsletter.articles.models import Article
from newsletter.issues.models import Issue, Item
from newsletter.sending.batches import send_next_batch
from subscribers.models import Subscriber, Subscription
from tests.journeys.test_killed_corrections import LEFT, READERS, number_of
from tests.sending.planned_mailing import planned_mailing

wrong = Article.objects.get()
right = Article.objects.create(
    source=wrong.source, url="https://harbour.example.org/b", title="Boats", identity="b", found_at=timezone.now()
)
people = {row.pk: number_of(row.subscriber.address) % 8 for row in Subscription.objects.select_related("subscriber")}

def only(remainders):
    Subscription.objects.update(state="unsubscribed")
    chosen = [pk for pk, remainder in people.items() if remainder in remainders]
    Subscription.objects.filter(pk__in=chosen).update(state="active")

for number, remainders in READERS.items():
    only(remainders)
    issue = Issue.objects.get(number=number)
    if number % 2 == 0:
        Item.objects.filter(issue=issue).update(article=right)
    planned_mailing(issue, planned_by="edda")
    while send_next_batch():
        pass
only(set(range(8)) - {LEFT})
"""


def number_of(address):
    return int(address.removeprefix("reader").partition("@")[0])


def expected(people):
    return {f"reader{number}@example.org" for number in range(people) if number % 8 in SENT_TO}


class Corrections:
    """Makes and approves corrections, and sends the email about each, with a kill or without."""

    def __init__(self, press, folder):
        self.nursery = Nursery(press, folder / "output")
        self.kills = self.starts = self.steps = 0
        self.sent = []

    def make(self):
        words = ("make", 1, "--right", f"It was {len(self.sent)}.", "--severity", "serious")
        made = self.nursery.json("corrections", *words)["correction"]
        self.nursery.json("corrections", "approve", made)
        return made

    def send(self, number, **killed):
        """Start to send. Return the exit code, and the mailings once they are over."""
        self.starts += 1
        words = ("corrections", "send", number, "--without-undo", "--json")
        code, printed = self.nursery.run(*words, **killed)
        self.steps = self.nursery.steps
        self.kills += code == -signal.SIGKILL
        figures = [each for each in self.nursery.json("mailings", "list") if each["purpose"] == "correction"]
        for each in figures:
            assert_the_sum_is_the_audience(each)
        assert len(figures) <= len(self.sent) + 1
        return code, printed

    def end(self, printed):
        (mailing,) = json.loads(printed)["mailings"]
        self.sent.append(mailing)
        return mailing


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database(request):
    """Each installation of the test has a database of its own of this kind."""
    if request.param == "PostgreSQL":
        request.getfixturevalue("on_postgres")


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("number", rounds(5))
def test_through_20_kills_exactly_the_readers_of_the_article_get_it_once(tmp_path, number):
    chance = random.Random(f"killed corrections {number}")
    press = Press(tmp_path)
    press.seed(people=PEOPLE, issues=5)
    press.run("-c", FILL)
    corrections = Corrections(press, tmp_path)
    try:
        code, printed = corrections.send(corrections.make())
        assert code == 0, printed
        corrections.end(printed)
        steps = corrections.steps
        while corrections.kills < KILLS:
            made, code = corrections.make(), None
            while code != 0:
                assert corrections.starts < MAX_STARTS, f"only {corrections.kills} kills met the process"
                code, printed = corrections.send(made, last_step=chance.randint(1, steps))
                assert code in {0, -signal.SIGKILL}, printed
            corrections.end(printed)
    finally:
        corrections.nursery.close()
    for mailing in corrections.sent:
        assert (mailing["state"], mailing["accepted"]) == ("sent", len(expected(PEOPLE)))
        delivered = press.delivered(mailing["key"])
        assert set(delivered) == expected(PEOPLE)
        assert set(delivered.values()) == {1}


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("number", rounds(5))
def test_through_20_kills_sendgrid_gets_each_reader_once(tmp_path, number):
    chance = random.Random(f"killed corrections at SendGrid {number}")
    with KillingSendGrid() as sendgrid:
        press = Press(
            tmp_path,
            NEWSLETTER_TRANSPORT="sendgrid",
            NEWSLETTER_SENDGRID_HOST=sendgrid.url,
            SENDGRID_API_KEY="SG.fake",
        )
        press.seed(people=SENDGRID_PEOPLE, issues=5)
        press.run("-c", FILL)
        before = sendgrid.accepted()
        corrections = Corrections(press, tmp_path)
        try:
            code, printed = corrections.send(corrections.make())
            assert code == 0, printed
            corrections.end(printed)
            steps = corrections.steps
            while corrections.kills < KILLS:
                made, code = corrections.make(), None
                while code != 0:
                    assert corrections.starts < MAX_STARTS, f"only {corrections.kills} kills met the process"
                    code, printed = kill_somewhere(corrections, made, sendgrid, chance, steps)
                    if code == 1:
                        mailing = corrections.nursery.json("mailings", "list")[0]["mailing"]
                        tell_the_truth(corrections.nursery, sendgrid, mailing)
                corrections.end(printed)
        finally:
            corrections.nursery.close()
        accepted = sendgrid.accepted() - before
    assert set(accepted) == expected(SENDGRID_PEOPLE)
    assert set(accepted.values()) == {len(corrections.sent)}
    assert {each["accepted"] for each in corrections.sent} == {len(expected(SENDGRID_PEOPLE))}


def kill_somewhere(corrections, made, sendgrid, chance, steps):
    """Start to send: it is killed at a step, or when the server has a request of it."""
    if chance.random() < 0.5:
        return corrections.send(made, last_step=chance.randint(1, steps))
    nursery = corrections.nursery
    corrections.starts += 1
    process = nursery.start("corrections", "send", made, "--without-undo", "--json")
    sendgrid.kill_at(chance.randint(1, 2), among=[process], after=chance.random() < 0.5)
    code = nursery.wait()
    sendgrid.spare_all()
    corrections.kills += code == -signal.SIGKILL
    return code, nursery.output.read_text(encoding="utf-8")
