"""What people are searched by, kept apart from the people because a search reads many of these rows."""

from django.db import models


class SearchText(models.Model):
    """The folded name and address of a person (search/people_search_words.py). `id` is the number of the person.

    The database deletes it with the person (search/search_tables.py).
    """

    text = models.TextField()

    def __str__(self) -> str:
        return f"Search text {self.pk}"


class SearchTodo(models.Model):
    """A person whose search text must be written. `id` is the number of the person. The database adds the rows."""

    def __str__(self) -> str:
        return f"Search text {self.pk} to write"


class SearchRemoval(models.Model):
    """One row while the index may contain pieces of people who were deleted or changed, with how many there were."""

    times = models.BigIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.times} search texts to remove"
