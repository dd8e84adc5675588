"""That the example is loaded, and which publication is its own."""

from django.db import models

from newsletter.issues.models import Publication

# The names of its sources in examples/publication.toml; a test compares them.
EXAMPLE_SOURCES = ("harbour-articles", "harbour-news")


class Example(models.Model):
    """The example that somebody loaded to look around. There is at most one."""

    publication = models.OneToOneField(Publication, on_delete=models.CASCADE, related_name="+")
    loaded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"the example {self.publication}"
