import os
import subprocess
import sys
from contextlib import nullcontext
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from subscribers import consent, consent_wordings, rate_limits, signed_links
from subscribers.consent import ConsentSource, TooOften
from subscribers.models import RateCounter, SourceKind
from tests import forked
from tests.made_tables import make_home

HOUR = timedelta(hours=1)
ASK_OFTEN = """
import django; django.setup()
from datetime import timedelta
from subscribers import rate_limits
within = rate_limits.is_within_limit
print(sum(within("knock", "ada@example.org", at_most=40, span=timedelta(days=400)) for _ in range(25)))
"""


def test_so_many_are_allowed_and_then_none_until_the_next_span(db):
    with time_machine.travel("2026-05-01 10:00+00:00", tick=False) as clock:
        assert [rate_limits.is_within_limit("knock", "ada", at_most=2, span=HOUR) for _ in range(4)] == [
            True,
            True,
            False,
            False,
        ]
        assert rate_limits.is_within_limit("knock", "bob", at_most=2, span=HOUR)
        assert rate_limits.is_within_limit("ring", "ada", at_most=2, span=HOUR)
        clock.shift(HOUR)
        assert rate_limits.is_within_limit("knock", "ada", at_most=2, span=HOUR)


def test_what_is_counted_names_nobody_and_is_removed_in_time(db):
    # A name with letters that no digest holds.
    rate_limits.is_within_limit("knock", "zoe@example.org", at_most=2, span=HOUR)
    assert "zoe" not in str(RateCounter.objects.values().get())
    assert rate_limits.prune_counters(timezone.now()) == 0
    assert rate_limits.prune_counters(timezone.now() + timedelta(days=2)) == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:0db8:0001"),
        ("2001:db8:1:ffff::9", "2001:0db8:0001"),
        ("[2001:db8:1:2::3]", "2001:0db8:0001"),
        ("[2001:db8:1:2::3]:4711", "2001:0db8:0001"),
        ("2001:db8:1:2::3%eth0", "2001:0db8:0001"),
        ("[2001:db8:1:2::3%25eth0]:80", "2001:0db8:0001"),
        ("192.0.2.7:4711", "192.0.2.7"),
        ("[::ffff:192.0.2.7]:4711", "192.0.2.7"),
        ("unknown", "unknown"),
        ("[unknown]:1", "[unknown]:1"),
    ],
)
def test_an_ipv6_site_is_one_network(address, network):
    assert rate_limits.network_of(address) == network


def test_processes_count_together(tmp_path):
    environment = {
        **os.environ,
        "NEWSLETTER_HOME": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/newsletter.sqlite3",
        "DJANGO_SETTINGS_MODULE": "newsletter.settings",
    }
    make_home(tmp_path)
    asking = [
        forked.Popen([sys.executable, "-c", ASK_OFTEN], env=environment, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    assert sum(int(one.communicate()[0]) for one in asking) == 40


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("ada+news@example.org", "ada@example.org"),
        ("ada+a+b@example.org", "ada@example.org"),
        ("a.da@example.org", "a.da@example.org"),
        ("a.d.a+x@gmail.com", "ada@gmail.com"),
        ("ada@googlemail.com", "ada@gmail.com"),
        ("+x@example.org", "+x@example.org"),
        ('"a+b"@example.org', '"a+b"@example.org'),
    ],
)
def test_a_mailbox_is_an_address_without_its_tag(address, mailbox):
    assert rate_limits.mailbox_of(address) == mailbox


def test_what_may_happen_once_happens_once_whatever_day_it_is(db):
    with time_machine.travel("2026-05-01 23:59+00:00", tick=False) as clock:
        end = timezone.now() + HOUR
        assert rate_limits.is_first("proof", "a", until=end)
        clock.shift(timedelta(minutes=30))
        rate_limits.prune_counters(timezone.now())
        assert not rate_limits.is_first("proof", "a", until=end)
        assert rate_limits.is_first("proof", "b", until=end)


def test_one_mailbox_gets_few_mails_whatever_its_tags(signs_up, mailoutbox):
    for number in range(6):
        signs_up(f"ada+{number}@example.org")
    assert len(mailoutbox) == 3


def test_all_networks_together_sign_up_so_many_an_hour_and_may_leave_all_the_same(
    ada, signs_up, settings, client
):
    settings.SUBSCRIBERS_SIGN_UPS_PER_HOUR_IN_ALL = 3
    for number in range(3):
        signs_up(f"p{number}@example.org")
    with pytest.raises(TooOften, match="have just signed up"):
        signs_up("p4@example.org")
    refused = client.post("/lists/news/", {"address": "p5@example.org"})
    assert (refused.status_code, refused["Retry-After"]) == (429, "3600")
    link = signed_links.make_token(signed_links.Purpose.ONE_CLICK, ada)
    assert client.post(f"/one-click/{link}", {"List-Unsubscribe": "One-Click"}).status_code == 200


def test_a_site_of_many_ipv6_networks_signs_up_as_one(news, settings):
    settings.SUBSCRIBERS_SIGN_UPS_PER_HOUR = 5
    for number in range(6):
        source = ConsentSource(SourceKind.FORM, "", f"2001:db8:7:{number:x}::1")
        with pytest.raises(TooOften) if number == 5 else nullcontext():
            consent.sign_up(
                news, f"p{number}@example.org", source, wording=consent_wordings.wording_shown(news)
            )
