import os
import subprocess
import sys
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from subscribers import limits
from subscribers.models import Tally

HOUR = timedelta(hours=1)
ASK_OFTEN = """
import django; django.setup()
from datetime import timedelta
from subscribers import limits
print(sum(limits.allows("knock", "ada@example.org", at_most=40, span=timedelta(days=400)) for _ in range(25)))
"""


def test_so_many_are_allowed_and_then_none_until_the_next_span(db):
    with time_machine.travel("2026-05-01 10:00+00:00", tick=False) as clock:
        assert [limits.allows("knock", "ada", at_most=2, span=HOUR) for _ in range(4)] == [
            True,
            True,
            False,
            False,
        ]
        assert limits.allows("knock", "bob", at_most=2, span=HOUR)
        assert limits.allows("ring", "ada", at_most=2, span=HOUR)
        clock.shift(HOUR)
        assert limits.allows("knock", "ada", at_most=2, span=HOUR)


def test_what_is_counted_names_nobody_and_is_removed_in_time(db):
    limits.allows("knock", "ada@example.org", at_most=2, span=HOUR)
    assert "ada" not in str(Tally.objects.values().get())
    assert limits.prune_tallies(timezone.now()) == 0
    assert limits.prune_tallies(timezone.now() + timedelta(days=2)) == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
        ("2001:db8:1:2::9", "2001:0db8:0001:0002"),
        ("unknown", "unknown"),
    ],
)
def test_an_ipv6_household_is_one_network(address, network):
    assert limits.network_of(address) == network


def test_processes_count_together(tmp_path):
    environment = {
        **os.environ,
        "NEWSLETTER_HOME": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/newsletter.sqlite3",
        "DJANGO_SETTINGS_MODULE": "newsletter.settings",
    }
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], env=environment, check=True)
    asking = [
        subprocess.Popen([sys.executable, "-c", ASK_OFTEN], env=environment, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    assert sum(int(one.communicate()[0]) for one in asking) == 40
