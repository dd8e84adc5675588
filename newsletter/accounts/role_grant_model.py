"""The roles that each user was given, for all publications or for single ones."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from newsletter.accounts.actor import Role


class RoleGrant(models.Model):
    """One role of one user. Without a publication, it counts for all of them."""

    user: Any = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="role_grants"
    )
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])
    publication: Any = models.ForeignKey(
        "newsletter.Publication", null=True, blank=True, on_delete=models.CASCADE, related_name="role_grants"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("user", "role", "publication"), name="role_grant_once"),
            models.UniqueConstraint(
                fields=("user", "role"), condition=Q(publication=None), name="role_grant_for_all_once"
            ),
        ]

    def __str__(self) -> str:
        return self.role
