"""The check when an email is sent: nobody is mailed who may not be mailed by then."""

from datetime import date

from newsletter.sending.models import Batch
from newsletter.sending.recheck_recipients import candidate_now, candidates_of, reason_to_skip
from subscribers import suppression
from subscribers.consent_log import ConsentSource
from subscribers.models import SourceKind, Subscription
from tests.sending.planned_mailing import planned_mailing

State = Subscription.State


def test_who_is_active_and_suppressed_all_the_same_is_not_mailed(issue, join, way_out):
    ana, _ben = join("ana", "ben")
    planned_mailing(issue)
    suppression.suppress(
        ana.subscriber.address, suppression.Reason.COMPLAINT, ConsentSource(SourceKind.PROVIDER)
    )
    # As the loser of a race, or a hand in the database, would leave it.
    Subscription.objects.filter(pk=ana.pk).update(state=State.ACTIVE)
    batch = Batch.objects.get()
    people = list(candidates_of(batch))
    assert [reason_to_skip(each, date(2026, 12, 1)) for each in people] == ["suppressed", ""]
    alone = candidate_now(people[0].recipient, batch)
    assert reason_to_skip(alone, date(2026, 12, 1)) == "suppressed"
