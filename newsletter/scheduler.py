"""The scheduler: call each task until the task says that there is nothing left to do.

What is due is stored in the database, and every task claims what it does, so that any number of schedulers can
run. APScheduler itself stores nothing. It looks every second, in UTC and with no limit on being late, which tasks
begin (task_rounds.py).

APScheduler sleeps until a time of the wall clock. When that clock is set, every task is due at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event
from typing import Any

from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from newsletter.accounts.forgotten_password import answer_next_password_request
from newsletter.articles.fetch_due_sources import fetch_next_source
from newsletter.background_jobs.run_jobs import JobRun, Work, prune_jobs, run_next_job
from newsletter.backups.nightly_backups import JOB as BACKUP
from newsletter.backups.nightly_backups import ask_for_nightly_backup
from newsletter.clock_jumps import watching_for_jumps
from newsletter.corrections.send_notice import plan_next_notice
from newsletter.doctor.run_checks_job import JOB as CHECKS
from newsletter.doctor.run_checks_job import run_checks
from newsletter.feedback.case_mails import send_next_case_mail
from newsletter.feedback.forget_cases import forget_old_case
from newsletter.instance import process_heartbeats
from newsletter.instance.guard import advance_serial, may_send
from newsletter.issues import remove_topic
from newsletter.issues.unused_pictures import delete_unused_pictures
from newsletter.notifications.account_mail_sending import send_next_account_mail
from newsletter.notifications.detectors import HOURLY_DETECTORS
from newsletter.notifications.notification_mails import mail_next_notification
from newsletter.notifications.webhook_deliveries import post_next_webhook
from newsletter.notifications.webhook_history import prune_deliveries
from newsletter.notifications.write_notifications import write_next_notification
from newsletter.people_acts import act_on_people, undo_people_act
from newsletter.people_files import export_files, import_steps
from newsletter.people_files.remove_old_files import remove_old_people_files
from newsletter.preflight.check_recurring_issues import ask_for_links_of_recurring_issue, links_to_open
from newsletter.preflight.demands_when_sent import why_not_release
from newsletter.preflight.link_results import prune_checked_links
from newsletter.preflight.open_links_job import JOB as LINKS
from newsletter.preflight.open_links_job import open_links
from newsletter.preflight.rehearsal.ask_for_rehearsal import JOB as REHEARSAL
from newsletter.preflight.rehearsal.rehearse_emails import rehearse
from newsletter.preflight.run_preflight import run_preflight
from newsletter.proof.forget_reviewers import forget_old_reviewers
from newsletter.scheduling.approval import check_next_approval
from newsletter.scheduling.draft_occurrences import draft_next_occurrence
from newsletter.scheduling.release import release_next_issue
from newsletter.sending.mailing_controls import pause_next_late_mailing
from newsletter.sending.plan import plan_next_mailing
from newsletter.sending.sync_sendgrid_suppressions import pull_next_suppressions, push_next_suppressions
from newsletter.task_rounds import Task, TaskRounds
from newsletter.thread_pool import ThreadPool
from newsletter.tracking.bounces.read_mailbox import read_some_bounces
from newsletter.tracking.process_events import process_posts, prune_set_aside
from newsletter.tracking.reconcile_by_events import settle_by_arrivals
from newsletter.tracking.smtp_rejections import process_smtp_rejections
from newsletter.tracking.stored_figures import count_next_figures
from subscribers import confirmation_mails, rate_limits
from subscribers.imports.import_records import prune_imports
from subscribers.prune_unconfirmed import prune_unconfirmed
from subscribers.search.keep_search_index import index_people

HOUR = 3_600
# Work that somebody waits for begins a second after it was asked for.
LOOK_EVERY_SECONDS = 1
# Emails and posts to be tried again may be this many seconds late.
AT_REST = 10
JOBS_KEPT_FOR = timedelta(days=7)


def run_backup(run: JobRun) -> Mapping[str, Any]:
    """Make a backup. What only backups need is imported for the first one."""
    from newsletter.backups.backup_job import run_backup

    return run_backup(run)


# The kinds of jobs that people ask for (background_jobs/), and what does each.
JOBS: dict[str, Work] = {
    **import_steps.JOBS,
    **act_on_people.JOBS,
    **undo_people_act.JOBS,
    remove_topic.REMOVE: remove_topic.work_on_removal,
    export_files.EXPORT: export_files.export_file,
    BACKUP: run_backup,
    CHECKS: run_checks,
    LINKS: open_links,
    REHEARSAL: rehearse,
}

TASKS = (
    Task(
        "record that the scheduler is running",
        process_heartbeats.record_heartbeat,
        process_heartbeats.EVERY_SECONDS,
    ),
    Task("fetch sources", fetch_next_source, 20),
    Task(
        "draft recurring issues that are due",
        partial(draft_next_occurrence, run_preflight, links_to_open),
        20,
    ),
    Task("open the links in recurring issues", ask_for_links_of_recurring_issue, 60),
    Task("start sending the issues that are due", partial(release_next_issue, why_not_release), 2),
    Task("list the recipients of new mailings", plan_next_mailing, 1, AT_REST),
    Task("list the recipients of emails about corrections", plan_next_notice, 2, AT_REST),
    Task("pause mailings that are too late", pause_next_late_mailing, 30),
    Task("check whether approved issues have changed", check_next_approval, 300),
    Task(
        "send confirmation emails",
        lambda: may_send() and confirmation_mails.send_next_mail(timezone.now()),
        2,
        AT_REST,
    ),
    Task(
        "send links for choosing new passwords",
        lambda: may_send() and answer_next_password_request(),
        2,
        AT_REST,
    ),
    Task("send emails about accounts", send_next_account_mail, 2, AT_REST),
    Task("send emails about readers’ questions", send_next_case_mail, 5, AT_REST),
    Task("process events from SendGrid", process_posts, 2),
    Task("process rejections by SMTP servers", process_smtp_rejections, 5),
    Task("read the bounce mailbox", read_some_bounces, 300),
    Task("find out from events whether emails were sent", settle_by_arrivals, 30),
    Task("calculate the figures for mailings", count_next_figures, 20, 30),
    Task("delete old events that could not be read", lambda: prune_set_aside(timezone.now()), HOUR),
    Task("fetch suppressed addresses from SendGrid", pull_next_suppressions, 30),
    Task("send suppressed addresses to SendGrid", push_next_suppressions, 30),
    Task("create notifications", write_next_notification, 30),
    Task(
        "notify people about reviews that are due", partial(write_next_notification, HOURLY_DETECTORS), HOUR
    ),
    Task("send notifications by email", mail_next_notification, 10, 30),
    Task("post events to webhooks", post_next_webhook, 5, AT_REST),
    Task("delete old webhook deliveries", lambda: prune_deliveries(timezone.now()), HOUR),
    Task("run background jobs", partial(run_next_job, JOBS), 1, AT_REST, takes_should_stop=True),
    Task("remove old files with people’s data", lambda: remove_old_people_files(timezone.now()), HOUR),
    Task("update the search index of subscribers", index_people, 2, AT_REST, takes_should_stop=True),
    Task("delete old jobs", lambda: prune_jobs(timezone.now() - JOBS_KEPT_FOR), HOUR),
    Task("delete people who did not confirm", lambda: prune_unconfirmed(timezone.now()), HOUR),
    Task("delete the details of old imports", lambda: prune_imports(timezone.now()), HOUR),
    Task("delete old results of link checks", lambda: prune_checked_links(timezone.now()), HOUR),
    Task("erase the names of former reviewers", forget_old_reviewers, HOUR),
    Task("erase old questions from readers", forget_old_case, HOUR),
    Task("delete unused pictures", lambda: delete_unused_pictures(timezone.now()), HOUR),
    Task("start the nightly backup", ask_for_nightly_backup, 60),
    Task("record that this installation is in use", advance_serial, 60),
    Task("delete old counters", lambda: rate_limits.prune_counters(timezone.now()), HOUR),
)


class EverySeconds(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Fire this many seconds after the last round began, and never make up for missed rounds, even if the clock
    was set.

    APScheduler's own interval trigger counts every missed round, one by one.
    """

    def __init__(self, seconds: float) -> None:
        self._interval = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:  # noqa: ARG002
        """Return when the next round begins."""
        return now + self._interval


@contextmanager
def running_scheduler(tasks: Sequence[Task] = TASKS) -> Iterator[None]:
    """While inside, run every task when it is due. On leaving, pieces of work that have begun are finished."""
    stopping, threads, opened = Event(), ThreadPool(), set[BaseDatabaseWrapper]()
    rounds = TaskRounds(tasks, threads.submit, stopping)

    def look() -> None:
        opened.add(connections[DEFAULT_DB_ALIAS])
        rounds.begin_what_is_due()
        threads.relieve()

    # It looks in its own thread.
    clock = BackgroundScheduler(timezone=UTC, executors={"default": DebugExecutor()})
    clock.add_job(
        look, EverySeconds(LOOK_EVERY_SECONDS), next_run_time=timezone.now(), misfire_grace_time=None
    )
    clock.start()

    def look_now() -> None:
        rounds.forget_when_they_began()
        for job in clock.get_jobs():
            job.modify(next_run_time=timezone.now())

    try:
        with watching_for_jumps(look_now):
            yield
    finally:
        stopping.set()
        clock.shutdown(wait=True)
        threads.close()
        for each in opened:
            each.inc_thread_sharing()
            each.close()
