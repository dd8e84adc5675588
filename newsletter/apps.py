"""The one Django app of the pipeline; the stages are folders inside it."""

from django.apps import AppConfig


class NewsletterConfig(AppConfig):
    name = "newsletter"
    verbose_name = "E-news"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have what came back forget who is erased."""
        from newsletter.tracking import forgetting  # noqa: F401 - connects its receivers
