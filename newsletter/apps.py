"""The one Django app of the pipeline; the stages are folders inside it."""

from django.apps import AppConfig


class NewsletterConfig(AppConfig):
    name = "newsletter"
    verbose_name = "E-news"
    default_auto_field = "django.db.models.BigAutoField"
