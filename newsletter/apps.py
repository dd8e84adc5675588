"""The Django app of the pipeline. The stages are folders inside it."""

from django.apps import AppConfig


class NewsletterConfig(AppConfig):
    name = "newsletter"
    verbose_name = "Newsletter"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the receivers: erasure and exports reach reports and answers, and changes reach the audit log."""
        from newsletter import audit_subscribers  # noqa: F401 - connects its receivers
        from newsletter.feedback import (  # noqa: F401 - connect their receivers
            end_hand_overs,
            export_person_answers,
            forget_cases,
        )
        from newsletter.issues import pasted_exclusions  # noqa: F401 - connects its receivers
        from newsletter.proof import export_and_erase_reviewers  # noqa: F401 - connects its receivers
        from newsletter.sending import export_person_emails  # noqa: F401 - connects its receivers
        from newsletter.tracking import export_and_erase_events  # noqa: F401 - connects its receivers
