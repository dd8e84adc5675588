"""Which account belongs to whom at the provider. Only the issuer and the subject together name a person."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

# OpenID Connect Core 1.0, section 2: a subject has at most 255 ASCII characters.
LONGEST_SUBJECT = 255


class SignInIdentity(models.Model):
    """The subject by which a provider names the owner of an account."""

    user: Any = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_in_identities"
    )
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=LONGEST_SUBJECT)
    linked_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("issuer", "subject"), name="sign_in_identity_once"),
            models.UniqueConstraint(fields=("user", "issuer"), name="sign_in_identity_of_user_once"),
        ]

    def __str__(self) -> str:
        return f"single sign-on for user {self.user_id}"
