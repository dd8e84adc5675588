"""The one Django app of the pipeline; the stages are folders inside it."""

from django.apps import AppConfig


class NewsletterConfig(AppConfig):
    name = "newsletter"
    verbose_name = "E-news"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have what came back forget who is erased, and the audit log know what is done to subscribers."""
        from newsletter import audit_subscribers  # noqa: F401 - connects its receivers
        from newsletter.tracking import erasure_hooks  # noqa: F401 - connects its receivers
