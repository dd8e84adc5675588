"""Five clocks tick at once: everything is told once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core import mail
from django.db import connection

from newsletter.tracking.telling.deliveries import post_next_hook
from newsletter.tracking.telling.mails import mail_next_notice
from newsletter.tracking.telling.models import EditorNotice
from newsletter.tracking.telling.notices import write_next_notice

pytestmark = pytest.mark.django_db(transaction=True)
CLOCKS = 5


def at_once(do_one):
    """Let every clock do a chore until nothing is left, all of them from the same moment."""
    together = Barrier(CLOCKS)

    def tick():
        together.wait(10)
        try:
            while do_one():
                pass
        finally:
            connection.close()

    with ThreadPoolExecutor(CLOCKS) as pool:
        for each in [pool.submit(tick) for _clock in range(CLOCKS)]:
            each.result(60)


def test_it_is_written_mailed_and_posted_once(people, hook, listener, failing_source):
    for number in range(6):
        failing_source(25, name=f"source-{number}")
    for chore in (write_next_notice, mail_next_notice, post_next_hook):
        at_once(chore)
    assert EditorNotice.objects.count() == 6
    assert len(mail.outbox) == 6 * 2
    assert len({(*each.to, each.subject) for each in mail.outbox}) == 6 * 2
    assert len(listener.got) == len(set(listener.ids())) == 6
