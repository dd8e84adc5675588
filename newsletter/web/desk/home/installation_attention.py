"""What is wrong with the installation itself, for those who can do something about it."""

from collections.abc import Iterator

from newsletter.accounts.actor import Role, current_actor
from newsletter.background_jobs.models import BackgroundJob
from newsletter.backups.stored_backups import latest_backup_job, why_not_copied
from newsletter.instance import process_heartbeats
from newsletter.instance.guard import instance_status
from newsletter.web.desk.formatting import without_commands
from newsletter.web.desk.home.home_rows import Row, path_to


def installation_rows() -> Iterator[Row]:
    """Yield a row if nothing is sent from here, the scheduler has stopped, or the latest backup failed or has no copy.

    Only administrators of all publications get any.
    """
    if not current_actor().may(Role.ADMINISTRATOR):
        return
    problem = instance_status().problem
    if problem:
        yield Row(
            badge="Sending stopped",
            title="This installation cannot send emails",
            path=path_to("adopt-instance"),
            act="Decide",
            sentences=(without_commands(problem),),
        )
    age = process_heartbeats.heartbeat_age()
    overdue = process_heartbeats.why_overdue(age) if age is not None else ""
    if overdue:
        yield Row(
            badge="Not running",
            title="The scheduler",
            path=path_to("system"),
            act="View",
            sentences=(overdue,),
        )
    backup = latest_backup_job()
    if backup is not None and backup.state == BackgroundJob.State.FAILED:
        yield Row(
            badge="Backup failed",
            title="The latest backup",
            path=path_to("backups"),
            act="View",
            sentences=(without_commands(backup.sentence),),
        )
    elif sentence := why_not_copied(backup):
        yield Row(
            badge="Not copied",
            title="The latest backup",
            path=path_to("backups"),
            act="View",
            sentences=(without_commands(sentence),),
        )
