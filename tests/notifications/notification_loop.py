"""Clocks of a press in processes of their own, forked from one that is set up.

`seed COUNT URL` makes so many things to tell and a hook. `together COUNT` lets so many clocks tick at once, `killed
COUNT` kills so many, one after the other, at a step of theirs (tests/steps.py); `later MINUTES` lets one tick that is
ahead. Each prints how many pieces of work each clock did, and `count` what became of everything.
"""

import json
import os
import random
import sys
from datetime import timedelta

import django

from tests.steps import count_steps

# A thing to tell takes some fifteen for each of those who are told.
MAX_STEPS = 50


def seed(count, url):
    from django.contrib.auth import get_user_model
    from django.utils import timezone

    from newsletter.accounts.actor import Role
    from newsletter.accounts.change_users import set_roles
    from newsletter.articles.models import Source
    from newsletter.notifications.outbound_webhooks import add_webhook

    for name in ("ruth", "omar"):
        get_user_model().objects.create(username=name, email=f"{name}@example.org")
        set_roles(name, [Role.EDITOR])
    since = timezone.now() - timedelta(hours=25)
    for number in range(int(count)):
        location = f"https://{number}.example.org/"
        Source.objects.create(name=f"source-{number}", location=location, failing_since=since)
    add_webhook(url)


def together(count):
    reading, writing = os.pipe()
    clocks = [forked(after=reading) for _clock in range(int(count))]
    os.write(writing, b"." * len(clocks))
    print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(clock, 0)[1]) for clock in clocks]))


def killed(count):
    chance, codes = random.Random(20261130), []
    for _kill in range(int(count)):
        clock = forked(last_step=chance.randint(1, MAX_STEPS))
        codes.append(os.waitstatus_to_exitcode(os.waitpid(clock, 0)[1]))
    print(json.dumps(codes))


def later(minutes):
    clock = forked(minutes=int(minutes))
    print(os.waitstatus_to_exitcode(os.waitpid(clock, 0)[1]))


def forked(*, after=None, minutes=0, last_step=None):
    """A clock that ticks until nothing is left, once a byte can be read from `after`; its exit code is its work."""
    import time_machine
    from django.utils import timezone

    from newsletter.notifications.notification_mails import mail_next_notification
    from newsletter.notifications.webhook_deliveries import post_next_webhook
    from newsletter.notifications.write_notifications import write_next_notification

    child = os.fork()
    if child:
        return child
    done, code = 0, 255
    count_steps(last_step)
    try:
        if after is not None:
            os.read(after, 1)
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
            while write_next_notification() or mail_next_notification() or post_next_webhook():
                done += 1
        code = done
    finally:
        os._exit(code)


def count():
    from newsletter.notifications.models import Notification, NotificationMail, WebhookDelivery

    mails = NotificationMail.objects.filter(state="done").count()
    posts = WebhookDelivery.objects.filter(state="done").count()
    print(json.dumps([Notification.objects.count(), mails, posts]))


if __name__ == "__main__":
    django.setup()
    commands = {"seed": seed, "together": together, "killed": killed, "later": later, "count": count}
    commands[sys.argv[1]](*sys.argv[2:])
