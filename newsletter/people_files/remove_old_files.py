"""Removes the files of people once their time has come: a day after an import or an export, at the latest."""

from datetime import datetime, timedelta

from newsletter.background_jobs import job_files
from newsletter.background_jobs.models import BackgroundJob
from newsletter.people_files.export_files import remove_old_exports
from newsletter.people_files.import_steps import remove_old_imports
from newsletter.people_files.models import ImportedFile

# A folder is made a moment before the row that names it.
UNNAMED_FOR = timedelta(hours=1)


def remove_old_people_files(now: datetime) -> int:
    """Remove the files of old imports and exports, and folders that no row names. Return how many."""
    removed = remove_old_imports(now) + remove_old_exports(now)
    named = {
        *ImportedFile.objects.exclude(folder="").values_list("folder", flat=True),
        *BackgroundJob.objects.exclude(folder="").values_list("folder", flat=True),
    }
    job_files.remove_old_folders(named, now - UNNAMED_FOR)
    return removed
