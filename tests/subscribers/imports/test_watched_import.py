"""An import says how far it is, ends where its watcher says so, and is continued with the people it had not reached."""

import io

import pytest

from subscribers import consent, consent_by_editor
from subscribers.consent_log import ConsentSource
from subscribers.imports import adaptive_pieces
from subscribers.imports.import_progress import ImportWatch
from subscribers.imports.run_import import import_people
from subscribers.imports.undo_import import undo_import
from subscribers.models import ImportRecord, List, SourceKind, Subscriber, Subscription
from subscribers.suppression import Reason, suppress

pytestmark = pytest.mark.django_db
PEOPLE = 25
FILE = "email,name\n" + "".join(
    f"reader{number:02}@example.org,Reader {number}\n" for number in range(PEOPLE)
)
EDITOR = ConsentSource(SourceKind.EDITOR, "Ed")


class StoppedError(Exception):
    pass


@pytest.fixture
def news(monkeypatch):
    for name in ("FIRST_PIECE", "FEWEST", "MOST"):
        monkeypatch.setattr(adaptive_pieces, name, 10)
    news = List.objects.create(slug="news", name="News")
    suppress("reader03@example.org", Reason.MANUAL, EDITOR)
    consent_by_editor.add_by_editor(news, "reader04@example.org", EDITOR, consent="By phone")
    return news


def bring(news, report=None, **watch):
    return import_people(
        io.BytesIO(FILE.encode()), news, consent="Paper", watch=ImportWatch(**watch), report=report
    )


def stop_after(people):
    def merged(done, _total):
        if done >= people:
            raise StoppedError

    return merged


def counts(outcome):
    return {name: count for name, count in outcome.counts().items() if count}


def test_a_watcher_hears_of_the_record_and_of_each_piece(news):
    heard = []
    outcome = bring(
        news,
        began=lambda record: heard.append(f"began {record.pk}"),
        hold=lambda: heard.append("hold"),
        merged=lambda done, total: heard.append(f"{done} of {total}"),
    )
    pieces = ["hold", "10 of 25", "hold", "20 of 25", "hold", "25 of 25"]
    assert heard == [f"began {outcome.record.pk}", "0 of 25", *pieces]


def test_an_interrupted_import_is_continued_under_its_record_and_counts_everybody_once(news):
    with pytest.raises(StoppedError):
        bring(news, merged=stop_after(20))
    record = ImportRecord.objects.get()
    assert record.state == ImportRecord.State.STARTED
    assert Subscription.objects.filter(list=news).count() == 19
    consent.unsubscribe(Subscription.objects.get(subscriber__address_key="reader05@example.org"), EDITOR)

    heard, report = [], io.StringIO()
    outcome = bring(news, report, continued=record, merged=lambda done, total: heard.append((done, total)))
    assert heard == [(20, PEOPLE), (PEOPLE, PEOPLE)]
    expected = {"rows": PEOPLE, "added": PEOPLE - 2, "changed": 1, "suppressed": 1}
    assert counts(outcome) == expected
    assert ImportRecord.objects.get().counts == outcome.counts()
    assert outcome.record == record
    # Row 5 is the suppressed one. Row 7 unsubscribed meanwhile, which the file of rows left out says as well.
    assert [line.split(",")[0] for line in report.getvalue().splitlines()] == ["row", "5", "7"]

    undo_import(ImportRecord.objects.get(), by="Ed")
    assert set(
        Subscription.objects.filter(state="active").values_list("subscriber__address_key", flat=True)
    ) == {"reader04@example.org"}
    assert Subscriber.objects.count() == 2


def test_a_watcher_that_lost_the_import_commits_no_further_piece(news):
    holds = []

    def hold():
        holds.append(1)
        if len(holds) == 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        bring(news, hold=hold)
    assert Subscription.objects.filter(list=news).count() == 9


def test_a_dry_run_says_how_far_it_is_and_holds_nothing(news):
    heard = []
    import_people(
        io.BytesIO(FILE.encode()),
        news,
        consent="Paper",
        dry_run=True,
        watch=ImportWatch(merged=lambda done, _total: heard.append(done), hold=lambda: pytest.fail("hold")),
    )
    assert heard == [0, 10, 20, 25]
