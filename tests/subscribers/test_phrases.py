"""Short texts for sentences."""

from subscribers.phrases import quoted


def test_a_quotation_has_no_doubled_marks():
    assert quoted("“CHHiP” has changed.") == "“‘CHHiP’ has changed.”"
    assert quoted("Plain") == "“Plain”"
