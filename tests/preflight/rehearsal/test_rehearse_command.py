"""`newsletter issues rehearse` builds every email, prints whose has a problem, and says so by its exit code."""

import json

from newsletter.preflight.rehearsal_models import Rehearsal
from subscribers.models import Subscriber


def test_a_mailing_without_a_problem(cli, issue, join):
    join("ana", "ben")
    done = cli("issues", "rehearse", 1)
    assert done.code == 0
    assert "We built 2 emails" in done.out
    assert "no problems" in done.out


def test_people_with_a_problem_are_printed(cli, issue, join):
    join("ana", "ben", "cem")
    Subscriber.objects.filter(first_name="Ben").update(address="ben@exa mple.org")
    Subscriber.objects.filter(first_name="Cem").update(locale="tr")
    done = cli("issues", "rehearse", 1)
    assert done.code == 1
    assert "1 email would not be sent" in done.out
    assert "cem@example.org" in done.out
    document = json.loads(cli("issues", "rehearse", 1, "--json").out)
    assert (document["people"], document["built"]) == (3, 2)
    assert document["problems"] == {"refused": 1, "language": 1}
    assert [each["address"] for each in document["named"]] == ["ben@exa mple.org", "cem@example.org"]


def test_an_email_that_cannot_be_built_fails_with_its_reason(cli, issue, join):
    join("ana")
    issue.opening = "{{ nothing }}"
    issue.save()
    done = cli("issues", "rehearse", 1)
    assert done.code == 1
    assert "Introduction" in done.err
    assert Rehearsal.objects.get().ended_at is None
