"""How far a job is, as a page shows it."""

from dataclasses import dataclass

from newsletter.background_jobs.models import BackgroundJob
from newsletter.instance.process_heartbeats import heartbeat_age, why_overdue
from newsletter.web.desk.formatting import without_commands

IN_BYTES = "Reading the file"


@dataclass(frozen=True, slots=True)
class ShownProgress:
    """What is being done, and how much of it: without a `total`, nobody knows yet. `words` say the numbers."""

    phase: str
    done: int
    total: int
    words: str


def sentence_of(sentence: str) -> str:
    """Return a sentence without what only a shell can do. An empty one stays empty."""
    return without_commands(sentence) if sentence else ""


def progress_of(job: BackgroundJob) -> ShownProgress:
    """Return how far a job is."""
    if job.cancel_asked_at:
        return ShownProgress("Cancelling", 0, 0, "")
    if job.state == BackgroundJob.State.WAITING:
        return ShownProgress("Waiting for the scheduler", 0, 0, _why_it_waits())
    if not job.total:
        return ShownProgress(job.phase or "Starting", 0, 0, "")
    percent = 100 * job.done // job.total
    words = f"{percent}%"
    if job.phase != IN_BYTES:
        words = f"{job.done:,} of {job.total:,} people ({percent}%)"
    return ShownProgress(job.phase, job.done, job.total, words)


def _why_it_waits() -> str:
    if why_overdue(heartbeat_age()):
        return "The scheduler is not running. Ask the person who runs the server to start it."
    if BackgroundJob.objects.filter(state=BackgroundJob.State.RUNNING).exists():
        return "Other work, such as an import or a backup, has to finish first."
    return ""
