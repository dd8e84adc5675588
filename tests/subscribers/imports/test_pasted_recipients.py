import csv
import io

import pytest

from subscribers.imports.pasted_recipients import recipients_as_csv


def cells(text: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text)) for cell in row]


@pytest.mark.parametrize(
    ("text", "expected", "count"),
    [
        (
            (
                'Ann <ann@example.org>, bob@example.org; jo@example.org\n"Müller, Zoë" <zoe@example.org>\n'
                "rubbish\neve@example.org eva@example.org\nruth@example.org"
            ),
            [
                "Ann <ann@example.org>", "bob@example.org", "jo@example.org", '"Müller, Zoë" <zoe@example.org>',
                "eve@example.org", "eva@example.org", "ruth@example.org", "rubbish",
            ],
            7,
        ),
        ("Jo Fox, jo@example.org\nbob@example.org", ['"Jo Fox" <jo@example.org>', "bob@example.org"], 2),
        (
            "Müller, Zoë <zoe@example.org>; Fox, Jo <jo@example.org>;",
            ["Müller, Zoë <zoe@example.org>", "Fox, Jo <jo@example.org>"],
            2,
        ),
        ("bob@@example.org, jo@example.org", ["jo@example.org", "bob@@example.org"], 1),
        ("\r\n ann@example.org \r\n\r\n<bob@example.org>,\r\n", ["ann@example.org", "<bob@example.org>"], 2),
        ('"Ann <ann@example.org>\nbob@example.org', ["bob@example.org", '"Ann <ann@example.org>'], 1),
    ],
)  # fmt: skip
def test_every_address_of_a_to_field_is_found(text, expected, count):
    rows, found = recipients_as_csv(text)

    assert (cells(rows), found) == (expected, count)


@pytest.mark.parametrize(
    "text",
    [
        "Name,Email\nAnn,ann@example.org",
        "Ann\tann@example.org\nBob\tbob@example.org, home@example.org",
        "Ann,ann@example.org\nBob,bob@example.org",
        "ann@example.org, unsubscribed\nbob@example.org, jo@example.org",
        "unsubscribed, ann@example.org\nbob@example.org, jo@example.org",
        "do not email, ann@example.org\nbob@example.org, jo@example.org",
        "Lee, Ann, ann@example.org\nbob@example.org",
        "rubbish",
        "\n",
        "",
    ],
)
def test_a_table_and_a_text_that_says_more_stay_as_they_are(text):
    assert recipients_as_csv(text) == (text, 0)
