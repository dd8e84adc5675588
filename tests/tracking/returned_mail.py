"""Bounces and complaints as mail servers write them."""

TO = "bounces@example.org"


def bounce(
    to=TO,
    *,
    action="failed",
    status="5.1.1",
    diagnostic="smtp; 550 5.1.1 <ana@example.org>: User unknown",
    returned="",
    blocks=1,
    encoding="7bit",
    status_part=None,
):
    """A bounce as Postfix writes one (RFC 3464), to a return path."""
    each = f"Final-Recipient: rfc822; ana@example.org\nAction: {action}\nStatus: {status}\n"
    if diagnostic:
        each += f"Diagnostic-Code: {diagnostic}\n"
    said = "\n".join(["Reporting-MTA: dns; mail.example.org\n", *[each] * blocks])
    return _report(
        to, "delivery-status", "message/delivery-status", status_part or said, returned, encoding=encoding
    )


def complaint(to=TO, *, kind="abuse", returned=""):
    """A complaint as a provider writes one (RFC 5965)."""
    said = f"Feedback-Type: {kind}\nUser-Agent: Provider/1.0\nVersion: 1\n"
    return _report(to, "feedback-report", "message/feedback-report", said, returned)


def free_text(to=TO, *, says="Remote host said: 550 5.1.1 User unknown", returned="Subject: Tides"):
    """A bounce as qmail writes one."""
    text = f"""Return-Path: <>
Delivered-To: {to}
Date: 28 Nov 2026 09:00:00 -0000
From: MAILER-DAEMON@mail.example.org
To: {to}
Subject: failure notice

Hi. This is the qmail-send program at mail.example.org.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ana@example.org>:
192.0.2.1 does not like recipient.
{says}
Giving up on 192.0.2.1.

--- Below this line is a copy of the message.

{returned}

Hello
"""
    return text.replace("\n", "\r\n").encode()


def reply(to=TO, *, subject="Re: Tides", headers=""):
    """What a person, or their notice of absence, answers."""
    text = f"Return-Path: <ana@example.org>\nFrom: ana@example.org\nTo: {to}\nSubject: {subject}\n{headers}"
    return f"{text}\nThank you!\n".encode()


def _report(to, report_type, content_type, said, returned, *, encoding="7bit"):
    text = f"""Return-Path: <>
Delivered-To: {to}
From: MAILER-DAEMON@mail.example.org (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type={report_type};
\tboundary="4Xyz.17/mail.example.org"

This is a MIME-encapsulated message.

--4Xyz.17/mail.example.org
Content-Description: Notification
Content-Type: text/plain; charset=utf-8

I'm sorry to have to inform you that your message could not be delivered.

--4Xyz.17/mail.example.org
Content-Description: Report
Content-Type: {content_type}
Content-Transfer-Encoding: {encoding}

{said}
--4Xyz.17/mail.example.org
Content-Description: Undelivered Message
Content-Type: message/rfc822

{returned or "Subject: Tides"}

Hello
--4Xyz.17/mail.example.org--
"""
    return text.replace("\n", "\r\n").encode()
