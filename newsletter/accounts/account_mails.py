"""Emails about accounts, such as “your password was changed”. They wait in the database until the scheduler sends them.

The text of each is `templates/email/account/texts/KIND.txt`: the subject on the first line, and then paragraphs. See
newsletter/notifications/account_mail_sending.py for how they are sent.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.template import engines
from django.urls import reverse
from django.utils import timezone

from subscribers.clean_text import on_one_line


class AccountMail(models.Model):
    """One email about an account. Its link is deleted once it was sent, because the link may be secret."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Done"
        GIVEN_UP = "given up", "Given up"

    kind = models.CharField(max_length=40)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # The link of an invitation is not stored: it is worked out when the email is sent.
    invitation = models.ForeignKey(
        "newsletter.Invitation", on_delete=models.CASCADE, null=True, blank=True, related_name="mails"
    )
    # As that of an invitation.
    proof_link = models.ForeignKey(
        "newsletter.ProofLink", on_delete=models.CASCADE, null=True, blank=True, related_name="mails"
    )
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=400)
    paragraphs = models.JSONField(default=list)
    link = models.TextField(blank=True)
    button = models.CharField(max_length=60, blank=True)
    made_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    unanswered = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("state", "due_at"), name="account_mail_due"),)

    def __str__(self) -> str:
        return f"Email {self.pk} about an account ({self.kind})"


def queue_account_mail(
    kind: str,
    address: str,
    *,
    user: Any = None,
    invitation: Any = None,
    proof_link: Any = None,
    link: str = "",
    button: str = "",
    **context: Any,
) -> AccountMail | None:
    """Let the scheduler send an email to this address. Return None, without a mail, if the address is empty.

    `link` is the URL of the button, whose label is `button`; without it, it is that of
    the invitation or proof link, or of the desk.
    Values of the text template come from `context`.
    """
    if not address:
        return None
    subject, paragraphs = text_of(kind, **context)
    now = timezone.now()
    return AccountMail.objects.create(
        kind=kind,
        user=user,
        invitation=invitation,
        proof_link=proof_link,
        address=address,
        subject=subject[:400],
        paragraphs=paragraphs,
        link=link or f"{settings.NEWSLETTER.root_url}{reverse('desk:dashboard')}",
        button=button or "Open the newsletter desk",
        made_at=now,
        due_at=now,
    )


def text_of(kind: str, **context: Any) -> tuple[str, list[str]]:
    """Return the subject and the paragraphs of an email about an account."""
    known = {"site": settings.NEWSLETTER.root_url, **context}
    cleaned = {name: on_one_line(value) if isinstance(value, str) else value for name, value in known.items()}
    text = engines["jinja2"].get_template(f"email/account/texts/{kind}.txt").render(cleaned)
    subject, _line, rest = text.strip().partition("\n")
    paragraphs = [" ".join(each.split()) for each in rest.split("\n\n")]
    return subject.strip(), [each for each in paragraphs if each]
