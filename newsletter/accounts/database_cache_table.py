"""The table of Django's database cache, in which django-allauth counts attempts for all processes together."""

from django.db import models


class CachedValue(models.Model):
    """One value of the cache. Only Django's cache uses it; the columns are those of `createcachetable`."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "newsletter_cache"

    def __str__(self) -> str:
        return "a cached value"
