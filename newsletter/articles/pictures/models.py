"""The pictures that emails show: what publishers or editors gave us, and the files that we made from it."""

from django.db import models


class OriginalPicture(models.Model):
    """A picture at its publisher's address, or one that an editor uploaded, and what became of it.

    `key` is the hash of the address, or of the uploaded file, whose `url` is empty. `used_at` is when an issue last
    needed it.
    """

    class State(models.TextChoices):
        READY = "ready", "Ready"
        FAILED = "failed", "Not fetched yet"
        UNSUITABLE = "unsuitable", "Cannot be shown"

    key = models.CharField(max_length=64, unique=True)
    url = models.CharField(max_length=2000, blank=True)
    state = models.CharField(max_length=20, choices=State)
    reason = models.TextField(blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    fetched_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.url or f"uploaded picture {self.pk}"


class PictureFile(models.Model):
    """A JPEG or PNG file that we serve. Its name is the hash of its content, so it never changes.

    `kept_since` is when the first email with a link to it was approved or sent: from then on it is never deleted.
    """

    name = models.CharField(max_length=40, unique=True)
    content = models.BinaryField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    kept_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name


class PictureVersion(models.Model):
    """Which file shows an original in one place of an email (see rewrite_picture.py)."""

    original = models.ForeignKey(OriginalPicture, on_delete=models.CASCADE, related_name="versions")
    place = models.CharField(max_length=20)
    file = models.ForeignKey(PictureFile, on_delete=models.PROTECT, related_name="versions")

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("original", "place"), name="picture_place_once"),)

    def __str__(self) -> str:
        return f"{self.original} as {self.place}"
