"""The email in a mail program: what is chosen is shown in a frame, and what is missing is listed."""

from newsletter.issues.models import Issue

HERE = "/desk/issues/harbour-letter/1/"
PAGE = f"{HERE}preview/program/"
FRAME = f"{HERE}email/program/"


def test_the_email_is_shown_as_a_program_shows_it(ruth):
    assert f'href="{PAGE}"' in ruth.get(f"{HERE}review/").content.decode()
    page = ruth.get(PAGE, {"client": "outlook/windows", "dark": "forced", "pictures": "off"}).content.decode()
    assert "The email as Outlook (Windows) shows it, in forced dark mode, without pictures" in page
    assert "border-radius" in page
    assert f'src="{FRAME}?client=outlook%2Fwindows&amp;dark=forced&amp;pictures=off"' in page
    frame = ruth.get(FRAME, {"client": "outlook/windows", "dark": "forced", "pictures": "off"})
    assert "border-radius" not in frame.content.decode()
    assert "invert(1)" in frame.content.decode()
    assert "img-src 'none'" in frame["Content-Security-Policy"]
    plain = ruth.get(FRAME, {"client": "apple-mail/ios"})
    assert "border-radius" in plain.content.decode()
    assert "img-src http:" in plain["Content-Security-Policy"]


def test_an_unknown_program_is_the_first_one(ruth):
    assert (
        "The email as Gmail (desktop webmail) shows it" in ruth.get(PAGE, {"client": "<b>"}).content.decode()
    )


def test_an_email_that_cannot_be_built_is_said_with_its_reason(ruth):
    Issue.objects.update(opening="{{ nothing }}")
    assert "We could not build the email: Introduction" in ruth.get(PAGE).content.decode()
    assert ruth.get(FRAME).status_code == 422
