"""The recipients of some batches are found by ranges of IDs."""

from datetime import date

import pytest

from newsletter.sending.audience import AudienceRule
from newsletter.sending.batch_ranges import id_ranges, in_ranges
from newsletter.sending.models import Batch, Recipient
from tests.sending.planned_mailing import planned_mailing


@pytest.mark.parametrize("wanted", [(), (1,), (1, 2, 3, 4), (2, 3), (1, 3), (1, 2, 4)])
def test_the_recipients_of_the_batches_are_found_and_no_others(issue, crowd, way_out, wanted):
    crowd(13)
    planned_mailing(issue)
    batches = Batch.objects.filter(number__in=wanted)
    first = Batch.objects.get(number=1).pk
    found = [pk - first + 1 for start, end in id_ranges(batches) for pk in range(start, end + 1)]
    assert tuple(found) == wanted
    rows = Recipient.objects.filter(in_ranges(batches))
    assert set(rows) == set(Recipient.objects.filter(batch__number__in=wanted))


def test_no_exclusion_makes_postgresql_read_a_list_again_for_each_person(issue, crowd, way_out):
    crowd(2)
    planned_mailing(issue)
    rule = AudienceRule(
        mailing_list=issue.publication.mailing_list,
        segment="not (joined since 2026-01-01 and country is Wales)",
        exclusions=("country is not Wales", "topic is known"),
        issues=(issue.pk,),
        days=3,
        pasted=(999999999,),
        addresses=("ana@example.org",),
    )
    assert "IN (SELECT" not in str(rule.people(date(2026, 11, 29)).query)
