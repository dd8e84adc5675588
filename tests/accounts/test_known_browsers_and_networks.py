"""The browsers and networks from which somebody has logged in before."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from newsletter.accounts.known_browsers_and_networks import (
    Known,
    KnownNetwork,
    device_of,
    is_known_device,
    note_known_network,
    place_of,
)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("192.0.2.1", Known.HOUSEHOLD),
        ("::ffff:192.0.2.1", Known.HOUSEHOLD),
        ("192.0.2.2", Known.NETWORK),
        ("192.0.3.1", Known.NOT),
        ("2001:db8:1:2::9", Known.HOUSEHOLD),
        ("2001:db8:1:3::1", Known.NETWORK),
        ("2001:db8:2:2::1", Known.NOT),
        ("", Known.NOT),
    ],
)
def test_an_address_is_known_by_itself_or_by_its_network(address, known):
    for before in ("192.0.2.1", "2001:db8:1:2::1"):
        note_known_network("ruth", before)
    assert place_of("ruth", address).known is known
    assert place_of("amir", address).known is Known.NOT


def test_a_browser_is_known_to_its_own_name_from_everywhere():
    device = device_of("ruth")
    assert place_of("ruth", "192.0.2.1", device=device).known is Known.DEVICE
    assert place_of("amir", "192.0.2.1", device=device).known is Known.NOT
    assert not is_known_device("amir", device)


def test_places_are_forgotten_half_a_year_after_the_last_time():
    with time_machine.travel(NOON, tick=False) as clock:
        note_known_network("ruth", "192.0.2.1")
        clock.shift(timedelta(days=100))
        note_known_network("ruth", "192.0.2.7")
        clock.shift(timedelta(days=100))
        assert place_of("ruth", "192.0.2.1").known is Known.NETWORK
        assert place_of("ruth", "192.0.2.7").known is Known.HOUSEHOLD
        note_known_network("amir", "198.51.100.1")
        assert KnownNetwork.objects.count() == 4


def test_neither_names_nor_networks_are_stored_as_they_are():
    note_known_network("ruth", "192.0.2.1")
    stored = " ".join(f"{each.name} {each.place}" for each in KnownNetwork.objects.all())
    assert "ruth" not in stored
    assert "." not in stored
