"""Links by which people without an account read an issue before it is sent, and what is said and signed about it."""

from django.db import models
from django.utils import timezone

from newsletter.accounts.link_tokens import digest_of, new_nonce, token_of
from newsletter.issues.models import Issue, Publication

_SALT = "newsletter.proof-link"
# Stands in place of the name of somebody whose details were erased.
ERASED = "a former reviewer"


class ProofLink(models.Model):
    """A link for one named person to an issue that has not been sent. Nothing that is stored opens it.

    A row has the digest of its token, and the token is worked out from the secret key. With `address`, the link was
    only sent there, and no editor has seen it. `content` is the digest of the email when the link was made, if the link
    ends with the next change of the email; `changed_at` is when it did.
    """

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="proof_links")
    name = models.CharField(max_length=150)
    address = models.EmailField(max_length=254, blank=True)
    # The same for all spellings of one mailbox.
    key = models.CharField(max_length=254, blank=True, db_index=True)
    nonce = models.CharField(max_length=32)
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.CharField(max_length=150)
    account = models.BigIntegerField(null=True, blank=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    content = models.CharField(max_length=64, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"proof link {self.pk}"

    @property
    def token(self) -> str:
        """The token of the link."""
        return token_of(self.nonce, salt=_SALT)

    @property
    def has_expired(self) -> bool:
        """Whether the link has stopped working because of its age."""
        return self.expires_at <= timezone.now()

    def take_token(self) -> None:
        """Take a new token. The caller saves the row."""
        self.nonce = new_nonce()
        self.digest = digest_of(self.token)


class ProofComment(models.Model):
    """What somebody said about a part of an issue, or in reply to another comment.

    The author is the person of a link, or has an account. `part` is the name of the part (rendering/email_parts.py);
    with `field` and `quote`, the comment is about these words of one of its texts. `suggestion` has the words that
    somebody suggests instead: empty to leave the words out, and None without a suggestion.
    """

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="proof_comments")
    link = models.ForeignKey(
        ProofLink, on_delete=models.CASCADE, null=True, blank=True, related_name="comments"
    )
    author = models.CharField(max_length=150, blank=True)
    account = models.BigIntegerField(null=True, blank=True)
    reply_to = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="replies"
    )
    part = models.CharField(max_length=200)
    part_title = models.CharField(max_length=200)
    field = models.CharField(max_length=20, blank=True)
    quote = models.TextField(blank=True)
    text = models.TextField(blank=True)
    suggestion = models.TextField(null=True, blank=True)  # Empty words are a suggestion, too.
    made_at = models.DateTimeField(db_index=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.CharField(max_length=150, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"comment {self.pk}"

    @property
    def author_name(self) -> str:
        """The name of the author for pages."""
        return self.link.name if self.link else self.author


class Signature(models.Model):
    """Somebody's “I stand by this” for a part of an issue, bound to the digest of the part at that time.

    `signer` is `link 5` or `account 3`. A person signs a part once: signing again replaces the digest.
    """

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="signatures")
    link = models.ForeignKey(
        ProofLink, on_delete=models.CASCADE, null=True, blank=True, related_name="signatures"
    )
    author = models.CharField(max_length=150, blank=True)
    account = models.BigIntegerField(null=True, blank=True)
    signer = models.CharField(max_length=40)
    # By which a demanded signature is found. Empty if no mailbox vouches for the signer.
    key = models.CharField(max_length=254, blank=True)
    part = models.CharField(max_length=200)
    part_title = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("issue", "signer", "part"), name="part_signed_once_a_person"),
        )

    def __str__(self) -> str:
        return f"signature {self.pk}"

    @property
    def author_name(self) -> str:
        """The name of the signer for pages."""
        return self.link.name if self.link else self.author


class SignatureDemand(models.Model):
    """A publication's rule that every article with a topic needs the signature of a named person.

    The signature counts if it was given by a link that was sent to this address, or by the account with this address.
    """

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="signature_demands")
    topic = models.CharField(max_length=200)
    name = models.CharField(max_length=150)
    address = models.EmailField(max_length=254)
    key = models.CharField(max_length=254)

    class Meta:
        ordering = ("topic", "name", "id")
        constraints = (
            models.UniqueConstraint(fields=("publication", "topic", "key"), name="signature_demanded_once"),
        )

    def __str__(self) -> str:
        return f"{self.topic}: {self.name}"
