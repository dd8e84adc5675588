"""The URLs of the system: its checks, backups, and the installation that may send."""

from django.urls import path

from newsletter.web.desk.settings import backup_pages, system_pages

SYSTEM = "settings/system/"
BACKUPS = f"{SYSTEM}backups/"

urlpatterns = [
    path(SYSTEM, system_pages.system, name="system"),
    path(f"{SYSTEM}checks/", system_pages.run_checks, name="run-checks"),
    path(f"{SYSTEM}sending/", system_pages.adopt_instance, name="adopt-instance"),
    path(BACKUPS, backup_pages.backups, name="backups"),
    path(f"{BACKUPS}make/", backup_pages.back_up_now, name="back-up-now"),
    path(f"{BACKUPS}plan/", backup_pages.change_backup_plan, name="change-backup-plan"),
    path(f"{BACKUPS}<int:backup>/download/", backup_pages.download_backup, name="download-backup"),
    path(f"{BACKUPS}<int:backup>/remove/", backup_pages.remove_stored_backup, name="remove-backup"),
]
