"""The app that keeps subscribers."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate

INSTALLS_GUARD = "subscribers.consent_guard"
INSTALLS_SEARCH = "subscribers.search.search_tables"


class SubscribersConfig(AppConfig):
    name = "subscribers"
    verbose_name = "Subscribers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Guard the consent log as soon as its table exists, and overwrite freed pages so that erased data is
        gone.
        """
        from subscribers import consent_guard, erasure, raw_sql, topic_removal  # noqa: F401 - topics listens to what is deleted
        from subscribers.search import search_tables

        post_migrate.connect(search_tables.install, sender=self, dispatch_uid=INSTALLS_SEARCH)
        post_migrate.connect(consent_guard.install, sender=self, dispatch_uid=INSTALLS_GUARD)
        connection_created.connect(consent_guard.fire_on_replace)
        connection_created.connect(raw_sql.add_functions)
        connection_created.connect(raw_sql.compile_nothing)
        connection_created.connect(erasure.overwrite_what_is_deleted)
