"""What a browser's languages say about language and time zone."""

from zoneinfo import ZoneInfo

import pytest

from newsletter.first_run.guess_language_and_zone import (
    guess_language,
    guess_zone,
    zones,
    zones_by_old_name,
)


@pytest.mark.parametrize(
    ("asked", "language", "zone"),
    [
        ("en-GB,en;q=0.9", "en-GB", "Europe/London"),
        ("en", "en-GB", "Europe/London"),
        ("de", "de", "Europe/Berlin"),
        ("de-AT,de;q=0.8", "de-AT", "Europe/Vienna"),
        ("en-US,en;q=0.5", "en-US", "America/New_York"),
        ("fr-FR", "fr-FR", "Europe/Paris"),
        ("pl", "pl", "Europe/Warsaw"),
        ("cy", "cy", "Europe/London"),
        ("", "en-GB", "Europe/London"),
        ("*", "en-GB", "Europe/London"),
        ("xx-yy-zz, fr", "fr", "Europe/Paris"),
        ("<script>;\0," * 500, "en-GB", "Europe/London"),
    ],
)
def test_language_and_zone_are_guessed(asked, language, zone):
    assert guess_language(asked) == language
    assert guess_zone(language) == zone


def test_every_zone_that_can_be_chosen_exists():
    assert "Europe/London" in zones()
    assert all(ZoneInfo(zone) for zone in zones())


def test_a_zone_can_be_chosen_by_todays_name_alone():
    assert not {"Europe/Kiev", "Asia/Calcutta", "Australia/NSW", "America/ComodRivadavia"} & set(zones())
    assert {"Europe/Kyiv", "Asia/Kolkata", "Europe/Oslo", "Australia/Sydney", "UTC"} <= set(zones())
    assert len(set(zones())) == len(zones())
    assert not zones_by_old_name().keys() & set(zones())
    assert set(zones_by_old_name().values()) <= set(zones())
