"""Where a subscription or a change of it came from."""

from django.db import models


class SourceKind(models.TextChoices):
    """How something came in."""

    FORM = "form", "Form"
    IMPORT = "import", "Import"
    API = "api", "API"
    EDITOR = "editor", "Editor"
    EMAIL_LINK = "link", "Link in an email"
    PROVIDER = "provider", "Mail provider"
    SCHEDULER = "scheduler", "Scheduler"
