from email import message_from_bytes, policy
from mailbox import Maildir

from django.core.mail import EmailMultiAlternatives

BACKEND = "newsletter.sending.mail_backend.MaildirBackend"


def test_mails_of_the_press_itself_lie_in_a_maildir_of_their_own(home, settings):
    settings.EMAIL_BACKEND = BACKEND
    for subject in ("Bitte bestätigen", "Please confirm"):
        mail = EmailMultiAlternatives(
            subject, "Bitte drücken", "news@example.org", ["ada@bücher.example.org"]
        )
        mail.attach_alternative("<p>Bitte drücken</p>", "text/html")
        assert mail.send() == 1
    outbox = Maildir(home / "outbox-system")
    found = [message_from_bytes(each.as_bytes(), policy=policy.default) for each in outbox]
    assert {message["Subject"] for message in found} == {"Bitte bestätigen", "Please confirm"}
    for message in found:
        assert message.get_body(("plain",)).get_content().strip() == "Bitte drücken"
        assert "bücher.example.org" in message["To"] or "xn--bcher-kva" in message["To"]
