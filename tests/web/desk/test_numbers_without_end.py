"""A number with thousands of digits in a form, which Python refuses to compute, is refused like any wrong number."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from newsletter.people_files.models import ImportedFile

DIGITS = "9" * 5_000
FORMS = {
    "a session": ("/desk/account/sessions/end/", {"session": DIGITS}),
    "an issue of articles": (
        "/desk/articles/act/",
        {"act": "add", "article": "1", "issue": f"harbour-letter/{DIGITS}"},
    ),
    "the size of a file": ("/desk/subscribers/import/", {"name": "people.csv", "size": DIGITS}),
}


@pytest.fixture
def ada(just_logged_in, publication):
    return just_logged_in("ada")


@pytest.mark.parametrize("form", FORMS)
def test_a_number_without_end_is_refused_like_any_wrong_number(ada, form):
    address, typed = FORMS[form]
    # The last one can be computed, but no column of a database is as wide.
    for number in (DIGITS, "many", "9" * 18):
        answer = ada.post(address, {name: text.replace(DIGITS, number) for name, text in typed.items()})
        assert 400 <= answer.status_code < 500


def test_the_place_of_a_part_of_a_file_is_refused_too(ada, mailing_list):
    ada.post("/desk/subscribers/import/", {"parts": "yes", "name": "people.csv", "size": "40"})
    part = f"/desk/subscribers/import/{ImportedFile.objects.get().pk}/part/"
    for number in (DIGITS, "many"):
        sent = {"from": number, "part": SimpleUploadedFile("part", b"email")}
        assert ada.post(part, sent).json()["sentence"].startswith("Part of the file did not arrive.")
