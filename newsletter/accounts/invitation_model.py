"""An invitation in the database. Nothing that is stored opens it.

A row has the digest of its token, and the token is worked out from the secret key.
"""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from newsletter.accounts import audit_log
from newsletter.accounts.actor import Role
from newsletter.accounts.link_tokens import digest_of, new_nonce, token_of
from newsletter.accounts.role_assignments import PublicationRole, describe_roles
from newsletter.accounts.role_holders import existing_publications
from subscribers.phrases import listed

_SALT = "newsletter.invitation"


class Invitation(models.Model):
    """An invitation to one address. It is open until it is accepted or withdrawn, even if it has expired."""

    address = models.EmailField(max_length=254)
    # The same for all spellings of one mailbox.
    key = models.CharField(max_length=254)
    grants = models.JSONField(
        help_text="The roles, each with the key of its publication, or null for all publications."
    )
    invited_by = models.CharField(max_length=150)
    account = models.BigIntegerField(
        null=True,
        blank=True,
        help_text="The account number of the person who sent the invitation. Empty if no person sent it.",
    )
    nonce = models.CharField(max_length=32)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("key",),
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="invitation_open_once",
            ),
        )

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    @property
    def token(self) -> str:
        """The token of its link."""
        return token_of(self.nonce, salt=_SALT)

    @property
    def roles(self) -> list[Role]:
        """The roles for all publications that the person gets."""
        return [Role(grant["role"]) for grant in self.grants if grant["publication"] is None]

    @property
    def publication_roles(self) -> list[PublicationRole]:
        """The roles for single publications that the person gets, for those that still exist."""
        there_are = existing_publications(key for key, _role in self.single_grants)
        return [(key, role) for key, role in self.single_grants if key in there_are]

    @property
    def single_grants(self) -> list[PublicationRole]:
        """The same, also for publications that were removed since."""
        return [(grant["publication"], Role(grant["role"])) for grant in self.grants if grant["publication"]]

    @property
    def role_words(self) -> list[str]:
        """The roles in words, such as “approver” and “editor of The Weekly”."""
        return describe_roles(self.roles, self.publication_roles)

    @property
    def is_open(self) -> bool:
        """Whether it was neither accepted nor withdrawn."""
        return self.accepted_at is None and self.withdrawn_at is None

    @property
    def has_expired(self) -> bool:
        """Whether its link has stopped working because of its age."""
        return self.expires_at <= timezone.now()

    def renew(self) -> None:
        """Take a new token, which ends the link before, and the whole time again. The caller saves it."""
        self.nonce = new_nonce()
        self.digest = digest_of(self.token)
        self.expires_at = timezone.now() + timedelta(days=settings.NEWSLETTER.invitation_days)


def record_invitation(did: str, invitation: Invitation, changes: audit_log.Changes) -> None:
    """Record in the audit log what somebody did with an invitation. The log does not store the address."""
    audit_log.write(
        "user",
        f"{did} (role: {listed(invitation.role_words)}).",
        thing=str(invitation),
        changes=changes,
    )
